// Requests that are too large, malformed or hostile: each gets a clear refusal, none a stack or a 5xx.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN_TOKEN, startApp, type TestApp } from '../support/app.ts';
import { codes } from '../support/people.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

type Refused = { errors: { extensions: { code: string } }[] };

const nested = (depth: number) => `{ team(slug: "default") { runs { nodes ${'{ parent '.repeat(depth)} { runId } ${'}'.repeat(depth)} } } }`;
const send = (init: RequestInit & { path?: string }) =>
  fetch(`${app.url}${init.path ?? '/graphql'}`, { ...init, headers: { authorization: `Bearer ${ADMIN_TOKEN}`, ...init.headers } });

describe('limits', () => {
  it('hold for depth, page sizes, aliases, selections and text', async () => {
    expect(await codes(app, nested(5))).toEqual([]);
    expect(await codes(app, nested(20))).toEqual(['LIMIT_EXCEEDED']);
    const pages = (first: number) => `{ team(slug: "default") { experiments(first: 100) { nodes { runs(first: ${first}) { nodes { runId } } } } } }`;
    expect(await codes(app, pages(1_000))).toEqual([]);
    expect(
      await codes(app, `query($n: Int) { team(slug: "default") { runs(first: $n) { nodes { children(first: $n) { nodes { runId } } } } } }`, {
        n: 400,
      }),
    ).toEqual(['LIMIT_EXCEEDED']);
    expect(await codes(app, pages(1_001))).toEqual(['LIMIT_EXCEEDED']);
    expect(await codes(app, '{ team(slug: "default") { runs(first: 1001) { nodes { runId } } } }')).toEqual(['LIMIT_EXCEEDED']);
    expect(await codes(app, '{ team(slug: "default") { runs(first: 0) { nodes { runId } } } }')).toEqual(['INVALID_ARGUMENT']);
    expect(await codes(app, `{ ${Array.from({ length: 201 }, (_, i) => `a${i}: serverInfo { version }`).join(' ')} }`)).toEqual(['LIMIT_EXCEEDED']);
    expect(await codes(app, `{ serverInfo { version } } # ${'x'.repeat(100_000)}`)).toEqual(['LIMIT_EXCEEDED']);
    expect(await codes(app, `{ ${'serverInfo { version } '.repeat(2_500)} }`)).toEqual(['LIMIT_EXCEEDED']);
    // Each fragment spreads the next twice: 2^20 fields from a short text.
    const doubling = Array.from({ length: 20 }, (_, i) => `fragment f${i} on Query { ...f${i + 1} ...f${i + 1} }`).join(' ');
    expect(await codes(app, `{ ...f0 } ${doubling} fragment f20 on Query { serverInfo { version } }`)).toEqual(['LIMIT_EXCEEDED']);
  });

  it('answer with the limit and what was asked, and say how to ask for less', async () => {
    const deepest = (depth: number) =>
      `{ team(slug: "default") { runs { nodes ${'{ parent '.repeat(depth - 4)} { runId } ${'}'.repeat(depth - 4)} } } }`;
    const made = await app.graphql('mutation { createRun(input: {experimentId: "0"}) { run { runId } } }');
    const { runId } = made.body.data.createRun.run;
    const series = (args: string) => `{ run(runId: "${runId}") { ${args} } }`;
    const keys = (count: number) => JSON.stringify(Array.from({ length: count }, (_, i) => `k${i}`));
    const bytes = (size: number) => `{ serverInfo { version } } #${'x'.repeat(size - 28)}`;
    const aliases = (count: number) => `{ ${Array.from({ length: count }, (_, i) => `a${i}: serverInfo { version }`).join(' ')} }`;
    const pages = (first: number) => `{ team(slug: "default") { experiments(first: 100) { nodes { runs(first: ${first}) { nodes { runId } } } } } }`;
    const cases: [string, string, string, number, number][] = [
      ['depth', deepest(15), deepest(16), 15, 16],
      ['cost', pages(1_000), pages(1_000).replace('100', '101'), 100_000, 101_000],
      ['document', bytes(100_000), bytes(100_001), 100_000, 100_001],
      ['aliases', aliases(200), aliases(201), 200, 201],
      [
        'page',
        '{ team(slug: "default") { runs(first: 1000) { totalCount } } }',
        '{ team(slug: "default") { runs(first: 1001) { totalCount } } }',
        1_000,
        1_001,
      ],
      ['points', series('series(keys: ["a"], maxPoints: 2000) { key }'), series('series(keys: ["a"], maxPoints: 2001) { key }'), 2_000, 2_001],
      ['series of a field', series(`series(keys: ${keys(200)}) { key }`), series(`series(keys: ${keys(201)}) { key }`), 200, 201],
      [
        'series of a request',
        series(`a: series(keys: ${keys(100)}) { key } b: series(keys: ${keys(100)}, xAxis: TIME) { key }`),
        series(`a: series(keys: ${keys(100)}) { key } b: series(keys: ${keys(101)}, xAxis: TIME) { key }`),
        200,
        201,
      ],
    ];
    for (const [name, within, over, limit, asked] of cases) {
      expect(await codes(app, within), name).toEqual([]);
      const { body } = await app.graphql(over);
      expect(body.errors[0].extensions, name).toMatchObject({ code: 'LIMIT_EXCEEDED', limit, asked });
      expect(body.errors[0].message, name).toMatch(/Ask for|Split|split|Send/);
    }
    const limits = await app.graphql('{ serverInfo { limits { depth cost documentBytes aliases pageSize series pointsPerSeries } } }');
    expect(limits.body.data.serverInfo.limits).toEqual({
      depth: 15,
      cost: 100_000,
      documentBytes: 100_000,
      aliases: 200,
      pageSize: 1_000,
      series: 200,
      pointsPerSeries: 2_000,
    });
  });

  it('refuse values and queries that nest without end, quickly', async () => {
    const deep = `${'{"and":['.repeat(5_000)}{"param":{"key":"a","op":"EQ","value":"b"}}${']}'.repeat(5_000)}`;
    const query = 'query($w: RunWhere) { team(slug: "default") { runs(where: $w) { totalCount } } }';
    const body = `{"query": ${JSON.stringify(query)}, "variables": {"w": ${deep}}}`;
    const answer = await send({ method: 'POST', body, headers: { 'content-type': 'application/json' } });
    expect(((await answer.json()) as Refused).errors[0]!.extensions.code).toBe('LIMIT_EXCEEDED');
    expect(await codes(app, `{ node(id: ${'['.repeat(4_000)}) { id } }`)).not.toEqual(['INTERNAL']);
    expect(await codes(app, `{ node(id: ${'['.repeat(4_000)}1${']'.repeat(4_000)}) { id } }`)).toEqual(['LIMIT_EXCEEDED']);
    expect(await codes(app, `{ ${'a '.repeat(1_999)} }`)).not.toEqual([]);
    expect(await codes(app, 'fragment f on Query { ...f } { ...f }')).toEqual(['INVALID_ARGUMENT']);
  });
});

describe('input', () => {
  const TAGS = 'mutation($n: String!) { createExperiment(input: {name: $n}) { experiment { name } } }';

  it('holding NUL or half a pair is refused, in variables and in the query', async () => {
    for (const name of ['a\u0000b', 'a\ud800b', '\udc00']) {
      const { body } = await app.graphql(TAGS, { n: name });
      expect(body.errors[0].extensions).toMatchObject({ code: 'INVALID_ARGUMENT', argument: 'variables.n', requestId: expect.any(String) });
    }
    expect(await codes(app, 'mutation { createExperiment(input: {name: "a\\u0000b"}) { experiment { name } } }')).toEqual(['INVALID_ARGUMENT']);
    expect(await codes(app, 'mutation { createExperiment(input: {name: "a\\ud800b"}) { experiment { name } } }')).toEqual(['INVALID_ARGUMENT']);
    expect(await codes(app, '{ team(slug: "default") { runs(filter: "tags.a = \'\u0000\'") { totalCount } } }')).toEqual(['INVALID_ARGUMENT']);
  });

  it('of the wrong type or range is refused with its place', async () => {
    const log = 'mutation($m: [MetricInput!]) { logBatch(input: {runId: "x", metrics: $m}) { run { runId } } }';
    for (const metric of [
      { key: 'a', value: 'x' },
      { key: 'a' },
      { key: 1, value: 1 },
      { key: 'a', value: 1, step: 1.5 },
      { key: 'a', value: 1, step: '9223372036854775808' },
      { key: 'a', value: 1, timestamp: 5 },
      { key: 'a', value: 1, more: 1 },
    ]) {
      expect(await codes(app, log, { m: [metric] }), JSON.stringify(metric)).toEqual(['INVALID_ARGUMENT']);
    }
    const { body } = await app.graphql(log, { m: [{ key: 'a', value: 'x' }] });
    expect(body.errors[0].message).toContain('"m[0].value"');
    expect(await codes(app, '{ run(runId: 5) { runId } }')).toEqual(['INVALID_ARGUMENT']);
    expect(await codes(app, '{ nothing }')).toEqual(['INVALID_ARGUMENT']);
    expect(await codes(app, '{')).toEqual(['INVALID_ARGUMENT']);
    expect(await codes(app, '')).toEqual(['INVALID_ARGUMENT']);
    expect(await codes(app, 'query a { serverInfo { version } } query b { serverInfo { version } }')).toEqual(['INVALID_ARGUMENT']);
  });

  it('bare NaN and long integers, as Python writes them, are read exactly', async () => {
    const made = await app.graphql('mutation { createRun(input: {experimentId: "0"}) { run { runId } } }');
    const body = `{"query": "mutation($m: [MetricInput!]) { logBatch(input: {runId: \\"${made.body.data.createRun.run.runId}\\", metrics: $m}) { run { metrics { last lastStep } } } }",
      "variables": {"m": [{"key": "a", "value": NaN, "step": 9223372036854775807}]}}`;
    const answer = await send({ method: 'POST', body, headers: { 'content-type': 'application/json' } });
    expect(await answer.json()).toEqual({ data: { logBatch: { run: { metrics: [{ last: 'NaN', lastStep: '9223372036854775807' }] } } } });
  });
});

describe('HTTP', () => {
  const json = { 'content-type': 'application/json' };
  const query = '{ serverInfo { version } }';

  it('takes one operation as JSON by POST, and queries by GET', async () => {
    const cases: [string, RequestInit & { path?: string }, number][] = [
      ['batch', { method: 'POST', headers: json, body: JSON.stringify([{ query }]) }, 400],
      ['broken JSON', { method: 'POST', headers: json, body: '{"query": ' }, 400],
      ['no object', { method: 'POST', headers: json, body: 'null' }, 400],
      ['no query', { method: 'POST', headers: json, body: '{}' }, 400],
      ['variables that are no object', { method: 'POST', headers: json, body: JSON.stringify({ query, variables: 'x' }) }, 400],
      ['not JSON', { method: 'POST', body: JSON.stringify({ query }), headers: { 'content-type': 'text/plain' } }, 400],
      ['GET', { path: `/graphql?query=${encodeURIComponent(query)}`, headers: { 'apollo-require-preflight': '1' } }, 200],
      ['GET with credentials', { path: `/graphql?query=${encodeURIComponent(query)}` }, 200],
      ['GET from a foreign page', { path: `/graphql?query=${encodeURIComponent(query)}`, headers: { authorization: '' } }, 400],
      [
        'mutation by GET',
        { path: `/graphql?query=${encodeURIComponent('mutation { signOut { signedOut } }')}`, headers: { 'apollo-require-preflight': '1' } },
        405,
      ],
      ['of a team by prefix', { path: '/t/default/graphql', method: 'POST', headers: json, body: JSON.stringify({ query }) }, 200],
    ];
    for (const [what, init, status] of cases) {
      const answer = await send(init);
      const body = (await answer.json()) as Refused;
      expect(answer.status, what).toBe(status);
      if (status !== 200) expect(body.errors[0]!.extensions.code, what).toBe('INVALID_ARGUMENT');
      expect(JSON.stringify(body), what).not.toMatch(/node_modules|stacktrace/);
    }
  });

  it('shows the schema to all', async () => {
    const sdl = await (await fetch(`${app.url}/graphql/schema.graphql`)).text();
    expect(sdl).toContain('type Query');
  });

  it('answers signIn and serverInfo to everyone, and nothing else', async () => {
    const without = { token: null };
    expect(await codes(app, query, {}, without)).toEqual([]);
    for (const field of [
      'viewer { isServerAdmin }',
      'team(slug: "default") { name }',
      'run(runId: "x") { runId }',
      'node(id: "x") { id }',
      'loggedModel(modelId: "x") { name }',
    ]) {
      const { body } = await app.graphql(`{ serverInfo { version } ${field} }`, {}, without);
      expect(
        body.errors.map((error: { extensions: { code: string } }) => error.extensions.code),
        field,
      ).toEqual(['UNAUTHENTICATED']);
    }
  });
});
