// The wall between teams, walked along the whole schema: whatever a stranger asks with another team's ids is answered as if nothing were there.
import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSchema } from '../../src/graphql/schema.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { data, seedPerson } from '../support/people.ts';

/** What arguments name. Two sets: one of the owners' things, one of nothing, alike in form. */
type Ids = {
  team: string;
  runId: string;
  experimentId: string;
  experimentName: string;
  modelId: string;
  modelName: string;
  userId: number;
  ids: string[];
};

const schema = makeSchema();
let app: TestApp;
let owned: Ids;
let unknown: Ids;
let stranger: string;
let owner: string;

const EVERYTHING = `{ team(slug: "owners") { name members { nodes { role user { email } } } apiTokens { nodes { id revokedAt } }
  webhooks { nodes { name url status } } invitations { nodes { email state } } serviceAccounts { nodes { name role disabledAt } }
  auditLog { nodes { action target } } protections { models alias approvals } promotionRequests { nodes { alias state votes { approves } } } savedViews { nodes { name state } }
  experiments(lifecycle: ALL) { nodes { name lifecycle tags { key value } } }
  runs(lifecycle: ALL) { nodes { name status lifecycle notes params { key value } metrics { key count last } tags(includeSystem: true) { key value } inputs { datasets { dataset { name } } } artifacts { path } } }
  loggedModels { nodes { name status tags { key } } }
  registeredModels { nodes { name description aliases { alias } tags { key } versions { nodes { version stage description tags { key } } } } } } }`;

beforeAll(async () => {
  app = await startApp({ config: { webhookAllowPrivate: true } });
  const create = 'mutation($s: String!) { createTeam(input: {slug: $s, name: $s}) { team { id } } }';
  const { createTeam } = await data(app, create, { s: 'owners' });
  await data(app, create, { s: 'strangers' });
  const keeper = await seedPerson(app, 'owner@example.com', 'owners');
  owner = keeper.token;
  stranger = (await seedPerson(app, 'stranger@example.com', 'strangers')).token;
  const token = { token: owner };
  // The stranger's team has the experiment 0 alone, so that another number is nobody's there.
  for (const name of ['a', 'b', 'secret experiment'])
    await data(app, 'mutation($n: String!) { createExperiment(input: {name: $n}) { experiment { id } } }', { n: name }, token);
  const { createRun } = await data(
    app,
    'mutation { createRun(input: {experimentId: "3", name: "secret run", tags: [{key: "t", value: "v"}]}) { run { id runId experiment { id } } } }',
    {},
    token,
  );
  const runId = createRun.run.runId;
  const made = await data(
    app,
    `mutation($r: String!) {
      logBatch(input: {runId: $r, metrics: [{key: "m", value: 1}], params: [{key: "p", value: "1"}]}) { run { id } }
      createLoggedModel(input: {experimentId: "3", name: "secret", sourceRunId: $r, tags: [{key: "t", value: "v"}]}) { loggedModel { id modelId } }
      createRegisteredModel(input: {name: "secret model", tags: [{key: "t", value: "v"}]}) { registeredModel { id } }
      createModelVersion(input: {name: "secret model", source: "s3://elsewhere/x", runId: $r}) { modelVersion { id } }
      setModelAlias(input: {name: "secret model", alias: "champion", version: 1}) { registeredModel { id } }
      createApiToken(input: {team: "owners", name: "secret"}) { apiToken { id } }
      createWebhook(input: {name: "secret", url: "https://192.0.2.1/x", events: [{entity: RUN, action: FINISHED}]}) { webhook { id } }
      inviteMember(input: {email: "guest@example.com", role: VIEWER}) { invitation { id } }
      createServiceAccount(input: {name: "secret", role: MAINTAINER}) { serviceAccount { id } }
      createProtection(input: {models: "secret model", alias: "guarded"}) { protection { id } }
      requestPromotion(input: {name: "secret model", alias: "guarded", version: 1}) { promotionRequest { id requestId } }
      createSavedView(input: {name: "secret view", state: {filter: "tags.t = 'v'"}, experimentId: "3", shared: true}) { savedView { id } }
    }`,
    { r: runId },
    token,
  );
  const modelId = made.createLoggedModel.loggedModel.modelId;
  const ids = [
    createTeam.team.id,
    createRun.run.id,
    createRun.run.experiment.id,
    made.createLoggedModel.loggedModel.id,
    made.createRegisteredModel.registeredModel.id,
    made.createModelVersion.modelVersion.id,
    made.createApiToken.apiToken.id,
    Buffer.from(`User:${keeper.userId}`).toString('base64url'),
    made.createWebhook.webhook.id,
    made.inviteMember.invitation.id,
    made.createServiceAccount.serviceAccount.id,
    made.createSavedView.savedView.id,
    made.createProtection.protection.id,
    made.requestPromotion.promotionRequest.id,
  ];
  const zeros = '0'.repeat(32);
  const nowhere = (id: string) =>
    Buffer.from(
      Buffer.from(id, 'base64url')
        .toString()
        .replace(/[0-9a-f]{32}/, zeros)
        .replace(/:\d+/, ':9999'),
    ).toString('base64url');
  owned = {
    team: 'owners',
    runId,
    experimentId: '3',
    experimentName: 'secret experiment',
    modelId,
    modelName: 'secret model',
    userId: keeper.userId,
    ids,
  };
  unknown = {
    team: 'nobody',
    runId: zeros,
    experimentId: '9999',
    experimentName: 'no experiment',
    modelId: `m-${zeros}`,
    modelName: 'no model',
    userId: 9_999,
    ids: ids.map(nowhere),
  };
});
afterAll(() => app.close());

/** A value for an argument: what its name stands for, or anything of its type. Undefined for optional ones that name nothing. */
function valueFor(name: string, type: GraphQLInputType, of: Ids, owner: string, id: string, withTeam: boolean): unknown {
  const required = isNonNullType(type);
  const bare = isNonNullType(type) ? type.ofType : type;
  const named = getNamedType(type);
  const registry = /Model(Version|Alias)?|RequestPromotion/.test(owner) && !/Logged/.test(owner);
  const known: Record<string, unknown> = {
    team: withTeam ? of.team : undefined,
    slug: owner === 'CreateTeamInput' ? undefined : of.team,
    runId: of.runId,
    runIds: [of.runId],
    parentRunId: of.runId,
    sourceRunId: of.runId,
    experimentId: of.experimentId,
    experimentIds: [of.experimentId],
    modelId: of.modelId,
    modelIds: [of.modelId],
    name: registry && owner !== 'CreateRegisteredModelInput' ? of.modelName : undefined,
    source: `runs:/${of.runId}/model`,
    userId: of.userId,
    id,
    version: 1,
    alias: owner === 'RequestPromotionInput' ? 'guarded' : 'champion',
    stage: ['RequestPromotionInput', 'CreateProtectionInput', 'ModelVersion'].includes(owner) ? undefined : 'STAGING',
    path: 'model',
    email: owner === 'InviteMemberInput' ? 'friend@example.com' : undefined,
    serviceAccount: Buffer.from(id, 'base64url').toString().startsWith('ServiceAccount:') ? id : undefined,
    columns: ['run_name', 'metrics.m', 'params.p'],
    by: ['params.p'],
    measures: [],
    state: {},
    olderThan: '30d',
  };
  if (known[name] !== undefined) return known[name];
  if (isListType(bare)) return required ? [valueFor(name, bare.ofType, of, owner, id, withTeam)] : undefined;
  if (isInputObjectType(named))
    return required || name === 'input' ? fill(Object.values(named.getFields()), of, named.name, id, withTeam) : undefined;
  if (!required) return undefined;
  if (isEnumType(named)) return named.getValues()[1]?.name ?? named.getValues()[0]!.name;
  return { Int: 1, Long: 1, MetricValue: 1, Boolean: true, DateTime: '2999-01-01T00:00:00Z', ID: id }[named.name] ?? `x-${name}`;
}

const fill = (args: readonly { name: string; type: GraphQLInputType }[], of: Ids, owner: string, id: string, withTeam: boolean) =>
  Object.fromEntries(
    args.flatMap((arg) => {
      const value = valueFor(arg.name, arg.type, of, owner, id, withTeam);
      return value === undefined ? [] : [[arg.name, value]];
    }),
  );

const typeText = (arg: GraphQLArgument) => String(arg.type);

async function call(
  kind: 'query' | 'mutation',
  field: GraphQLField<unknown, unknown>,
  variables: Record<string, unknown>,
  wrap = (text: string) => text,
) {
  const args = field.args.filter((arg) => variables[arg.name] !== undefined);
  const declared = args.map((arg) => `$${arg.name}: ${typeText(arg)}`).join(', ');
  const given = args.map((arg) => `${arg.name}: $${arg.name}`).join(', ');
  const selection = `${field.name}${given ? `(${given})` : ''} { __typename }`;
  const { body, status } = await app.graphql(`${kind} ${declared ? `(${declared})` : ''} { ${wrap(selection)} }`, variables, { token: stranger });
  return {
    status,
    data: body.data,
    errors: body.errors?.map((error: { message: string; extensions: { code: string } }) => ({ message: error.message, code: error.extensions.code })),
  };
}

/** The same text for both sets of ids, so that answers can be compared. */
function anonymous(answer: unknown, ids: Ids): string {
  let text = JSON.stringify(answer);
  const names = [
    ids.runId,
    ids.modelId,
    ids.modelName,
    ids.experimentName,
    ids.team,
    ...ids.ids,
    ...ids.ids.map((id) => Buffer.from(id, 'base64url').toString().split(':').at(-1)!),
  ];
  // The longer first: some are part of others.
  for (const name of names.filter((one) => one.length > 3).sort((a, b) => b.length - a.length)) text = text.replaceAll(name, '…');
  return text.replaceAll(new RegExp(`\\b(${ids.userId}|${ids.experimentId})\\b`, 'g'), '…');
}

const NOT_ABOUT_TEAMS = new Set([
  'signIn',
  'signInWithLink',
  'refreshSession',
  'signOut',
  'endSessions',
  'changePassword',
  'createUser',
  'setUserDisabled',
  'createPasswordResetLink',
  'resetPassword',
  'removeUser',
  'appointTeamAdmin',
  'removeTeam',
  'createTeam',
  'acceptInvitation',
]);
/** Without a team they only make something in one's own. */
const MAKES_OWN = new Set(['createExperiment', 'createRegisteredModel', 'inviteMember', 'createServiceAccount', 'createWebhook', 'createProtection']);
const mutations = Object.values(schema.getMutationType()!.getFields()).filter((field) => !NOT_ABOUT_TEAMS.has(field.name));

describe('a stranger', () => {
  it.each(mutations.map((field) => [field.name, field] as const))(
    'can not %s what is another team’s, or learn that it is there',
    async (_name, field) => {
      const before = await data(app, EVERYTHING, {}, { token: owner });
      for (const withTeam of MAKES_OWN.has(field.name) ? [true] : [true, false]) {
        for (const index of [0, 1, 6, 8, 9, 10, 11, 12, 13]) {
          const theirs = await call('mutation', field, fill(field.args, owned, field.name, owned.ids[index]!, withTeam));
          const nothing = await call('mutation', field, fill(field.args, unknown, field.name, unknown.ids[index]!, withTeam));
          expect(anonymous(theirs, owned)).toBe(anonymous(nothing, unknown));
          expect(theirs.errors?.every(({ code }: { code: string }) => code === 'NOT_FOUND') ?? true, JSON.stringify(theirs)).toBe(true);
          if (withTeam && field.name !== 'revokeApiToken' && /team|slug/.test(JSON.stringify(fill(field.args, owned, field.name, '', true))))
            expect(theirs.errors).toHaveLength(1);
        }
      }
      expect(await data(app, EVERYTHING, {}, { token: owner })).toEqual(before);
    },
  );

  it('finds nothing of another team by any query', async () => {
    const roots = Object.values(schema.getQueryType()!.getFields()).filter((field) => field.args.length > 0);
    expect(roots.map((field) => field.name).sort()).toEqual(['auditLog', 'loggedModel', 'node', 'run', 'team', 'teams', 'users']);
    const ofServer = ['auditLog', 'teams', 'users'];
    for (const name of ofServer)
      expect((await call('query', schema.getQueryType()!.getFields()[name]!, {})).errors).toMatchObject([{ code: 'FORBIDDEN' }]);
    for (const field of roots.filter((one) => !ofServer.includes(one.name))) {
      for (const id of owned.ids) {
        const answer = await call('query', field, fill(field.args, owned, field.name, id, true));
        expect(answer, `${field.name} ${id}`).toEqual({ status: 200, data: { [field.name]: null }, errors: undefined });
      }
    }
  });

  it('finds nothing of another team through the fields of their own', async () => {
    const fields = Object.values((schema.getType('Team') as unknown as { getFields(): Record<string, GraphQLField<unknown, unknown>> }).getFields());
    const withIds = fields.filter((field) => field.args.some((arg) => /Ids?$|^name$/.test(arg.name)));
    expect(withIds.length).toBeGreaterThanOrEqual(4);
    const own = (text: string) => `team(slug: "strangers") { ${text} }`;
    for (const field of withIds) {
      const choices =
        field.name === 'experiment'
          ? [{ experimentId: 'experimentId' }, { name: 'experimentName' }]
          : [{ experimentIds: 'experimentId', name: 'modelName' }];
      for (const choice of choices) {
        const variables = (of: Ids) => ({
          ...fill(
            field.args.filter((arg) => isNonNullType(arg.type)),
            of,
            field.name,
            '',
            false,
          ),
          ...Object.fromEntries(
            Object.entries(choice).flatMap(([arg, key]) => {
              const value = of[key as keyof Ids];
              return field.args.some((one) => one.name === arg) ? [[arg, arg.endsWith('Ids') ? [value] : value]] : [];
            }),
          ),
        });
        const theirs = await call('query', field, variables(owned), own);
        expect(anonymous(theirs, owned), field.name).toEqual(anonymous(await call('query', field, variables(unknown), own), unknown));
        if (field.name === 'compareRuns') expect(theirs.errors).toMatchObject([{ code: 'NOT_FOUND' }]);
        else expect(theirs.errors, field.name).toBeUndefined();
      }
    }
    const listed = await data(
      app,
      `{ team(slug: "strangers") { runs(lifecycle: ALL) { totalCount } loggedModels { totalCount } registeredModels { totalCount }
        modelVersions { totalCount } members { totalCount } } }`,
      {},
      { token: stranger },
    );
    expect(Object.entries(listed.team).map(([name, list]) => [name, (list as { totalCount: number }).totalCount])).toEqual([
      ['runs', 0],
      ['loggedModels', 0],
      ['registeredModels', 0],
      ['modelVersions', 0],
      ['members', 2],
    ]);
  });
});
