// One process that serves: builds the app and listens. main.ts does it alone, or each of its workers does (workers.ts).
import type { AddressInfo } from 'node:net';
import { buildApp } from './app.ts';
import type { Deps } from './context.ts';
import { ALONE, type Siblings } from './http/counts.ts';

/** How long what was accepted may take once the server is to stop. */
export const CLOSE_WITHIN_MS = 30_000;

export type Serving = { address: string; close(): Promise<void> };

/** Listens where the configuration says. Throws EADDRINUSE. */
export async function serve(deps: Deps, siblings: Siblings = ALONE): Promise<Serving> {
  const { config } = deps;
  const app = await buildApp(deps, siblings);
  const verb = siblings.workers > 1 ? `worker ${siblings.number} of ${siblings.workers} listens` : 'serving';
  await app.listen({ host: config.host, port: config.port, listenTextResolver: (at) => `${verb} at ${at}` });
  const { port } = app.server.address() as AddressInfo;
  const address = config.publicUrl ?? `http://${config.host === '0.0.0.0' || config.host === '::' ? '127.0.0.1' : config.host}:${port}`;
  // Signed artifact addresses are built from it.
  config.publicUrl ??= address;
  return { address, close: () => app.close() };
}
