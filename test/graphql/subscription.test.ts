// metricPoints over graphql-transport-ws, as a client library speaks it.
import { type Client, createClient } from 'graphql-ws';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { ADMIN_TOKEN, startApp, type TestApp } from '../support/app.ts';
import { data, seedPerson } from '../support/people.ts';

let app: TestApp;
let runId: string;
const clients: Client[] = [];

beforeAll(async () => {
  // The half-minute's look at every connection never comes: what ends, ends by its own time or by an event.
  const every = setInterval;
  const rarely = (run: () => void, ms: number) => every(run, ms === 30_000 ? 86_400_000 : ms);
  vi.spyOn(globalThis, 'setInterval').mockImplementation(rarely as typeof setInterval);
  app = await startApp();
  vi.restoreAllMocks();
  runId = (await data(app, 'mutation { createRun(input: {experimentId: "0"}) { run { runId } } }')).createRun.run.runId;
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.dispose();
});
afterAll(() => app.close());

const connect = (connectionParams: Record<string, unknown> | undefined, path = '/graphql') => {
  const client = createClient({ url: app.url.replace('http', 'ws') + path, webSocketImpl: WebSocket, connectionParams, retryAttempts: 0 });
  clients.push(client);
  return client;
};
type Batch = { cursor: string; points: { runId: string; key: string; step: number; value: number | string }[] };
const follow = (client: Client, variables: Record<string, unknown>) =>
  client.iterate<{ metricPoints: Batch }>({
    query:
      'subscription($r: [String!]!, $k: [String!], $a: String) { metricPoints(runIds: $r, keys: $k, after: $a) { cursor points { runId key step value } } }',
    variables,
  });
const next = async (batches: ReturnType<typeof follow>): Promise<Batch> => {
  const { value } = await batches.next();
  if (value?.errors) throw new Error(JSON.stringify(value.errors));
  return value!.data!.metricPoints;
};
const log = (key: string, value: number | string, step: number) =>
  data(app, 'mutation($r: String!, $m: [MetricInput!]) { logBatch(input: {runId: $r, metrics: $m}) { run { runId } } }', {
    r: runId,
    m: [{ key, value, step }],
  });

it('sends new points, those of the keys asked for, and goes on from a cursor', async () => {
  await log('loss', 1, 0);
  const batches = follow(connect({ Authorization: `Bearer ${ADMIN_TOKEN}` }), { r: [runId], k: ['loss'] });
  const first = await next(batches);
  expect(first.points).toEqual([]);
  await log('other', 5, 0);
  await log('loss', 'NaN', 1);
  const second = await next(batches);
  expect(second.points).toEqual([{ runId, key: 'loss', step: 1, value: 'NaN' }]);
  await batches.return?.();

  // Away while points are logged: none is lost, none comes twice.
  await log('loss', 3, 2);
  const again = follow(connect({ token: ADMIN_TOKEN }, '/t/default/graphql'), { r: [runId], a: second.cursor });
  expect((await next(again)).points).toEqual([{ runId, key: 'loss', step: 2, value: 3 }]);
  await log('loss', 4, 3);
  expect((await next(again)).points).toMatchObject([{ step: 3 }]);
});

it('refuses what is not the viewer’s, not there, or no subscription', async () => {
  await app.seedTeam('others');
  const stranger = await seedPerson(app, 'stranger@example.com', 'others');
  const code = async (client: Client, query: string, variables = {}) => {
    try {
      const { value } = await client.iterate({ query, variables }).next();
      return value?.errors?.[0]?.extensions?.code;
    } catch (error) {
      return (error as { extensions?: { code: string } }[])[0]?.extensions?.code ?? String((error as { code?: number }).code);
    }
  };
  const points = 'subscription($r: [String!]!) { metricPoints(runIds: $r) { cursor } }';
  const foreign = connect({ token: stranger.token });
  expect(await code(foreign, points, { r: [runId] })).toBe('NOT_FOUND');
  expect(await code(foreign, points, { r: ['0'.repeat(32)] })).toBe('NOT_FOUND');
  expect(await code(foreign, points, { r: [] })).toBe('NOT_FOUND');
  expect(await code(foreign, '{ serverInfo { version } }')).toBe('INVALID_ARGUMENT');
  expect(await code(foreign, 'subscription { nothing }')).toBe('INVALID_ARGUMENT');
  expect(
    await code(connect({ token: ADMIN_TOKEN }), 'subscription($r: [String!]!) { metricPoints(runIds: $r, after: "x") { cursor } }', { r: [runId] }),
  ).toBe('INVALID_ARGUMENT');
  expect(await code(connect({ token: 'B'.repeat(40) }), points, { r: [runId] })).toBe('4403');
  expect(await code(connect(undefined), points, { r: [runId] })).toBe('4403');
});

it('ends with its token, when that expires and when it is revoked', async () => {
  const make = async (expiresAt: string | null) =>
    (await data(app, 'mutation($e: DateTime) { createApiToken(input: {name: "t", expiresAt: $e}) { secret apiToken { id } } }', { e: expiresAt }))
      .createApiToken;
  const closed = (token: string) =>
    new Promise<number>((resolve) => {
      const client = connect({ token });
      client.on('closed', (event) => resolve((event as { code: number }).code));
      follow(client, { r: [runId] })
        .next()
        .catch(() => {});
    });
  const short = await make(new Date(Date.now() + 3_000).toISOString());
  expect(await closed(short.secret)).toBe(4403);
  const long = await make(null);
  const end = closed(long.secret);
  await data(app, 'mutation($i: ID!) { revokeApiToken(input: {id: $i}) { apiToken { id } } }', { i: long.apiToken.id });
  expect(await end).toBe(4403);
});

it('does not keep the server from closing', async () => {
  const own = await startApp();
  const client = createClient({
    url: `${own.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { token: ADMIN_TOKEN },
    retryAttempts: 0,
  });
  const made = await data(own, 'mutation { createRun(input: {experimentId: "0"}) { run { runId } } }');
  const batches = follow(client, { r: [made.createRun.run.runId] });
  await next(batches);
  await own.close();
  await client.dispose();
});
