// Bad input of every mutation, walked along the schema: each argument missing, of another type, oversized. The answer has the right code and names the
// argument, and nothing is written.
import {
  type GraphQLInputField,
  type GraphQLInputObjectType,
  getNamedType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isScalarType,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSchema } from '../../src/graphql/schema.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { data } from '../support/people.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are looked at, not relied on
type Loose = any;

const mutations = Object.values(makeSchema().getMutationType()!.getFields()).filter((field) => field.args.length > 0);
let app: TestApp;
/** Inputs that are right, so that what is wrong is the one thing that was changed. */
let valid: Record<string, Record<string, unknown>>;

beforeAll(async () => {
  app = await startApp({ config: { webhookAllowPrivate: true } });
  const { createRun } = await data(app, 'mutation { createRun(input: {experimentId: "0"}) { run { runId } } }');
  const { runId } = createRun.run;
  const made = await data(
    app,
    `mutation($r: String!) {
      createExperiment(input: {name: "e"}) { experiment { id } }
      createLoggedModel(input: {experimentId: "0", name: "logged", sourceRunId: $r}) { loggedModel { modelId } }
      createRegisteredModel(input: {name: "m"}) { registeredModel { id } }
      createModelVersion(input: {name: "m", source: "s3://elsewhere/x", runId: $r}) { modelVersion { id } }
      setModelAlias(input: {name: "m", alias: "champion", version: 1}) { registeredModel { id } }
      createApiToken(input: {team: "default", name: "t"}) { apiToken { id } }
      createWebhook(input: {name: "w", url: "https://192.0.2.1/x", events: [{entity: RUN, action: FINISHED}]}) { webhook { id } }
      inviteMember(input: {email: "guest@example.com", role: VIEWER}) { invitation { id } }
      createServiceAccount(input: {name: "s", role: MAINTAINER}) { serviceAccount { id } }
      createSavedView(input: {name: "v", state: {}}) { savedView { id } }
      createProtection(input: {models: "m", alias: "guarded"}) { protection { id } }
      requestPromotion(input: {name: "m", alias: "guarded", version: 1}) { promotionRequest { id } }
      createArtifactUpload(input: {runId: $r, path: "big", sizeBytes: 100000000}) { multipart { uploadId } }
    }`,
    { r: runId },
  );
  const { modelId } = made.createLoggedModel.loggedModel;
  const { uploadId } = made.createArtifactUpload.multipart;
  const person = { email: 'x@example.com', password: 'a good long password' };
  const version = { name: 'm', version: 1 };
  const id = (payload: Record<string, { id: string }>) => ({ id: Object.values(payload)[0]!.id });
  const logged = { runId };
  valid = {
    createArtifactUpload: { runId, path: 'x' },
    completeArtifactUpload: { runId, path: 'big', uploadId, parts: [{ partNumber: 1, etag: '"x"' }] },
    abortArtifactUpload: { runId, path: 'big', uploadId },
    deleteArtifact: { runId, path: 'x' },
    createExperiment: { name: 'another' },
    updateExperiment: { experimentId: '1' },
    deleteExperiment: { experimentId: '1' },
    restoreExperiment: { experimentId: '1' },
    inviteMember: { email: 'y@example.com', role: 'VIEWER' },
    revokeInvitation: id(made.inviteMember),
    acceptInvitation: { token: 'x' },
    createLoggedModel: { experimentId: '0' },
    finalizeLoggedModel: { modelId, status: 'READY' },
    deleteLoggedModel: { modelId },
    tagLoggedModel: { modelId },
    createModelVersion: { name: 'm', source: 's3://elsewhere/y' },
    updateModelVersion: version,
    setModelVersionStage: { ...version, stage: 'STAGING' },
    deleteModelVersion: version,
    purgeDeleted: { olderThan: '30d' },
    createRegisteredModel: { name: 'another' },
    renameRegisteredModel: { name: 'm', newName: 'another' },
    updateRegisteredModel: { name: 'm' },
    deleteRegisteredModel: { name: 'm' },
    setModelAlias: { ...version, alias: 'other' },
    deleteModelAlias: { name: 'm', alias: 'champion' },
    createProtection: { models: 'another', alias: 'champion' },
    updateProtection: id(made.createProtection),
    deleteProtection: id(made.createProtection),
    requestPromotion: { ...version, alias: 'guarded' },
    approvePromotion: id(made.requestPromotion),
    rejectPromotion: id(made.requestPromotion),
    withdrawPromotion: id(made.requestPromotion),
    rollBackModelAlias: { name: 'm', alias: 'champion' },
    renewReportingRole: {},
    deleteReportingRole: {},
    createRun: { experimentId: '0' },
    updateRun: logged,
    deleteRuns: { runIds: [runId] },
    restoreRuns: { runIds: [runId] },
    logBatch: logged,
    logMetrics: { runId, keys: ['a'], values: [1] },
    setTags: { runId, tags: [{ key: 'a', value: 'b' }] },
    deleteTags: { runId, keys: ['a'] },
    logInputs: logged,
    createSavedView: { name: 'another', state: {} },
    updateSavedView: id(made.createSavedView),
    deleteSavedView: id(made.createSavedView),
    createServiceAccount: { name: 'another', role: 'VIEWER' },
    disableServiceAccount: { ...id(made.createServiceAccount), disabled: true },
    createTeam: { slug: 'another', name: 'another' },
    updateTeam: { slug: 'default', name: 'another' },
    addMember: { email: 'x@example.com', role: 'VIEWER' },
    setMemberRole: { userId: 9_999, role: 'VIEWER' },
    removeMember: { userId: 9_999 },
    createApiToken: { name: 'another' },
    revokeApiToken: id(made.createApiToken),
    signIn: person,
    signInWithLink: { token: 'x' },
    refreshSession: { refreshToken: 'x' },
    endSessions: { sessionIds: ['x'] },
    changePassword: { currentPassword: 'x', newPassword: 'another good password' },
    createUser: person,
    setUserDisabled: { userId: 9_999, disabled: true },
    createPasswordResetLink: { userId: 9_999 },
    resetPassword: { token: 'x', newPassword: 'another good password' },
    removeUser: { userId: 9_999 },
    appointTeamAdmin: { team: 'none', userId: 9_999 },
    removeTeam: { team: 'none' },
    createWebhook: { name: 'another', url: 'https://192.0.2.1/y', events: [{ entity: 'RUN', action: 'FINISHED' }] },
    updateWebhook: id(made.createWebhook),
    deleteWebhook: id(made.createWebhook),
    testWebhook: id(made.createWebhook),
  };
});
afterAll(() => app.close());

/** The dictionary of names, what is noted of requests or a moment after them, and of migrations. */
const LEFT_OUT = [
  'audit_log',
  'audit_repeats',
  'audit_seals',
  'audit_unsealed',
  'sign_in_brakes',
  'keys',
  'api_tokens',
  'run_changes',
  '_prisma_migrations',
];

/** A digest of every row that a mutation could write. */
async function everything(): Promise<string> {
  const tables = await app.deps.db.rows<{ name: string }>({
    text: "select c.relname as name from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace order by 1",
  });
  const parts: string[] = [];
  for (const { name } of tables) {
    if (LEFT_OUT.includes(name)) continue;
    const [row] = await app.deps.db.rows<{ digest: string }>({
      text: `select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) as digest from ${name} t`,
    });
    parts.push(`${name} ${row!.digest}`);
  }
  return parts.join('\n');
}

const inputOf = (field: (typeof mutations)[number]) => getNamedType(field.args[0]!.type) as GraphQLInputObjectType;
const isList = ({ type }: GraphQLInputField) => isListType(isNonNullType(type) ? type.ofType : type);

/** What is wrong with one argument, and whether the schema itself says so. */
function wrongs(field: GraphQLInputField): { what: string; value: unknown; bySchema: boolean }[] {
  const named = getNamedType(field.type);
  const wrap = (value: unknown) => (isList(field) ? [value] : value);
  const long = 'x'.repeat(150_000);
  return [
    ...(isNonNullType(field.type) && field.defaultValue === undefined ? [{ what: 'missing', value: undefined, bySchema: true }] : []),
    ...(isScalarType(named) && named.name !== 'JSON' ? [{ what: 'an object', value: wrap({}), bySchema: true }] : []),
    ...(named.name === 'String' || named.name === 'ID' ? [{ what: 'much too long', value: wrap(long), bySchema: false }] : []),
    ...(isInputObjectType(named) ? [{ what: 'text', value: 'x', bySchema: true }] : []),
  ];
}

/** MLflow cuts these rather than refuse them; or they are compared with what is there, and are simply not it. */
const TAKEN = new Set(['updateRun.notes', 'createRun.parentRunId', 'deleteTags.keys', 'endSessions.sessionIds']);

async function send(name: string, input: Record<string, unknown>): Promise<Loose> {
  const { body } = await app.graphql(
    `mutation($input: ${mutations.find((one) => one.name === name)!.args[0]!.type}) { ${name}(input: $input) { __typename } }`,
    { input },
  );
  return body;
}

describe('bad input', () => {
  it('is tried with every mutation', () => {
    expect(Object.keys(valid).sort()).toEqual(mutations.map((field) => field.name).sort());
  });

  it.each(mutations.map((field) => [field.name, field] as const))('of %s is named, and changes nothing', async (name, mutation) => {
    const before = await everything();
    for (const field of Object.values(inputOf(mutation).getFields())) {
      for (const { what, value, bySchema } of wrongs(field)) {
        if (!bySchema && TAKEN.has(`${name}.${field.name}`)) continue;
        const { errors, data: made } = await send(name, { ...valid[name], [field.name]: value });
        const answer = `${name}(${field.name}: ${what}): ${JSON.stringify(errors ?? made).slice(0, 300)}`;
        expect(errors, answer).toHaveLength(1);
        const { code, argument } = errors[0].extensions;
        if (bySchema) expect(code, answer).toBe('INVALID_ARGUMENT');
        else expect(['INVALID_ARGUMENT', 'LIMIT_EXCEEDED', 'NOT_FOUND', 'UNAUTHENTICATED'], answer).toContain(code);
        if (code === 'INVALID_ARGUMENT' || code === 'LIMIT_EXCEEDED') expect(argument?.split(/[.[]/)[0], answer).toBe(field.name);
        expect(answer.length).toBeLessThan(1_000);
      }
    }
    expect(await everything()).toBe(before);
  });

  it('of too many at once is refused with the limit', async () => {
    const tags = Array.from({ length: 3_000 }, (_none, index) => ({ key: `k${index}`, value: 'v' }));
    const keys = tags.map((tag) => tag.key);
    const before = await everything();
    for (const [name, field, value] of [
      ['createRun', 'tags', tags],
      ['setTags', 'tags', tags],
      ['deleteTags', 'keys', keys],
      ['logBatch', 'tags', tags],
      ['logBatch', 'params', tags],
      ['logBatch', 'metrics', tags.map(({ key }) => ({ key, value: 1 }))],
      ['updateExperiment', 'setTags', tags],
      ['updateExperiment', 'deleteTags', keys],
      ['updateRegisteredModel', 'setTags', tags],
      ['updateModelVersion', 'deleteTags', keys],
      ['tagLoggedModel', 'setTags', tags],
      ['createLoggedModel', 'params', tags],
    ] as const) {
      const { errors } = await send(name, { ...valid[name], [field]: value });
      expect(errors?.[0].extensions, `${name} ${field}`).toMatchObject({
        argument: field,
        code: expect.stringMatching(/INVALID_ARGUMENT|LIMIT_EXCEEDED/),
      });
    }
    expect(await everything()).toBe(before);
  });

  it('on what is deleted is refused, and writes nothing', async () => {
    const { createRun } = await data(app, 'mutation { createRun(input: {experimentId: "0"}) { run { runId } } }');
    const { runId } = createRun.run;
    await data(app, 'mutation($r: [String!]!) { deleteRuns(input: {runIds: $r}) { runs { runId } } }', { r: [runId] });
    await data(app, 'mutation { deleteExperiment(input: {experimentId: "1"}) { experiment { id } } }');
    const before = await everything();
    for (const [name, input] of [
      ['logBatch', { runId, metrics: [{ key: 'a', value: 1 }] }],
      ['logBatch', { runId, params: [{ key: 'a', value: '1' }] }],
      ['logMetrics', { runId, keys: ['a'], values: [1] }],
      ['setTags', { runId, tags: [{ key: 'a', value: 'b' }] }],
      ['deleteTags', { runId, keys: ['a'] }],
      ['updateRun', { runId, status: 'FINISHED' }],
      ['logInputs', { runId, datasets: [{ name: 'd', digest: '1', sourceType: 's', source: 's' }] }],
      ['createArtifactUpload', { runId, path: 'x' }],
      ['createRun', { experimentId: '1' }],
      ['createLoggedModel', { experimentId: '1' }],
      ['updateExperiment', { experimentId: '1', name: 'new' }],
    ] as const) {
      const { errors } = await send(name, input);
      expect(errors?.[0].extensions.code, name).toBe('FAILED_PRECONDITION');
    }
    expect(await everything()).toBe(before);
  });
});
