// The types of demo.mjs, for the tests.
export type DemoApi = {
  post(path: string, body: unknown): Promise<Record<string, never>>;
  patch(path: string, body: unknown): Promise<Record<string, never>>;
  upload(artifactUri: string, path: string, content: string | Uint8Array): Promise<void>;
};
export type Demo = { experimentId: string; bestRun: string; runIds: string[]; running: string; model: string; modelId: string };
/** A PNG of a confusion matrix. */
export function picture(random?: () => number): Buffer;
export function client(at: { url: string; token: string; team?: string }): DemoApi;
export function randomOf(seed: number): () => number;
export function seedDemo(at: { url: string; token: string; team?: string; now?: number; runs?: number }): Promise<Demo>;
