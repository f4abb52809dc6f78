// Automatic persisted queries.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ADMIN_TOKEN, startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const hashOf = (query: string) => createHash('sha256').update(query).digest('hex');
const extensions = (sha256Hash: unknown, version: unknown = 1) => ({ persistedQuery: { version, sha256Hash } });
const post = async (body: Record<string, unknown>) => {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${ADMIN_TOKEN}` };
  const answer = await fetch(`${app.url}/graphql`, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: answer.status, body: (await answer.json()) as { data?: unknown; errors?: { message: string; extensions: object }[] } };
};

it('a query is sent once, then its hash is enough, by POST and GET, with variables', async () => {
  const query = 'query($s: String!) { team(slug: $s) { slug } }';
  const hash = hashOf(query);
  const unknown = await post({ extensions: extensions(hash) });
  expect(unknown).toMatchObject({
    status: 200,
    body: { errors: [{ message: 'PersistedQueryNotFound', extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }] },
  });
  const answer = { data: { team: { slug: 'default' } } };
  const variables = { s: 'default' };
  expect((await post({ query, variables, extensions: extensions(hash) })).body).toEqual(answer);
  expect((await post({ variables, extensions: extensions(hash) })).body).toEqual(answer);
  const search = new URLSearchParams({ variables: JSON.stringify(variables), extensions: JSON.stringify(extensions(hash)) });
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, 'apollo-require-preflight': '1' };
  expect(await (await fetch(`${app.url}/graphql?${search}`, { headers })).json()).toEqual(answer);
});

it('a wrong hash, another version, or a query beyond the limits is refused and not kept', async () => {
  const query = '{ serverInfo { version } }';
  for (const bad of [extensions(hashOf('other')), extensions('x'), extensions(hashOf(query), 2), extensions(7)])
    expect((await post({ query, extensions: bad })).body.errors).toMatchObject([
      { extensions: { code: 'INVALID_ARGUMENT', argument: 'extensions' } },
    ]);
  const large = `{ serverInfo { version } } # ${'x'.repeat(100_000)}`;
  expect((await post({ query: large, extensions: extensions(hashOf(large)) })).body.errors).toMatchObject([
    { extensions: { code: 'LIMIT_EXCEEDED' } },
  ]);
  expect((await post({ extensions: extensions(hashOf(large)) })).body.errors).toMatchObject([{ message: 'PersistedQueryNotFound' }]);
});
