export const checksum: (text: string) => string;
export const parseLock: (text: string) => Map<string, string[]>;
export const readLock: () => Map<string, string[]>;
export const readMigrations: () => Map<string, string>;
