export function buildPage(): void;
