// Guessing is slowed by account and by address without keeping anyone out; passwords that everybody tries are none; refusals are counted, not written each.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { flushRepeats } from '../../src/domain/people/audit.ts';
import { brake, network } from '../../src/domain/people/brake.ts';
import { checkNewPassword } from '../../src/domain/people/passwords.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { codes, data, PASSWORD, seedPerson, signIn } from '../support/people.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const open = { token: null };
const SIGN_IN = 'mutation($e: String!, $p: String!) { signIn(input: {email: $e, password: $p}) { accessToken } }';
/** The clock is the test's own, so that a delay is no wait. */
const at = (ms: number) => ({ ...app.deps, now: () => ms });
const tries = async (email: string, address: string, ms: number): Promise<string> =>
  brake(at(ms), email, address).then(
    () => 'let through',
    (error: { code: string }) => error.code,
  );

describe('guessing', () => {
  it('at one account is slowed more and more, and never keeps its owner out', async () => {
    const start = Date.now() + 1_000_000;
    const owner = await brake(at(start), 'ada@example.com', '192.0.2.1');
    await owner();
    let passed = 0;
    // An hour of trying from a hundred addresses, each second one.
    for (let second = 0; second < 3_600; second += 5)
      if ((await tries('ada@example.com', `198.51.100.${(second / 5) % 100}`, start + second * 1_000)) === 'let through') passed += 1;
    expect(passed).toBeLessThan(150);
    expect(await tries('Ada@example.com ', '192.0.2.1', start + 3_600_000)).toBe('let through');
  });

  it('from one address is slowed whatever the accounts: one password does not go through sixty', async () => {
    const start = Date.now() + 9_000_000;
    const answers = await Promise.all(Array.from({ length: 60 }, (_none, index) => tries(`p${index}@example.com`, '203.0.113.9', start)));
    expect(answers.filter((answer) => answer === 'let through')).toHaveLength(21);
    expect(answers.filter((answer) => answer === 'LIMIT_EXCEEDED')).toHaveLength(39);
    expect(await tries('other@example.com', '203.0.113.9', start + 2_000)).toBe('let through');
  });

  it('is counted by network, as IPv6 has it', () => {
    expect(network('::ffff:192.0.2.1')).toBe('192.0.2.1');
    expect(network('2001:db8:0:1::5')).toBe(network('2001:0db8:0000:0001:ffff::1'));
    expect(network('2001:db8:0:1::5')).not.toBe(network('2001:db8:0:2::5'));
  });

  it('answers the same for who is there and who is not', async () => {
    await seedPerson(app, 'there@example.com');
    const answers = async (e: string) => {
      const all: string[] = [];
      for (let attempt = 0; attempt < 9; attempt++) all.push((await app.graphql(SIGN_IN, { e, p: `wrong ${attempt}` }, open)).body.errors[0].message);
      return all.map((message) => message.replace(/\d+ seconds?/, 'N'));
    };
    expect(await answers('there@example.com')).toEqual(await answers('nobody@example.com'));
  });
});

describe('the audit log', () => {
  const entries = async (action: string) =>
    (await data(app, `{ auditLog(where: {actions: [${action}]}, first: 50) { nodes { action target actorName after } } }`)).auditLog.nodes;

  it('has sign-ins, and of what is refused the first in an hour and then a count', async () => {
    const { userId, token } = await seedPerson(app, 'busy@example.com');
    expect(await entries('SIGNED_IN')).toContainEqual(expect.objectContaining({ target: `user ${userId}` }));
    for (let attempt = 0; attempt < 4; attempt++) await codes(app, SIGN_IN, { e: 'busy@example.com', p: 'wrong' }, open);
    for (let attempt = 0; attempt < 30; attempt++) await codes(app, 'mutation { createTeam(input: {slug: "x"}) { team { slug } } }', {}, { token });
    const mine = async (action: string) => (await entries(action)).filter((entry: { actorName: string }) => entry.actorName === 'busy@example.com');
    expect(await mine('SIGN_IN_REFUSED')).toHaveLength(1);
    expect(await mine('DENIED')).toHaveLength(1);
    await flushRepeats(at(Date.now() + 3_600_000));
    expect((await mine('SIGN_IN_REFUSED'))[0].after).toMatchObject({ more: 3 });
    expect((await mine('DENIED'))[0].after).toMatchObject({ more: 29 });
  });

  it('has a refresh token that comes twice, which ends the session', async () => {
    const { refreshToken } = await signIn(app);
    const refresh = 'mutation($t: String!) { refreshSession(input: {refreshToken: $t}) { accessToken } }';
    await data(app, refresh, { t: refreshToken }, open);
    expect(await codes(app, refresh, { t: refreshToken }, open)).toEqual(['UNAUTHENTICATED']);
    expect(await entries('REFRESH_TOKEN_REUSED')).toHaveLength(1);
  });
});

it('passwords that everybody tries are refused, others are not', () => {
  const isTaken = (password: string) => {
    try {
      checkNewPassword('password', password, 'ada.lovelace@example.com');
      return true;
    } catch {
      return false;
    }
  };
  const bad = [
    'password',
    '        ',
    ' '.repeat(20),
    'passwordpassword',
    'Password1234!',
    '123456789012',
    'qwertyuiop12',
    'Summer2026!!!',
    'aaaaaaaaaaaaaaaa',
  ];
  bad.push('administrator1', 'iloveyou1234', 'ada.lovelace@example.com', 'Ada.Lovelace1', 'letmein letmein', 'abcdefghijkl', `   ${'short'}   `);
  for (const password of bad) expect([password, isTaken(password)]).toEqual([password, false]);
  for (const password of [PASSWORD, 'correct horse battery', 'tulip-gravel-Motor', '9f8a7c6d5e4b', 'Tr0ub4dor&3xx', 'ein sehr langer Satz']) {
    expect([password, isTaken(password)]).toEqual([password, true]);
  }
});

it('a token that another made ends with it, and so do those that it made', async () => {
  const { token } = await seedPerson(app, 'maker@example.com');
  const make = async (by: string) =>
    (await data(app, 'mutation { createApiToken(input: {name: "t"}) { secret apiToken { id } } }', {}, { token: by })).createApiToken;
  const first = await make(token);
  const second = await make(first.secret);
  const third = await make(second.secret);
  const who = (secret: string) => codes(app, '{ viewer { user { email } } }', {}, { token: secret });
  expect(await who(third.secret)).toEqual([]);
  await data(app, 'mutation($i: ID!) { revokeApiToken(input: {id: $i}) { apiToken { id } } }', { i: first.apiToken.id }, { token });
  for (const { secret } of [first, second, third]) expect(await who(secret)).toEqual(['UNAUTHENTICATED']);
});
