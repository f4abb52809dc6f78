// Who moved aliases and stages, and why; and where somebody is signed in.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN_EMAIL, ADMIN_PASSWORD, startApp, type TestApp } from '../support/app.ts';
import { data } from '../support/people.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are looked at, not relied on
type Loose = any;

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app?.close());

describe('promotions', () => {
  const LIST = `query($v: Int, $n: Int, $a: String) { team(slug: "default") { registeredModel(name: "m") { promotions(version: $v, first: $n, after: $a) {
    nodes { alias version previousVersion stage previousStage comment changedBy { ... on User { email } } } pageInfo { hasNextPage endCursor } } } } }`;
  const list = async (variables: Record<string, unknown> = {}) => (await data(app, LIST, variables)).team.registeredModel.promotions;

  it('are told newest first, with who and why, and page by page', async () => {
    await data(app, 'mutation { createRegisteredModel(input: {name: "m"}) { registeredModel { id } } }');
    for (let n = 0; n < 3; n += 1)
      await data(app, 'mutation { createModelVersion(input: {name: "m", source: "s3://elsewhere/x"}) { modelVersion { version } } }');
    const alias = (version: number, comment: string | null) =>
      data(
        app,
        'mutation($v: Int!, $c: String) { setModelAlias(input: {name: "m", alias: "champion", version: $v, comment: $c}) { registeredModel { id } } }',
        {
          v: version,
          c: comment,
        },
      );
    const stage = (version: number, to: string, more = '') =>
      data(app, `mutation($v: Int!) { setModelVersionStage(input: {name: "m", version: $v, stage: ${to}${more}}) { modelVersion { stage } } }`, {
        v: version,
      });
    await alias(1, null);
    await stage(1, 'PRODUCTION');
    await alias(2, '  Shadow traffic looked good.  ');
    await alias(2, 'the same again is no move');
    await stage(2, 'PRODUCTION', ', archiveExisting: true, comment: "goes live"');
    await data(app, 'mutation { deleteModelAlias(input: {name: "m", alias: "champion", comment: "broken"}) { registeredModel { id } } }');

    const { nodes } = await list();
    const told = nodes.map((one: Loose) => [one.alias ?? one.stage, one.version, one.alias ? one.previousVersion : one.previousStage, one.comment]);
    expect(told[0]).toEqual(['champion', null, 2, 'broken']);
    // Both are of the same moment.
    expect(told.slice(1, 3).sort()).toEqual([
      ['ARCHIVED', 1, 'PRODUCTION', 'goes live'],
      ['PRODUCTION', 2, 'NONE', 'goes live'],
    ]);
    expect(told.slice(3)).toEqual([
      ['champion', 2, 1, 'Shadow traffic looked good.'],
      ['PRODUCTION', 1, 'NONE', null],
      ['champion', 1, null, null],
    ]);
    expect(new Set(nodes.map((one: Loose) => one.changedBy.email))).toEqual(new Set([ADMIN_EMAIL]));

    const walked: Loose[] = [];
    for (let after: string | null = null; ; ) {
      const page = await list({ n: 2, a: after });
      walked.push(...page.nodes);
      after = page.pageInfo.endCursor;
      if (!page.pageInfo.hasNextPage) break;
    }
    expect(walked).toEqual(nodes);
    expect((await list({ v: 1 })).nodes.map((one: Loose) => one.alias ?? one.stage)).toEqual(['ARCHIVED', 'champion', 'PRODUCTION', 'champion']);
    expect((await list({ v: 3 })).nodes).toEqual([]);
  });

  it('are refused with a comment that is too long, and with a cursor of another list', async () => {
    const long = await app.graphql(
      'mutation($c: String) { setModelAlias(input: {name: "m", alias: "a", version: 1, comment: $c}) { registeredModel { id } } }',
      {
        c: 'x'.repeat(1_001),
      },
    );
    expect(long.body.errors[0].extensions.code).toBe('INVALID_ARGUMENT');
    for (const a of ['nonsense', Buffer.from('1 alias').toString('base64url')]) {
      const answer = await app.graphql(LIST, { a });
      expect(answer.body.errors[0].extensions).toMatchObject({ code: 'INVALID_ARGUMENT', argument: 'after' });
    }
  });
});

describe('sessions', () => {
  const SIGN_IN = 'mutation($e: String!, $p: String!) { signIn(input: {email: $e, password: $p}) { accessToken refreshToken } }';
  const signIn = async (userAgent: string): Promise<string> =>
    (await app.graphql(SIGN_IN, { e: ADMIN_EMAIL, p: ADMIN_PASSWORD }, { token: null, headers: { 'user-agent': userAgent } })).body.data.signIn
      .accessToken;
  const sessions = async (token: string): Promise<Loose[]> =>
    (await data(app, '{ viewer { sessions { sessionId userAgent current } } }', {}, { token })).viewer.sessions;

  const refusal = async (token: string) => (await app.graphql('{ viewer { kind } }', {}, { token })).body.errors?.[0].extensions.code;

  it('are listed with the present one marked, and end one by one or all others', async () => {
    const [here, phone, old] = [await signIn('Firefox'), await signIn('Phone'), await signIn('Old laptop')];
    const listed = await sessions(here);
    expect(listed.map(({ userAgent }) => userAgent).sort()).toEqual(['Firefox', 'Old laptop', 'Phone']);
    expect(listed.filter(({ current }) => current).map(({ userAgent }) => userAgent)).toEqual(['Firefox']);
    const end = 'mutation($i: [String!]) { endSessions(input: {sessionIds: $i}) { ended } }';
    const phoneId = listed.find(({ userAgent }) => userAgent === 'Phone').sessionId;
    expect((await data(app, end, { i: [phoneId, '0'.repeat(32), 'nonsense'] }, { token: here })).endSessions.ended).toBe(1);
    expect(await refusal(phone)).toBe('UNAUTHENTICATED');
    expect((await data(app, end, {}, { token: here })).endSessions.ended).toBe(1);
    expect(await refusal(old)).toBe('UNAUTHENTICATED');
    expect(await sessions(here)).toHaveLength(1);
  });

  it('are nothing that a token may see or end', async () => {
    for (const asked of ['{ viewer { sessions { sessionId } } }', 'mutation { endSessions(input: {}) { ended } }'])
      expect((await app.graphql(asked)).body.errors[0].extensions.code).toBe('FAILED_PRECONDITION');
  });
});
