// Signing in, staying signed in, and the first start.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bootstrap } from '../../src/domain/people/bootstrap.ts';
import { newSignInLink } from '../../src/domain/people/sessions.ts';
import { ADMIN_EMAIL, ADMIN_PASSWORD, startApp, type TestApp } from '../support/app.ts';
import { codes, data, PASSWORD, seedPerson, signIn } from '../support/people.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const open = { token: null };
const SIGN_IN = 'mutation($e: String!, $p: String!) { signIn(input: {email: $e, password: $p}) { accessToken } }';
const REFRESH = 'mutation($t: String!) { refreshSession(input: {refreshToken: $t}) { accessToken refreshToken } }';
const LINK = 'mutation($t: String!) { signInWithLink(input: {token: $t}) { viewer { user { email } } } }';
const whoCodes = (token: string) => codes(app, '{ viewer { user { email } } }', {}, { token });

describe('signing in', () => {
  it('takes the address in any case, and the same answer refuses a wrong password and an unknown user', async () => {
    await signIn(app, ADMIN_EMAIL.toUpperCase());
    const wrong = await app.graphql(SIGN_IN, { e: ADMIN_EMAIL, p: 'wrong password' }, open);
    const unknown = await app.graphql(SIGN_IN, { e: 'nobody@example.com', p: 'wrong password' }, open);
    expect(wrong.body.errors[0].extensions.code).toBe('UNAUTHENTICATED');
    expect(wrong.body.errors[0].message).toBe(unknown.body.errors[0].message);
    expect(await codes(app, SIGN_IN, { e: 'admin@example%', p: ADMIN_PASSWORD }, open)).toEqual(['UNAUTHENTICATED']);
  });

  it('works once by a link', async () => {
    const link = await newSignInLink(app.deps, 1);
    const [first, second] = await Promise.all([app.graphql(LINK, { t: link }, open), app.graphql(LINK, { t: link }, open)]);
    const answers = [first, second].map(({ body }) => body.data?.signInWithLink?.viewer.user.email ?? body.errors[0].extensions.code);
    expect(answers.sort()).toEqual(['UNAUTHENTICATED', ADMIN_EMAIL]);
    const late = await newSignInLink({ ...app.deps, now: () => Date.now() - 3_601_000 }, 1);
    expect(await codes(app, LINK, { t: late }, open)).toEqual(['UNAUTHENTICATED']);
  });
});

describe('a session', () => {
  it('rotates its refresh token, and ends when an old one comes again', async () => {
    const first = await signIn(app);
    const second = (await data(app, REFRESH, { t: first.refreshToken }, open)).refreshSession;
    expect(await whoCodes(second.accessToken)).toEqual([]);
    expect(await codes(app, REFRESH, { t: first.refreshToken }, open)).toEqual(['UNAUTHENTICATED']);
    expect(await codes(app, REFRESH, { t: second.refreshToken }, open)).toEqual(['UNAUTHENTICATED']);
    expect(await whoCodes(second.accessToken)).toEqual(['UNAUTHENTICATED']);
  });

  it('ends by signing out; an API token has none to end', async () => {
    const { accessToken } = await signIn(app);
    await data(app, 'mutation { signOut { signedOut } }', {}, { token: accessToken });
    expect(await whoCodes(accessToken)).toEqual(['UNAUTHENTICATED']);
    expect(await codes(app, 'mutation { signOut { signedOut } }')).toEqual(['FAILED_PRECONDITION']);
  });

  it('ends when the password is changed from another, and only the new password opens one', async () => {
    const { token } = await seedPerson(app, 'changer@example.com');
    const other = await signIn(app, 'changer@example.com', PASSWORD);
    const change = 'mutation($c: String, $n: String!) { changePassword(input: {currentPassword: $c, newPassword: $n}) { user { email } } }';
    expect(await codes(app, change, { c: 'wrong', n: 'new password 1' }, { token })).toEqual(['UNAUTHENTICATED']);
    expect(await codes(app, change, { c: PASSWORD, n: 'short' }, { token })).toEqual(['INVALID_ARGUMENT']);
    await data(app, change, { c: PASSWORD, n: 'new password 1' }, { token });
    expect(await whoCodes(token)).toEqual([]);
    expect(await whoCodes(other.accessToken)).toEqual(['UNAUTHENTICATED']);
    expect(await codes(app, SIGN_IN, { e: 'changer@example.com', p: PASSWORD }, open)).toEqual(['UNAUTHENTICATED']);
    await signIn(app, 'changer@example.com', 'new password 1');
  });
});

describe('teams', () => {
  it('keep an ADMIN', async () => {
    const { slug } = await app.seedTeam('kept');
    const demote = 'mutation($t: String, $u: Int!) { setMemberRole(input: {team: $t, userId: $u, role: VIEWER}) { membership { role } } }';
    const remove = 'mutation($t: String, $u: Int!) { removeMember(input: {team: $t, userId: $u}) { team { slug } } }';
    expect(await codes(app, demote, { t: slug, u: 1 })).toEqual(['FAILED_PRECONDITION']);
    expect(await codes(app, remove, { t: slug, u: 1 })).toEqual(['FAILED_PRECONDITION']);
    const { userId, token } = await seedPerson(app, 'second@example.com', slug);
    // Both ADMINs demote the other at the same moment: one of them stays.
    const both = await Promise.all([codes(app, demote, { t: slug, u: userId }), codes(app, demote, { t: slug, u: 1 }, { token })]);
    expect(both.flat()).toHaveLength(1);
  });

  it('are made with their Default experiment, by server administrators, once', async () => {
    await app.seedTeam('fresh');
    const { team } = await data(app, '{ team(slug: "fresh") { experiment(experimentId: "0") { name artifactLocation } } }');
    expect(team.experiment).toEqual({ name: 'Default', artifactLocation: 'mlflow-artifacts:/0' });
    const create = 'mutation($s: String!) { createTeam(input: {slug: $s, name: "x"}) { team { slug } } }';
    expect(await codes(app, create, { s: 'fresh' })).toEqual(['ALREADY_EXISTS']);
    for (const slug of ['', '-a', 'A', 'a_b', 'a'.repeat(64)]) expect(await codes(app, create, { s: slug }), slug).toEqual(['INVALID_ARGUMENT']);
  });
});

it('the first start makes one administrator, also when two servers start at once', async () => {
  await app.deps.db.rows({ text: 'truncate users, teams cascade' });
  const config = { ...app.deps.config, adminPassword: undefined, adminToken: undefined };
  const both = await Promise.all([bootstrap({ ...app.deps, config }), bootstrap({ ...app.deps, config })]);
  const made = both.filter((one) => one.token);
  expect(made).toHaveLength(1);
  expect(made[0]).toMatchObject({ email: ADMIN_EMAIL, token: expect.stringMatching(/^[A-Za-z0-9]{40}$/), password: expect.any(String) });
  const { viewer } = await data(app, '{ viewer { isServerAdmin teams { slug name myRole } } }', {}, { token: made[0]!.token });
  expect(viewer).toEqual({ isServerAdmin: true, teams: [{ slug: 'default', name: 'Default', myRole: 'ADMIN' }] });
});
