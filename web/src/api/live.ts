// What moves by itself: subscriptions over one web socket that opens when the first is needed and comes back after a break.
import type { Client } from 'graphql-ws';
import { type Document, serverUrl } from './client.ts';
import { backOrAfter, check, connection, heard } from './connection.ts';
import { accessToken } from './session.ts';

const LONGEST_WAIT_MS = 10_000;

let client: Promise<Client> | null = null;

/** Until it is there: without it nothing on the page would move again. */
async function load(): Promise<typeof import('graphql-ws')> {
  for (;;) {
    try {
      return await import('graphql-ws');
    } catch {
      await backOrAfter(LONGEST_WAIT_MS);
    }
  }
}

function connect(): Promise<Client> {
  client ??= load().then(({ createClient }) => {
    const url = serverUrl('graphql');
    url.protocol = url.protocol.replace('http', 'ws');
    return createClient({
      url: url.href,
      lazy: true,
      lazyCloseTimeout: 5_000,
      retryAttempts: Number.POSITIVE_INFINITY,
      shouldRetry: () => true,
      // As soon as the server answers again, however long it was away.
      retryWait: async (tries) => {
        if (connection() === 'offline') await backOrAfter(LONGEST_WAIT_MS);
        await new Promise((resolve) => setTimeout(resolve, Math.min(LONGEST_WAIT_MS, 300 * 2 ** tries) * (0.5 + Math.random() / 2)));
      },
      on: { connected: heard, closed: (event) => (event as CloseEvent).wasClean || void check() },
      connectionParams: async () => ({ Authorization: `Bearer ${(await accessToken()) ?? ''}` }),
    });
  });
  return client;
}

type On<R> = {
  next: (value: R) => void;
  /** Where the stream has come to. After a broken connection it goes on behind the last one told, so that nothing is missed. */
  cursorOf: (value: R) => string;
  /** The server has forgotten that place, or too much has happened since: what is shown has to be read again. Followed anew from now on. */
  lost: () => void;
  fault?: (error: unknown) => void;
};

/** Follows until the returned function is called. `variables.after`: go on behind that cursor. Broken connections mend by themselves. */
export function follow<R, V extends { after?: string | null }>(document: Document<R, V>, variables: V, on: On<R>): () => void {
  // The client sends this object again when it reconnects, with the cursor that it holds by then.
  const asked = { ...variables };
  let stop: (() => void) | null = null;
  let stopped = false;
  const start = (socket: Client) => {
    if (stopped) return;
    stop = socket.subscribe<R>(
      { query: document.toString(), variables: asked },
      {
        next: ({ data }) => {
          if (!data) return;
          asked.after = on.cursorOf(data);
          on.next(data);
        },
        error: (error) => {
          if (!asked.after) {
            on.fault?.(error);
            return;
          }
          asked.after = null;
          on.lost();
          start(socket);
        },
        complete: () => undefined,
      },
    );
  };
  void connect().then(start);
  return () => {
    stopped = true;
    stop?.();
  };
}
