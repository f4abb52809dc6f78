// What the server's administrator does with people and teams; and that nobody else does.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finishRemovedTeams } from '../../src/domain/purge/teams.ts';
import { ADMIN_TOKEN, startApp, type TestApp } from '../support/app.ts';
import { codes, data, PASSWORD, seedPerson, signIn } from '../support/people.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const open = { token: null };
const RESET_LINK = 'mutation($u: Int!) { createPasswordResetLink(input: {userId: $u}) { token url user { email } } }';
const RESET = 'mutation($t: String!, $p: String!) { resetPassword(input: {token: $t, newPassword: $p}) { accessToken viewer { user { email } } } }';
const REMOVE_USER = 'mutation($u: Int!) { removeUser(input: {userId: $u}) { user { name } teamsWithoutAdmin } }';
const REMOVE_TEAM = `mutation($t: String!, $c: String, $d: Boolean! = false) { removeTeam(input: {team: $t, confirm: $c, dryRun: $d}) {
  slug removed runs experiments registeredModels points artifactFiles artifactBytes complete } }`;
const APPOINT = 'mutation($t: String!, $u: Int!) { appointTeamAdmin(input: {team: $t, userId: $u}) { team { admins } } }';
const who = (token: string) => codes(app, '{ viewer { user { email } } }', {}, { token });

it('is for server administrators, and not by a token that is narrowed', async () => {
  const { token, userId } = await seedPerson(app, 'plain@example.com', 'default');
  const narrow = (await data(app, 'mutation { createApiToken(input: {team: "default", name: "n"}) { secret } }')).createApiToken.secret;
  for (const by of [token, narrow]) {
    expect(await codes(app, '{ users { nodes { email } } }', {}, { token: by })).toEqual(['FORBIDDEN']);
    expect(await codes(app, '{ teams { nodes { slug } } }', {}, { token: by })).toEqual(['FORBIDDEN']);
    for (const act of [RESET_LINK, REMOVE_USER]) expect(await codes(app, act, { u: userId }, { token: by })).toEqual(['FORBIDDEN']);
    expect(await codes(app, REMOVE_TEAM, { t: 'default' }, { token: by })).toEqual(['FORBIDDEN']);
    expect(await codes(app, APPOINT, { t: 'default', u: userId }, { token: by })).toEqual(['FORBIDDEN']);
  }
});

it('lists people and teams in pages, with their places', async () => {
  await app.seedTeam('listed');
  await seedPerson(app, 'Grace.Hopper@example.com', 'listed', 'VIEWER');
  const query =
    'query($s: String, $a: String) { users(search: $s, first: 1, after: $a) { totalCount nodes { email isServerAdmin lastSeenAt teams { slug role } } pageInfo { endCursor hasNextPage } } }';
  const { users } = await data(app, query, { s: 'HOPPER' });
  expect(users).toMatchObject({
    totalCount: 1,
    nodes: [{ email: 'Grace.Hopper@example.com', isServerAdmin: false, teams: [{ slug: 'listed', role: 'VIEWER' }] }],
  });
  const first = (await data(app, query)).users;
  const second = (await data(app, query, { a: first.pageInfo.endCursor })).users;
  expect(second.nodes[0].email).not.toBe(first.nodes[0].email);
  const { teams } = await data(app, '{ teams { totalCount nodes { slug members admins programs } } }');
  expect(teams.nodes).toContainEqual({ slug: 'listed', members: 2, admins: 1, programs: 0 });
  expect(teams.totalCount).toBe(teams.nodes.length);
});

describe('a password', () => {
  it('is reset by a link that works once, which ends every session', async () => {
    const { userId, token } = await seedPerson(app, 'forgot@example.com');
    const old = (await data(app, RESET_LINK, { u: userId })).createPasswordResetLink;
    const link = (await data(app, RESET_LINK, { u: userId })).createPasswordResetLink;
    expect(link.url).toBe(`${app.url}/#/reset/${link.token}`);
    expect(await codes(app, 'mutation($t: String!) { signInWithLink(input: {token: $t}) { accessToken } }', { t: link.token }, open)).toEqual([
      'UNAUTHENTICATED',
    ]);
    for (const weak of ['passwordpassword', 'short', 'forgot@example.com'])
      expect(await codes(app, RESET, { t: link.token, p: weak }, open)).toEqual(['INVALID_ARGUMENT']);
    const { resetPassword } = await data(app, RESET, { t: link.token, p: 'my quite new Sentence' }, open);
    expect(resetPassword.viewer.user.email).toBe('forgot@example.com');
    expect(await who(token)).toEqual(['UNAUTHENTICATED']);
    for (const used of [link.token, old.token])
      expect(await codes(app, RESET, { t: used, p: 'my quite new Sentence' }, open)).toEqual(['UNAUTHENTICATED']);
    await signIn(app, 'forgot@example.com', 'my quite new Sentence');
  });
});

describe('a person who is removed', () => {
  it('can do nothing any more, and what they made stays with their name; the address is free', async () => {
    await app.seedTeam('left');
    const { userId, token } = await seedPerson(app, 'leaver@example.com', 'left', 'CONTRIBUTOR');
    const { secret } = (await data(app, 'mutation { createApiToken(input: {name: "t"}) { secret } }', {}, { token })).createApiToken;
    const { createRun } = await data(app, 'mutation { createRun(input: {experimentId: "0"}) { run { runId } } }', {}, { token: secret });
    expect((await data(app, REMOVE_USER, { u: userId })).removeUser).toEqual({ user: { name: 'leaver' }, teamsWithoutAdmin: [] });
    for (const by of [token, secret]) expect(await who(by)).toEqual(['UNAUTHENTICATED']);
    const { run } = await data(app, 'query($r: String!) { run(runId: $r) { createdBy { ... on User { name } } } }', { r: createRun.run.runId });
    expect(run.createdBy.name).toBe('leaver');
    expect((await data(app, '{ users(search: "leaver") { totalCount } }')).users.totalCount).toBe(0);
    expect(await codes(app, REMOVE_USER, { u: userId })).toEqual(['NOT_FOUND']);
    expect(await codes(app, 'mutation($u: Int!) { setUserDisabled(input: {userId: $u, disabled: false}) { user { name } } }', { u: userId })).toEqual(
      ['NOT_FOUND'],
    );
    const again = await seedPerson(app, 'leaver@example.com');
    expect(again.userId).not.toBe(userId);
  });

  it('is not oneself, and a team left without an ADMIN is given one', async () => {
    expect(await codes(app, REMOVE_USER, { u: 1 })).toEqual(['FAILED_PRECONDITION']);
    await app.seedTeam('orphan');
    const boss = await seedPerson(app, 'boss@example.com', 'orphan', 'ADMIN');
    const heir = await seedPerson(app, 'heir@example.com', 'orphan', 'VIEWER');
    await data(app, 'mutation { removeMember(input: {team: "orphan", userId: 1}) { team { slug } } }');
    expect(await codes(app, APPOINT, { t: 'orphan', u: heir.userId })).toEqual(['FAILED_PRECONDITION']);
    expect((await data(app, REMOVE_USER, { u: boss.userId })).removeUser.teamsWithoutAdmin).toEqual(['orphan']);
    expect((await data(app, APPOINT, { t: 'orphan', u: heir.userId })).appointTeamAdmin.team.admins).toBe(1);
    const { viewer } = await data(app, '{ viewer { teams { slug myRole } } }', {}, { token: heir.token });
    expect(viewer.teams).toEqual([{ slug: 'orphan', myRole: 'ADMIN' }]);
  });
});

describe('a team', () => {
  it('that is empty goes at once; one that holds something goes with its slug alone, with all of it', async () => {
    await app.seedTeam('empty');
    expect((await data(app, REMOVE_TEAM, { t: 'empty' })).removeTeam.removed).toBe(true);
    const { token } = await app.seedTeam('full');
    const { userId } = await seedPerson(app, 'in-full@example.com', 'full');
    const { createRun } = await data(app, 'mutation { createRun(input: {experimentId: "0"}) { run { runId } } }', {}, { token });
    const { runId } = createRun.run;
    await data(
      app,
      'mutation($r: String!) { logBatch(input: {runId: $r, metrics: [{key: "a", value: 1}]}) { run { runId } } }',
      { r: runId },
      { token },
    );
    const file = `${app.url}/api/2.0/mlflow-artifacts/artifacts/0/${runId}/artifacts/model/a`;
    await fetch(file, { method: 'PUT', body: 'four', headers: { authorization: `Bearer ${token}` } });
    await data(app, 'mutation { createRegisteredModel(input: {name: "m"}) { registeredModel { name } } }', {}, { token });
    await data(
      app,
      'mutation($s: String!) { createModelVersion(input: {name: "m", source: $s}) { __typename } }',
      { s: `runs:/${runId}/model` },
      { token },
    );

    const dry = (await data(app, REMOVE_TEAM, { t: 'full', d: true })).removeTeam;
    expect(dry).toMatchObject({ removed: false, runs: 1, registeredModels: 1, points: 1, artifactFiles: 1, artifactBytes: 4, complete: true });
    for (const confirm of [undefined, 'Full', 'yes'])
      expect(await codes(app, REMOVE_TEAM, { t: 'full', c: confirm })).toEqual(['FAILED_PRECONDITION']);
    expect((await data(app, REMOVE_TEAM, { t: 'full', c: 'full' })).removeTeam.removed).toBe(true);
    expect(await who(token)).toEqual(['UNAUTHENTICATED']);
    const members = await app.deps.db.rows({ text: 'select 1 from memberships where user_id = $1', values: [userId] } as never, [userId]);
    expect(members).toEqual([]);
    await finishRemovedTeams(app.deps);
    for (const table of ['teams where removed_at is not null', `runs where run_id = '${runId}'`, `run_metrics where run_id = '${runId}'`, 'purges'])
      expect(await app.deps.db.rows({ text: `select 1 from ${table}` } as never, []), table).toEqual([]);
    await app.seedTeam('full');
    const entries = (await data(app, '{ auditLog(where: {actions: [TEAM_DELETED]}) { nodes { target before } } }')).auditLog.nodes;
    expect(entries).toContainEqual({ target: 'team full', before: expect.objectContaining({ runs: '1', registeredModels: '1' }) });
  });

  it('default stays, and what is not there is not found', async () => {
    expect(await codes(app, REMOVE_TEAM, { t: 'default', c: 'default' })).toEqual(['INVALID_ARGUMENT']);
    expect(await codes(app, REMOVE_TEAM, { t: 'nothing', c: 'nothing' })).toEqual(['NOT_FOUND']);
  });
});

it('leaves the administrator as they were', async () => {
  expect(await who(ADMIN_TOKEN)).toEqual([]);
  expect(PASSWORD.length).toBeGreaterThan(11);
});
