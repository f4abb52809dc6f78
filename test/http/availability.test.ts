// One caller must not stall the others: what is asked is bounded before it is read, what comes slowly is cut, what nobody waits for ends.
import net from 'node:net';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { workFor } from '../../src/lib/work.ts';
import { searchSql } from '../../src/postgres/pool.ts';
import { ADMIN_TOKEN, startApp, type TestApp } from '../support/app.ts';
import { codes } from '../support/people.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const port = () => Number(new URL(app.url).port);
const LARGE = 1024 * 1024;

/** Sends `head` and then nothing of the body; what comes back until the server ends the connection, or has answered. */
function unfinished(head: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port(), '127.0.0.1', () => socket.write(head));
    let answer = '';
    socket.on('data', (data) => {
      answer += data.toString();
    });
    socket.once('close', () => resolve(answer));
    socket.once('error', reject);
  });
}

describe('a stranger', () => {
  test('is refused before the body is read, whatever its length', async () => {
    const answer = await unfinished(
      `POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${30 * LARGE}\r\n\r\n{"query":"{ serverInfo { version } }","variables":{"a":"`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
    expect(answer).toContain('TOO_LARGE');
    expect(answer).toMatch(/connection: close/i);
  });

  test('is refused as well where the length is not announced', async () => {
    const chunk = 'x'.repeat(LARGE);
    const body = new ReadableStream({
      pull(controller) {
        controller.enqueue(new TextEncoder().encode(chunk));
      },
    });
    const sent = fetch(`${app.url}/graphql`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
      duplex: 'half',
    } as RequestInit);
    // The connection may end while the client still sends.
    const status = await sent.then(
      (response) => response.status,
      () => 413,
    );
    expect(status).toBe(413);
  });

  test('can sign in, and ask for the schema as tools do', async () => {
    const mutation = 'mutation($i: SignInInput!) { signIn(input: $i) { accessToken } }';
    expect(await codes(app, mutation, { i: { email: 'admin@example.com', password: 'wrong horse battery' } }, { token: null })).toEqual([
      'UNAUTHENTICATED',
    ]);
    const { getIntrospectionQuery } = await import('graphql');
    const { body } = await app.graphql(getIntrospectionQuery(), {}, { token: null });
    expect(body.errors).toBeUndefined();
    expect(body.data.__schema.types.length).toBeGreaterThan(100);
  });

  test('gets the schema once for a query, not for each alias', async () => {
    const names = Array.from({ length: 50 }, (_none, index) => `a${index}: name`).join(' ');
    expect(await codes(app, `{ __schema { types { fields { ${names} } } } }`, {}, { token: null })).toEqual(['LIMIT_EXCEEDED']);
    const schemas = Array.from({ length: 11 }, (_none, index) => `s${index}: __schema { queryType { name } }`).join(' ');
    expect(await codes(app, `{ ${schemas} }`, {}, { token: null })).toEqual(['LIMIT_EXCEEDED']);
    const fragment = `{ __schema { types { ...T } } } fragment T on __Type { fields { ${names} } }`;
    expect(await codes(app, fragment, {}, { token: null })).toEqual(['LIMIT_EXCEEDED']);
  });
});

test("a variable's default counts like a value that is given", async () => {
  const query = (first: number) =>
    `query($n: Int = ${first}) { team(slug: "default") { runs(first: $n) { nodes { children(first: $n) { nodes { runId } } } } } }`;
  expect(await codes(app, query(1_000))).toEqual(['LIMIT_EXCEEDED']);
  expect(await codes(app, query(100))).toEqual([]);
  expect(await codes(app, query(1_000), { n: 100 })).toEqual([]);
  expect(await codes(app, query(100), { n: 1_000 })).toEqual(['LIMIT_EXCEEDED']);
});

test('web sockets that never say who they are leave places for those who do', async () => {
  const open = (count: number) =>
    Promise.all(
      Array.from(
        { length: count },
        () =>
          new Promise<WebSocket | number>((resolve) => {
            const socket = new WebSocket(`${app.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
            socket.once('open', () => resolve(socket));
            socket.once('unexpected-response', (_request, response) => resolve(response.statusCode!));
            socket.once('error', () => {});
          }),
      ),
    );
  const silent = await open(120);
  const refused = silent.filter((one) => typeof one === 'number');
  expect(refused).toContain(503);
  expect(refused.length).toBeGreaterThanOrEqual(70);
  const opened = silent.filter((one): one is WebSocket => typeof one !== 'number');
  const closed = Promise.all(opened.map((socket) => new Promise<number>((resolve) => socket.once('close', resolve))));
  // Those who say nothing are closed within seconds, by the code that the protocol has for it.
  expect(new Set(await closed)).toEqual(new Set([4408]));
  const [next] = await open(1);
  const socket = next as WebSocket;
  const acknowledged = new Promise<string>((resolve) => socket.once('message', (data) => resolve(String(data))));
  socket.send(JSON.stringify({ type: 'connection_init', payload: { token: ADMIN_TOKEN } }));
  expect(JSON.parse(await acknowledged)).toEqual({ type: 'connection_ack' });
  socket.close();
});

test('a search that nobody waits for any more ends in Postgres too', async () => {
  const left = new AbortController();
  const sleeping = workFor({ caller: 'team 1', signal: left.signal }, () =>
    app.deps.db.rows(searchSql('/* availability.sleep */ select pg_sleep(300)')),
  );
  const refused = expect(sleeping).rejects.toMatchObject({ kind: 'timeout' });
  const running = async () =>
    (
      await app.deps.db.rows<{ n: number }>({
        text: `select count(*)::integer as n from pg_stat_activity where query like '/* availability.sleep */%' and state = 'active'`,
      })
    )[0]!.n;
  await vi.waitFor(async () => expect(await running()).toBe(1), { timeout: 300_000 });
  left.abort();
  await refused;
  await vi.waitFor(async () => expect(await running()).toBe(0), { timeout: 300_000 });
});
