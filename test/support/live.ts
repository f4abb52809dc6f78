// Subscriptions for tests: clients over graphql-transport-ws, and a second server on the same database.
import type { AddressInfo } from 'node:net';
import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { buildApp } from '../../src/app.ts';
import { openDeps } from '../../src/process.ts';
import type { TestApp } from './app.ts';

/** Another server process, as far as it matters: connections, events and caches of its own. */
export async function secondServer(app: TestApp): Promise<{ url: string; close(): Promise<void> }> {
  const deps = await openDeps(app.deps.config, app.deps.config.databaseUrl!, app.deps.log);
  const server = await buildApp(deps);
  await server.listen({ host: '127.0.0.1', port: 0 });
  return {
    url: `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    async close() {
      await server.close();
      await deps.close();
    },
  };
}

export const liveClient = (url: string, token: string): Client =>
  createClient({ url: `${url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket, connectionParams: { token }, retryAttempts: 0, lazy: true });

export type Live<T> = { seen: T[]; until(done: (seen: T[]) => boolean, what?: string): Promise<T[]>; fault: Promise<unknown>; stop(): void };

/** Follows a subscription, gathering the values of its only field. */
export function follow<T>(client: Client, query: string, variables: Record<string, unknown> = {}): Live<T> {
  const seen: T[] = [];
  let changed = () => {};
  let fail: (error: unknown) => void;
  const fault = new Promise<unknown>((resolve) => {
    fail = resolve;
  });
  const stop = client.subscribe<Record<string, T>>(
    { query, variables },
    {
      next({ data, errors }) {
        if (errors) return fail(errors);
        seen.push(Object.values(data!)[0] as T);
        changed();
      },
      error: (error) => fail(error),
      complete: () => {},
    },
  );
  return {
    seen,
    fault,
    stop,
    async until(done, what = 'what was awaited') {
      const late = Date.now() + 300_000;
      while (!done(seen)) {
        if (Date.now() > late) throw new Error(`${what} didn't come; this did: ${JSON.stringify(seen)}`);
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, 200);
          changed = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      return seen;
    },
  };
}
