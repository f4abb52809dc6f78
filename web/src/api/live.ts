// What moves by itself: subscriptions over one web socket that opens when the first is needed and comes back after a break.
import type { Client } from 'graphql-ws';
import { type Document, serverUrl } from './client.ts';
import { accessToken } from './session.ts';

let client: Promise<Client> | null = null;

function connect(): Promise<Client> {
  client ??= import('graphql-ws').then(({ createClient }) => {
    const url = serverUrl('graphql');
    url.protocol = url.protocol.replace('http', 'ws');
    return createClient({
      url: url.href,
      lazy: true,
      lazyCloseTimeout: 5_000,
      retryAttempts: Number.POSITIVE_INFINITY,
      shouldRetry: () => true,
      connectionParams: async () => ({ Authorization: `Bearer ${(await accessToken()) ?? ''}` }),
    });
  });
  return client;
}

/** Follows until the returned function is called. Faults are the server's refusals; broken connections mend by themselves. */
export function follow<R, V extends Record<string, unknown>>(
  document: Document<R, V>,
  variables: V,
  on: { next: (value: R) => void; fault?: (error: unknown) => void },
): () => void {
  let stop: (() => void) | null = null;
  let stopped = false;
  void connect().then((socket) => {
    if (stopped) return;
    stop = socket.subscribe<R>(
      { query: document.toString(), variables },
      { next: ({ data }) => data && on.next(data), error: (error) => on.fault?.(error), complete: () => undefined },
    );
  });
  return () => {
    stopped = true;
    stop?.();
  };
}
