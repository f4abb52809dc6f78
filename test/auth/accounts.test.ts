// Invitations, service accounts, webhooks in GraphQL, and the audit log that tells of all of it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN_EMAIL, startApp, type TestApp } from '../support/app.ts';
import { codes, data, PASSWORD, seedPerson, signIn } from '../support/people.ts';

let app: TestApp;
let slug: string;
let admin: { userId: number; token: string };
beforeAll(async () => {
  app = await startApp({ config: { webhookAllowPrivate: true } });
  ({ slug } = await app.seedTeam('crew'));
  admin = await seedPerson(app, 'boss@example.com', slug);
});
afterAll(() => app.close());

const open = { token: null };
const asAdmin = () => ({ token: admin.token });

const INVITE =
  'mutation($i: InviteMemberInput!) { inviteMember(input: $i) { token url invitation { id email role state expiresAt invitedBy { email } } } }';
const ACCEPT =
  'mutation($i: AcceptInvitationInput!) { acceptInvitation(input: $i) { team role signedIn { accessToken viewer { user { email } teams { slug myRole } } } } }';
const invite = async (email: string, role = 'CONTRIBUTOR') => (await data(app, INVITE, { i: { team: slug, email, role } }, asAdmin())).inviteMember;
const states = async () =>
  (await data(app, '{ team(slug: "crew") { invitations { nodes { email state acceptedBy { email } } } } }', {}, asAdmin())).team.invitations.nodes;

describe('an invitation', () => {
  it('makes an account for who has none, signed in, once', async () => {
    const { token, url, invitation } = await invite('new@example.com');
    expect(url).toBe(`${app.url}/#/invitation/${token}`);
    expect(invitation).toMatchObject({ email: 'new@example.com', role: 'CONTRIBUTOR', state: 'OPEN', invitedBy: { email: 'boss@example.com' } });
    expect(await codes(app, ACCEPT, { i: { token } }, open)).toEqual(['INVALID_ARGUMENT']);
    const both = await Promise.all([1, 2].map(() => app.graphql(ACCEPT, { i: { token, password: PASSWORD, name: 'Newt' } }, open)));
    const made = both.map(({ body }) => body.data?.acceptInvitation).filter(Boolean);
    expect(made).toHaveLength(1);
    expect(made[0]).toMatchObject({
      team: 'crew',
      role: 'CONTRIBUTOR',
      signedIn: { viewer: { user: { email: 'new@example.com' }, teams: [{ slug: 'crew', myRole: 'CONTRIBUTOR' }] } },
    });
    await signIn(app, 'new@example.com', PASSWORD);
    expect(await codes(app, ACCEPT, { i: { token, password: PASSWORD } }, open)).toEqual(['UNAUTHENTICATED']);
    expect((await states())[0]).toEqual({ email: 'new@example.com', state: 'ACCEPTED', acceptedBy: { email: 'new@example.com' } });
  });

  it('adds who is signed in; who has an account must sign in first; a member keeps it open', async () => {
    const person = await seedPerson(app, 'guest@example.com');
    const { token } = await invite('guest@example.com', 'VIEWER');
    expect(await codes(app, ACCEPT, { i: { token, password: PASSWORD } }, open)).toEqual(['ALREADY_EXISTS']);
    expect(await codes(app, ACCEPT, { i: { token } }, asAdmin())).toEqual(['ALREADY_EXISTS']);
    const narrow = (await data(app, 'mutation { createApiToken(input: {name: "n", role: VIEWER}) { secret } }', {}, { token: person.token }))
      .createApiToken.secret;
    expect(await codes(app, ACCEPT, { i: { token } }, { token: narrow })).toEqual(['FORBIDDEN']);
    const { acceptInvitation } = await data(app, ACCEPT, { i: { token } }, { token: person.token });
    expect(acceptInvitation).toEqual({ team: 'crew', role: 'VIEWER', signedIn: null });
    const { viewer } = await data(app, '{ viewer { teams { slug myRole } } }', {}, { token: person.token });
    expect(viewer.teams).toEqual([{ slug: 'crew', myRole: 'VIEWER' }]);
  });

  it('is refused when revoked, expired or made up; its secret is stored nowhere', async () => {
    const { token, invitation } = await invite('late@example.com');
    const revoke = 'mutation($id: ID!) { revokeInvitation(input: {id: $id}) { invitation { state } } }';
    for (let times = 0; times < 2; times++)
      expect((await data(app, revoke, { id: invitation.id }, asAdmin())).revokeInvitation.invitation.state).toBe('REVOKED');
    for (const bad of [token, 'x', ''])
      expect(await codes(app, ACCEPT, { i: { token: bad, password: PASSWORD } }, open)).toEqual(['UNAUTHENTICATED']);
    const brief = await invite('brief@example.com');
    await app.deps.db.rows({ text: "update invitations set expires_at = now() - interval '1 second' where email = 'brief@example.com'" });
    expect(await codes(app, ACCEPT, { i: { token: brief.token, password: PASSWORD } }, open)).toEqual(['UNAUTHENTICATED']);
    expect((await states()).slice(0, 2).map((one: { state: string }) => one.state)).toEqual(['EXPIRED', 'REVOKED']);
    const far = new Date(Date.now() + 31 * 24 * 3_600_000).toISOString();
    expect(await codes(app, INVITE, { i: { team: slug, email: 'a@b', role: 'VIEWER', expiresAt: far } }, asAdmin())).toEqual(['INVALID_ARGUMENT']);
    const rows = await app.deps.db.rows({ text: 'select i::text as text from invitations i union all select a::text from audit_log a' });
    expect(JSON.stringify(rows)).not.toContain(brief.token);
  });
});

describe('a service account', () => {
  const CREATE =
    'mutation($n: String!, $r: Role!) { createServiceAccount(input: {team: "crew", name: $n, role: $r}) { serviceAccount { id userId name role team } } }';
  const TOKEN =
    'mutation($i: CreateApiTokenInput!) { createApiToken(input: $i) { secret apiToken { id team role owner { name } serviceAccount { name } } } }';

  it('acts in its team by tokens that ADMINs make, and is named for what it did', async () => {
    const { serviceAccount } = (await data(app, CREATE, { n: 'ci', r: 'CONTRIBUTOR' }, asAdmin())).createServiceAccount;
    expect(serviceAccount).toMatchObject({ name: 'ci', role: 'CONTRIBUTOR', team: 'crew' });
    expect(await codes(app, CREATE, { n: 'ci', r: 'VIEWER' }, asAdmin())).toEqual(['ALREADY_EXISTS']);
    expect(await codes(app, CREATE, { n: 'No Name', r: 'VIEWER' }, asAdmin())).toEqual(['INVALID_ARGUMENT']);
    const { secret, apiToken } = (await data(app, TOKEN, { i: { name: 't', serviceAccount: serviceAccount.id } }, asAdmin())).createApiToken;
    expect(apiToken).toMatchObject({ team: 'crew', role: null, owner: { name: 'ci' }, serviceAccount: { name: 'ci' } });
    expect(await codes(app, TOKEN, { i: { name: 't', serviceAccount: serviceAccount.id, role: 'ADMIN' } }, asAdmin())).toEqual(['FORBIDDEN']);
    const as = { token: secret };
    const { viewer } = await data(app, '{ viewer { kind isServerAdmin user { name } serviceAccount { name role } teams { slug myRole } } }', {}, as);
    expect(viewer).toEqual({
      kind: 'SERVICE_ACCOUNT',
      isServerAdmin: false,
      user: { name: 'ci' },
      serviceAccount: { name: 'ci', role: 'CONTRIBUTOR' },
      teams: [{ slug: 'crew', myRole: 'CONTRIBUTOR' }],
    });
    const { createRun } = await data(
      app,
      'mutation { createRun(input: {experimentId: "0"}) { run { runId createdBy { __typename ... on ServiceAccount { id name role } } } } }',
      {},
      as,
    );
    expect(createRun.run.createdBy).toEqual({ __typename: 'ServiceAccount', id: serviceAccount.id, name: 'ci', role: 'CONTRIBUTOR' });
    expect((await data(app, 'query($id: ID!) { node(id: $id) { ... on ServiceAccount { name } } }', { id: serviceAccount.id }, as)).node).toEqual({
      name: 'ci',
    });

    const disable = 'mutation($id: ID!, $d: Boolean!) { disableServiceAccount(input: {id: $id, disabled: $d}) { serviceAccount { disabledAt } } }';
    expect(await codes(app, disable, { id: serviceAccount.id, d: true }, as)).toEqual(['FORBIDDEN']);
    await data(app, disable, { id: serviceAccount.id, d: true }, asAdmin());
    expect(await codes(app, '{ viewer { kind } }', {}, as)).toEqual(['UNAUTHENTICATED']);
    await data(app, disable, { id: serviceAccount.id, d: false }, asAdmin());
    expect(await codes(app, '{ viewer { kind } }', {}, as)).toEqual([]);
  });

  it('is no member, joins no other team, and can not sign in', async () => {
    const { serviceAccount } = (await data(app, CREATE, { n: 'robot', r: 'ADMIN' }, asAdmin())).createServiceAccount;
    const { secret } = (await data(app, TOKEN, { i: { name: 't', serviceAccount: serviceAccount.id } }, asAdmin())).createApiToken;
    const { team, viewer } = await data(
      app,
      '{ team(slug: "crew") { members { totalCount nodes { user { name } } } } viewer { user { email } } }',
      {},
      { token: secret },
    );
    expect(team.members.nodes.map((one: { user: { name: string } }) => one.user.name)).not.toContain('robot');
    expect(team.members.nodes).toHaveLength(team.members.totalCount);
    const { token } = await invite('x@example.com');
    expect(await codes(app, ACCEPT, { i: { token } }, { token: secret })).toEqual(['FORBIDDEN']);
    const add = 'mutation($e: String!) { addMember(input: {team: "default", email: $e, role: VIEWER}) { membership { role } } }';
    expect(await codes(app, add, { e: viewer.user.email })).toEqual(['NOT_FOUND']);
    const remove = 'mutation($u: Int!) { removeMember(input: {team: "crew", userId: $u}) { team { slug } } }';
    await data(app, remove, { u: serviceAccount.userId }, asAdmin());
    expect(await codes(app, '{ viewer { kind } }', {}, { token: secret })).toEqual([]);
    expect(await codes(app, 'mutation { changePassword(input: {newPassword: "12345678"}) { user { email } } }', {}, { token: secret })).toEqual([
      'UNAUTHENTICATED',
    ]);
    const signInAs = 'mutation($e: String!) { signIn(input: {email: $e, password: ""}) { accessToken } }';
    expect(await codes(app, signInAs, { e: viewer.user.email }, open)).toEqual(['UNAUTHENTICATED']);
  });
});

it('webhooks are made, changed, tested, listed with their deliveries, and deleted', async () => {
  const create = 'mutation($i: CreateWebhookInput!) { createWebhook(input: $i) { webhook { id name url signed status events { entity action } } } }';
  const input = {
    team: slug,
    name: 'hook',
    url: 'http://127.0.0.1:9/x',
    secret: 's3cret',
    events: [{ entity: 'REGISTERED_MODEL', action: 'CREATED' }],
  };
  const { webhook } = (await data(app, create, { i: input }, asAdmin())).createWebhook;
  expect(webhook).toMatchObject({ name: 'hook', signed: true, status: 'ACTIVE', events: input.events });
  expect(await codes(app, create, { i: { ...input, events: [] } }, asAdmin())).toEqual(['INVALID_ARGUMENT']);
  await data(app, 'mutation { createRegisteredModel(input: {team: "crew", name: "hooked"}) { registeredModel { name } } }', {}, asAdmin());
  const update = 'mutation($i: UpdateWebhookInput!) { updateWebhook(input: $i) { webhook { name status url } } }';
  expect((await data(app, update, { i: { id: webhook.id, name: 'other', status: 'DISABLED', url: null } }, asAdmin())).updateWebhook.webhook).toEqual(
    {
      name: 'other',
      status: 'DISABLED',
      url: 'http://127.0.0.1:9/x',
    },
  );
  const { testWebhook } = await data(
    app,
    'mutation($id: ID!) { testWebhook(input: {id: $id}) { success errorMessage } }',
    { id: webhook.id },
    asAdmin(),
  );
  expect(testWebhook).toEqual({ success: false, errorMessage: expect.stringContaining('Failed to test webhook') });
  const list =
    '{ team(slug: "crew") { webhooks(first: 1) { nodes { name deliveries { event { entity } state attempts nextAttemptAt } } pageInfo { hasNextPage } } } }';
  const { webhooks } = (await data(app, list, {}, asAdmin())).team;
  expect(webhooks.nodes).toEqual([
    { name: 'other', deliveries: [{ event: { entity: 'REGISTERED_MODEL' }, state: 'PENDING', attempts: 0, nextAttemptAt: expect.any(String) }] },
  ]);
  const remove = 'mutation($id: ID!) { deleteWebhook(input: {id: $id}) { id } }';
  await data(app, remove, { id: webhook.id }, asAdmin());
  expect(await codes(app, remove, { id: webhook.id }, asAdmin())).toEqual(['NOT_FOUND']);
});

describe('the audit log', () => {
  const LOG =
    'query($w: AuditWhere) { team(slug: "crew") { auditLog(where: $w, first: 200) { nodes { entryId action target actorName actor { __typename } address requestId before after } } } }';
  const entries = async (where?: object) => (await data(app, LOG, { w: where }, asAdmin())).team.auditLog.nodes;

  it('tells who did what, before and after, newest first, and pages', async () => {
    const person = await seedPerson(app, 'promoted@example.com', slug, 'VIEWER');
    await data(
      app,
      'mutation($u: Int!) { setMemberRole(input: {team: "crew", userId: $u, role: MAINTAINER}) { membership { role } } }',
      { u: person.userId },
      asAdmin(),
    );
    await data(
      app,
      `mutation { a: createRegisteredModel(input: {team: "crew", name: "m"}) { registeredModel { name } }
        b: createModelVersion(input: {team: "crew", name: "m", source: "s3://b/1"}) { modelVersion { version } }
        c: createModelVersion(input: {team: "crew", name: "m", source: "s3://b/2"}) { modelVersion { version } }
        d: setModelAlias(input: {team: "crew", name: "m", alias: "champion", version: 1}) { registeredModel { name } }
        e: setModelAlias(input: {team: "crew", name: "m", alias: "champion", version: 2}) { registeredModel { name } }
        f: setModelVersionStage(input: {team: "crew", name: "m", version: 2, stage: PRODUCTION}) { modelVersion { version } }
        g: deleteModelVersion(input: {team: "crew", name: "m", version: 1}) { version } }`,
      {},
      asAdmin(),
    );
    const { createRun } = await data(app, 'mutation { createRun(input: {team: "crew", experimentId: "0"}) { run { runId } } }', {}, asAdmin());
    const { runId } = createRun.run;
    for (let times = 0; times < 2; times++)
      await app.mlflow('POST', '2.0/mlflow/runs/delete', { run_id: runId }, { token: admin.token, headers: { 'x-mlflow-workspace': 'crew' } });
    const [deleted, gone, stage, alias] = await entries();
    expect(deleted).toMatchObject({
      action: 'RUNS_DELETED',
      target: `run ${runId}`,
      actorName: 'boss@example.com',
      actor: { __typename: 'User' },
      address: '127.0.0.1',
    });
    expect(deleted.requestId).toEqual(expect.any(String));
    expect(gone).toMatchObject({ action: 'VERSION_DELETED', target: 'model m version 1' });
    expect(stage).toMatchObject({ action: 'VERSION_STAGE_CHANGED', before: { stage: 'None' }, after: { stage: 'Production' } });
    expect(alias).toMatchObject({ action: 'ALIAS_SET', target: 'model m alias champion', before: { version: 1 }, after: { version: 2 } });
    const [role] = await entries({ actions: ['MEMBER_ROLE_CHANGED'] });
    expect(role).toMatchObject({ target: `user ${person.userId}`, before: { role: 'VIEWER' }, after: { role: 'MAINTAINER' } });
    expect(await entries({ from: '2999-01-01' })).toEqual([]);

    const page =
      'query($a: String) { team(slug: "crew") { auditLog(first: 3, after: $a) { nodes { entryId } pageInfo { hasNextPage endCursor } } } }';
    const seen: number[] = [];
    for (let after: string | null = null; ; ) {
      const { nodes, pageInfo }: { nodes: { entryId: number }[]; pageInfo: { hasNextPage: boolean; endCursor: string } } = (
        await data(app, page, { a: after }, asAdmin())
      ).team.auditLog;
      seen.push(...nodes.map((one) => one.entryId));
      if (!pageInfo.hasNextPage) break;
      after = pageInfo.endCursor;
    }
    expect(seen).toEqual((await entries()).map((one: { entryId: number }) => one.entryId));
  });

  it('tells of refusals of what matters, is for ADMINs, and the server has its own', async () => {
    const person = await seedPerson(app, 'curious@example.com', slug, 'VIEWER');
    expect(await codes(app, LOG, {}, { token: person.token })).toEqual(['FORBIDDEN']);
    expect(await codes(app, '{ auditLog { nodes { action } } }', {}, { token: person.token })).toEqual(['FORBIDDEN']);
    expect(await codes(app, 'mutation { deleteRegisteredModel(input: {team: "crew", name: "m"}) { name } }', {}, { token: person.token })).toEqual([
      'FORBIDDEN',
    ]);
    expect((await entries())[0]).toMatchObject({ action: 'DENIED', target: 'deleteRegisteredModel', actorName: 'curious@example.com' });
    const { auditLog } = await data(app, '{ auditLog(first: 200) { nodes { action actorName target } } }');
    expect(auditLog.nodes.map((one: { action: string }) => one.action)).toEqual(expect.arrayContaining(['USER_CREATED', 'TEAM_CREATED']));
    expect(auditLog.nodes.every((one: { actorName: string }) => one.actorName !== '')).toBe(true);
    expect(auditLog.nodes.at(-1).actorName).toBe(ADMIN_EMAIL);
  });

  it('can not be changed, whoever tries', async () => {
    for (const text of ["update audit_log set actor = 'x'", 'delete from audit_log', 'truncate audit_log'])
      await expect(app.deps.db.rows({ text }), text).rejects.toThrow();
    expect((await entries()).length).toBeGreaterThan(5);
  });
});
