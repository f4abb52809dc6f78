// The part of @20minutes/s3rver (which has no types) that tests use.
declare module '@20minutes/s3rver' {
  // biome-ignore lint/style/noDefaultExport: it is how the package exports it
  export default class S3rver {
    constructor(options: { address: string; port: number; directory: string; silent: boolean; allowMismatchedSignatures: boolean });
    run(): Promise<{ address: string; port: number }>;
    close(): Promise<void>;
  }
}
