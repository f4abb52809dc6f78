// Who a request is taken for: every credential, and everything that must not be one.
import { createHash } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authenticate } from '../../src/auth/authenticate.ts';
import { ADMIN_TOKEN, startApp, type TestApp } from '../support/app.ts';
import { codes, data, seedPerson, signIn } from '../support/people.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const WHO = '{ viewer { user { email } isServerAdmin teams { slug myRole } } }';
const as = (authorization: string) => app.graphql(WHO, {}, { token: null, headers: { authorization } });
const tokenQuery = 'mutation($i: CreateApiTokenInput!) { createApiToken(input: $i) { secret apiToken { id role team expiresAt } } }';
const makeToken = async (input: Record<string, unknown>, token?: string) =>
  (await data(app, tokenQuery, { i: { name: 'n', ...input } }, { token })).createApiToken;

describe('a request', () => {
  it('is authenticated by Bearer and Basic, whatever the case of the scheme', async () => {
    const basic = Buffer.from(`anyone:${ADMIN_TOKEN}`).toString('base64');
    const { accessToken } = await signIn(app);
    for (const header of [`Bearer ${ADMIN_TOKEN}`, `BEARER ${ADMIN_TOKEN}`, `bearer  ${accessToken}`, `Basic ${basic}`, `basic ${basic}`]) {
      expect((await as(header)).body.data?.viewer.user.email, header).toBe('admin@example.com');
    }
  });

  it('with anything else is UNAUTHENTICATED, with a sentence on what to do', async () => {
    const unknown = 'B'.repeat(40);
    const headers = [
      '',
      'Bearer',
      'Bearer x',
      `Bearer ${unknown}`,
      'Basic !!!',
      `Basic ${Buffer.from(`a:${unknown}`).toString('base64')}`,
      'Digest a=b',
      'Bearer a.b.c',
    ];
    for (const header of headers) {
      const { body } = await as(header);
      expect(body.errors?.[0].extensions.code, header).toBe('UNAUTHENTICATED');
      expect(body.errors[0].message.length).toBeGreaterThan(30);
    }
  });

  it('with a forged access token is UNAUTHENTICATED', async () => {
    const secret = app.deps.config.jwtSecrets[0]!;
    const kid = createHash('sha256').update(secret).digest('hex').slice(0, 8);
    const { accessToken } = await signIn(app);
    const { sub, sid } = jwt.decode(accessToken) as { sub: string; sid: string };
    const forged = [
      jwt.sign({ sub, sid }, 'x'.repeat(32), { keyid: kid }),
      jwt.sign({ sub, sid }, null as never, { algorithm: 'none', keyid: kid }),
      jwt.sign({ sub, sid }, secret, { algorithm: 'HS512', keyid: kid }),
      jwt.sign({ sub, sid }, secret, { keyid: 'deadbeef' }),
      jwt.sign({ sub: '999', sid }, secret, { keyid: kid }),
      jwt.sign({ sub, sid }, secret, { keyid: kid, expiresIn: -1 }),
      jwt.sign({ sub, sid: '0'.repeat(32) }, secret, { keyid: kid }),
    ];
    // What the honest token is remembered as must not let the others in.
    expect((await as(`Bearer ${accessToken}`)).body.errors).toBeUndefined();
    for (const [index, token] of forged.entries()) {
      expect((await as(`Bearer ${token}`)).body.errors?.[0].extensions.code, String(index)).toBe('UNAUTHENTICATED');
    }
  });

  it('costs one statement, and none while the credential is remembered', async () => {
    const { secret } = await makeToken({});
    const statements: string[] = [];
    const stop = app.deps.db.onStatement(({ name }) => statements.push(name));
    const headers = { authorization: `Bearer ${secret}` };
    await Promise.all([authenticate(app.deps, headers), authenticate(app.deps, headers)]);
    await authenticate(app.deps, headers);
    stop();
    expect(statements.filter((name) => name !== 'auth.touch_token')).toEqual(['auth.by_token']);
  });
});

describe('an access token', () => {
  it('ends after 15 minutes', async () => {
    const { accessToken } = await signIn(app);
    const later = { ...app.deps, now: () => Date.now() + 15 * 60_000 + 1_000 };
    await expect(authenticate(later, { authorization: `Bearer ${accessToken}` })).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('survives a rotation of the secrets, until its secret is taken away', async () => {
    const { accessToken } = await signIn(app);
    const headers = { authorization: `Bearer ${accessToken}` };
    const [old] = app.deps.config.jwtSecrets as [string];
    const fresh = 'another-secret-another-secret-another';
    const withSecrets = (...jwtSecrets: string[]) => ({ ...app.deps, config: { ...app.deps.config, jwtSecrets } });
    await expect(authenticate(withSecrets(fresh, old), headers)).resolves.toMatchObject({ email: 'admin@example.com' });
    await expect(authenticate(withSecrets(fresh), headers)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });
});

describe('an API token', () => {
  it('is 40 letters and digits, and kept only as a hash', async () => {
    const { secret } = await makeToken({});
    expect(secret).toMatch(/^[A-Za-z0-9]{40}$/);
    const rows = await app.deps.db.rows<{ text: string }>({ text: 'select api_tokens::text as text from api_tokens' });
    expect(rows.every(({ text }) => !text.includes(secret))).toBe(true);
  });

  it('narrowed to a team and a role does no more than that', async () => {
    const { slug } = await app.seedTeam('narrow');
    const { secret } = await makeToken({ team: slug, role: 'VIEWER' });
    const { viewer } = (await as(`Bearer ${secret}`)).body.data;
    expect(viewer).toMatchObject({ isServerAdmin: false, teams: [{ slug, myRole: 'VIEWER' }] });
    expect(await codes(app, 'mutation { createTeam(input: {slug: "nope"}) { team { slug } } }', {}, { token: secret })).toEqual(['FORBIDDEN']);
    expect(await codes(app, 'mutation { createExperiment(input: {name: "x"}) { experiment { name } } }', {}, { token: secret })).toEqual([
      'FORBIDDEN',
    ]);
    expect((await data(app, '{ team(slug: "default") { name } }', {}, { token: secret })).team).toBeNull();
  });

  it('makes no token that may more or lasts longer than itself', async () => {
    const { slug } = await app.seedTeam('wide');
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    const { secret } = await makeToken({ team: slug, role: 'CONTRIBUTOR', expiresAt });
    const child = await makeToken({}, secret);
    expect(child.apiToken).toMatchObject({ team: slug, role: 'CONTRIBUTOR', expiresAt });
    const refused = async (input: object) => codes(app, tokenQuery, { i: { name: 'n', ...input } }, { token: secret });
    expect(await refused({ role: 'ADMIN' })).toEqual(['FORBIDDEN']);
    expect(await refused({ team: 'default' })).toEqual(['NOT_FOUND']);
    expect(await refused({ expiresAt: '2999-01-01' })).toEqual(['FORBIDDEN']);
    expect(await refused({ expiresAt: '2001-01-01' })).toEqual(['INVALID_ARGUMENT']);
    // It doesn't see, and can't revoke, its owner's wider tokens.
    const seen = await data(app, '{ viewer { apiTokens { nodes { id team role } } } }', {}, { token: secret });
    expect(seen.viewer.apiTokens.nodes.every((one: { team: string }) => one.team === slug)).toBe(true);
    const wide = await makeToken({});
    const revoke = 'mutation($id: ID!) { revokeApiToken(input: {id: $id}) { apiToken { revokedAt } } }';
    expect(await codes(app, revoke, { id: wide.apiToken.id }, { token: secret })).toEqual(['NOT_FOUND']);
  });

  it('stops at once when it is revoked, expires, or its owner is disabled', async () => {
    const made = await makeToken({});
    expect((await as(`Bearer ${made.secret}`)).body.errors).toBeUndefined();
    await data(app, 'mutation($id: ID!) { revokeApiToken(input: {id: $id}) { apiToken { revokedAt } } }', { id: made.apiToken.id });
    expect((await as(`Bearer ${made.secret}`)).body.errors[0].extensions.code).toBe('UNAUTHENTICATED');

    const brief = await makeToken({ expiresAt: new Date(Date.now() + 60_000).toISOString() });
    const headers = { authorization: `Bearer ${brief.secret}` };
    await authenticate(app.deps, headers);
    await expect(authenticate({ ...app.deps, now: () => Date.now() + 61_000 }, headers)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });

    const person = await seedPerson(app, 'leaver@example.com', 'default');
    const theirs = await makeToken({}, person.token);
    await data(app, 'mutation($u: Int!) { setUserDisabled(input: {userId: $u, disabled: true}) { user { email } } }', { u: person.userId });
    for (const token of [theirs.secret, person.token]) {
      expect((await as(`Bearer ${token}`)).body.errors[0].extensions.code).toBe('UNAUTHENTICATED');
    }
  });

  it('follows its owner: a lower role, or no membership, counts for the token at once', async () => {
    const { slug } = await app.seedTeam('shrinking');
    const person = await seedPerson(app, 'shrink@example.com', slug, 'MAINTAINER');
    const { secret } = await makeToken({ team: slug }, person.token);
    const role = async () => (await as(`Bearer ${secret}`)).body.data.viewer.teams;
    expect(await role()).toEqual([{ slug, myRole: 'MAINTAINER' }]);
    await data(app, 'mutation($t: String, $u: Int!) { setMemberRole(input: {team: $t, userId: $u, role: VIEWER}) { membership { role } } }', {
      t: slug,
      u: person.userId,
    });
    expect(await role()).toEqual([{ slug, myRole: 'VIEWER' }]);
    await data(app, 'mutation($t: String, $u: Int!) { removeMember(input: {team: $t, userId: $u}) { team { slug } } }', {
      t: slug,
      u: person.userId,
    });
    expect(await role()).toEqual([]);
  });
});
