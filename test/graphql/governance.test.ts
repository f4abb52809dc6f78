// Governed promotion: protected aliases and stages, requests, four eyes, conditions in the transaction, rollback; through GraphQL and the MLflow door.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { matchesPattern } from '../../src/domain/governance/guard.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { codes, data, seedPerson } from '../support/people.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are looked at, not relied on
type Loose = any;

let app: TestApp;
const people = {} as Record<'ada' | 'bob' | 'cyd' | 'dan' | 'viv' | 'ann', string>;
let name = '';
let count = 0;

beforeAll(async () => {
  app = await startApp();
  const roles = { ada: 'MAINTAINER', bob: 'MAINTAINER', cyd: 'CONTRIBUTOR', dan: 'MAINTAINER', viv: 'VIEWER', ann: 'ADMIN' };
  for (const [who, role] of Object.entries(roles))
    people[who as keyof typeof people] = (await seedPerson(app, `${who}@example.com`, 'default', role)).token;
});
afterAll(() => app?.close());

const as = (token: string) => ({ token });
const ask = (token: string, query: string, variables: Record<string, unknown> = {}) => data(app, query, variables, as(token));
const refused = async (token: string, query: string, variables: Record<string, unknown> = {}): Promise<Loose> => {
  const { body } = await app.graphql(query, variables, as(token));
  return { ...body.errors?.[0]?.extensions, message: body.errors?.[0]?.message };
};

/** A version by cyd, of a run with this error; its number. */
async function version(rmse: number | null, tags: { key: string; value: string }[] = []): Promise<number> {
  const { createRun } = await ask(people.cyd, 'mutation { createRun(input: {experimentId: "0"}) { run { runId } } }');
  const { runId } = createRun.run;
  if (rmse !== null)
    await ask(
      people.cyd,
      'mutation($r: String!, $v: MetricValue!) { logBatch(input: {runId: $r, metrics: [{key: "rmse", value: $v}, {key: "val/loss", value: $v}]}) { run { id } } }',
      { r: runId, v: rmse },
    );
  await ask(people.cyd, 'mutation($r: String!) { updateRun(input: {runId: $r, status: FINISHED}) { run { id } } }', { r: runId });
  const made = await ask(
    people.cyd,
    'mutation($n: String!, $r: String!, $t: [TagInput!]) { createModelVersion(input: {name: $n, source: "s3://elsewhere/x", runId: $r, tags: $t}) { modelVersion { version } } }',
    { n: name, r: runId, t: tags },
  );
  return made.createModelVersion.modelVersion.version;
}

const protect = async (rules: Record<string, unknown>): Promise<string> =>
  (
    await ask(people.ann, 'mutation($i: CreateProtectionInput!) { createProtection(input: $i) { protection { id } } }', {
      i: { models: name, ...rules },
    })
  ).createProtection.protection.id;
const SET = 'mutation($n: String!, $v: Int!) { setModelAlias(input: {name: $n, alias: "champion", version: $v}) { registeredModel { id } } }';
const set = (token: string, v: number) => ask(token, SET, { n: name, v });
const holder = async (alias = 'champion'): Promise<number | undefined> =>
  (
    await ask(people.viv, 'query($n: String!) { team(slug: "default") { registeredModel(name: $n) { aliases { alias version } } } }', { n: name })
  ).team.registeredModel?.aliases.find((one: Loose) => one.alias === alias)?.version;
const REQUEST =
  'mutation($i: RequestPromotionInput!) { requestPromotion(input: $i) { promotionRequest { id requestId state approvals holder conditions { text holds found } } } }';
const request = async (token: string, v: number | null, target: Record<string, unknown> = { alias: 'champion' }): Promise<Loose> =>
  (await ask(token, REQUEST, { i: { name, version: v, ...target } })).requestPromotion.promotionRequest;
const APPROVE =
  'mutation($i: DecidePromotionInput!) { approvePromotion(input: $i) { promotionRequest { state votes { approves comment user { ... on User { email } } } } } }';
const approve = async (token: string, id: string, comment?: string): Promise<Loose> =>
  (await ask(token, APPROVE, { i: { id, comment } })).approvePromotion.promotionRequest;

beforeEach(async () => {
  count += 1;
  name = `model-${count}`;
  await ask(people.cyd, 'mutation($n: String!) { createRegisteredModel(input: {name: $n}) { registeredModel { id } } }', { n: name });
});

describe('a protected alias', () => {
  it('is moved by a request that others approve: not who asked, nor who made the version', async () => {
    const [first, second] = [await version(5), await version(4)];
    await set(people.ada, first);
    await protect({ alias: 'champion', approvals: 2 });
    // Nobody moves, removes, or takes it along.
    expect(await refused(people.ada, SET, { n: name, v: second })).toMatchObject({ code: 'FORBIDDEN', reason: 'target-protected', approvals: 2 });
    const drop = 'mutation($n: String!) { deleteModelAlias(input: {name: $n, alias: "champion"}) { registeredModel { id } } }';
    expect((await refused(people.ann, drop, { n: name })).reason).toBe('target-protected');
    for (const act of [
      'renameRegisteredModel(input: {name: $n, newName: "elsewhere"}) { __typename }',
      'deleteRegisteredModel(input: {name: $n}) { __typename }',
      'deleteModelVersion(input: {name: $n, version: 1}) { __typename }',
    ])
      expect((await refused(people.ada, `mutation($n: String!) { ${act} }`, { n: name })).reason, act).toBe('target-protected');
    // Another alias is as free as ever, and setting it where it is changes nothing.
    await ask(people.ada, 'mutation($n: String!) { setModelAlias(input: {name: $n, alias: "other", version: 1}) { registeredModel { id } } }', {
      n: name,
    });
    await set(people.ada, first);

    const asked = await request(people.ada, second);
    expect(asked).toMatchObject({ state: 'OPEN', approvals: 2, holder: first, conditions: [] });
    expect((await request(people.bob, second)).id).toBe(asked.id);
    expect((await refused(people.ada, APPROVE, { i: { id: asked.id } })).reason).toBe('approver-asked');
    expect((await refused(people.cyd, APPROVE, { i: { id: asked.id } })).code).toBe('FORBIDDEN');
    expect((await refused(people.viv, REQUEST, { i: { name, version: second, alias: 'champion' } })).code).toBe('FORBIDDEN');
    expect((await approve(people.bob, asked.id, 'looks good')).state).toBe('OPEN');
    // One person is one approval.
    expect((await approve(people.bob, asked.id, 'still')).state).toBe('OPEN');
    expect(await holder()).toBe(first);
    const { state, votes } = await approve(people.dan, asked.id);
    expect(state).toBe('APPLIED');
    expect(votes.map((vote: Loose) => [vote.user.email, vote.comment])).toEqual([
      ['bob@example.com', 'still'],
      ['dan@example.com', null],
    ]);
    expect(await holder()).toBe(second);
    expect((await refused(people.bob, APPROVE, { i: { id: asked.id } })).reason).toBe('promotion-request-closed');

    // The history says by whose approval; the audit log has every step.
    const { team } = await ask(
      people.ann,
      'query($n: String!) { team(slug: "default") { registeredModel(name: $n) { promotions(first: 1) { nodes { version changedBy { ... on User { email } } request { requestId requestedBy { ... on User { email } } votes { approves } } } } } auditLog(first: 200) { nodes { action target } } } }',
      { n: name },
    );
    expect(team.registeredModel.promotions.nodes).toEqual([
      {
        version: second,
        changedBy: { email: 'dan@example.com' },
        request: { requestId: asked.requestId, requestedBy: { email: 'ada@example.com' }, votes: [{ approves: true }, { approves: true }] },
      },
    ]);
    const acts = team.auditLog.nodes.filter((one: Loose) => one.target.startsWith(`model ${name} alias champion`)).map((one: Loose) => one.action);
    expect(acts).toEqual(expect.arrayContaining(['PROMOTION_REQUESTED', 'PROMOTION_APPROVED', 'PROMOTION_APPLIED', 'ALIAS_SET']));
  });

  it('is not approved by who made the version, by a program, or by votes of people who lost the role', async () => {
    const { createRegisteredModel: _ } = await ask(
      people.bob,
      'mutation { createRegisteredModel(input: {name: "bobs"}) { registeredModel { id } } }',
    );
    name = 'bobs';
    const made = await ask(
      people.bob,
      'mutation { createModelVersion(input: {name: "bobs", source: "s3://elsewhere/x"}) { modelVersion { version } } }',
    );
    await protect({ alias: 'champion', approvals: 2, approverRole: 'MAINTAINER' });
    const asked = await request(people.cyd, made.createModelVersion.modelVersion.version);
    expect((await refused(people.bob, APPROVE, { i: { id: asked.id } })).reason).toBe('approver-made');
    const account = await ask(people.ann, 'mutation { createServiceAccount(input: {name: "robot", role: MAINTAINER}) { serviceAccount { id } } }');
    const { createApiToken } = await ask(people.ann, 'mutation($s: ID) { createApiToken(input: {name: "r", serviceAccount: $s}) { secret } }', {
      s: account.createServiceAccount.serviceAccount.id,
    });
    expect((await refused(createApiToken.secret, APPROVE, { i: { id: asked.id } })).reason).toBe('approver-program');

    const eve = await seedPerson(app, 'eve@example.com', 'default', 'MAINTAINER');
    await approve(eve.token, asked.id);
    await ask(people.ann, 'mutation($u: Int!) { setMemberRole(input: {userId: $u, role: VIEWER}) { membership { role } } }', { u: eve.userId });
    expect((await approve(people.dan, asked.id)).state).toBe('OPEN');
    expect((await approve(people.ada, asked.id)).state).toBe('APPLIED');
  });

  it('moves only where its conditions hold, compared with what it points at then', async () => {
    const [first, worse, better] = [await version(5), await version(6), await version(4, [{ key: 'review', value: "it's done" }])];
    const conditions = ['metrics.rmse <= champion.metrics.rmse', "tags.review = 'it''s done'", 'run FINISHED', 'champion.metrics.`val/loss` > 1'];
    const wrong = await refused(people.ann, 'mutation($i: CreateProtectionInput!) { createProtection(input: $i) { protection { id } } }', {
      i: { models: name, alias: 'champion', conditions },
    });
    expect(wrong).toMatchObject({ code: 'INVALID_ARGUMENT', argument: 'conditions[3]' });
    for (const odd of ['promising', 'metrics.rmse < other.metrics.rmse', 'metrics.rmse ~ 5', ''])
      expect(
        await refused(people.ann, 'mutation($i: CreateProtectionInput!) { createProtection(input: $i) { protection { id } } }', {
          i: { models: name, alias: 'champion', conditions: [odd] },
        }),
        odd,
      ).toMatchObject({ code: 'INVALID_ARGUMENT', argument: 'conditions[0]' });
    conditions[3] = 'metrics.`val/loss` < holder.metrics.`val/loss`';
    await protect({ alias: 'champion', approvals: 0, conditions });
    // Nothing to compare with yet, but the tag is missing.
    expect(await refused(people.ada, SET, { n: name, v: first })).toMatchObject({ code: 'FAILED_PRECONDITION', broken: [conditions[1]] });
    await ask(
      people.cyd,
      'mutation($n: String!) { updateModelVersion(input: {name: $n, version: 1, setTags: [{key: "review", value: "it\'s done"}]}) { modelVersion { id } } }',
      { n: name },
    );
    await set(people.ada, first);
    const preview = await ask(
      people.viv,
      'query($n: String!, $v: Int!) { team(slug: "default") { registeredModel(name: $n) { version(version: $v) { promotionPreview(alias: "champion") { approvals direct conditions { text holds found } protections { alias } } } } } }',
      { n: name, v: worse },
    );
    expect(preview.team.registeredModel.version.promotionPreview).toEqual({
      approvals: 0,
      direct: false,
      protections: [{ alias: 'champion' }],
      conditions: [
        { text: conditions[0], holds: false, found: 'metrics.rmse is 6, champion has 5' },
        { text: conditions[1], holds: false, found: null },
        { text: conditions[2], holds: true, found: null },
        { text: conditions[3], holds: false, found: 'metrics.val/loss is 6, champion has 5' },
      ],
    });
    expect((await refused(people.ada, SET, { n: name, v: worse })).reason).toBe('promotion-conditions');
    await set(people.ada, better);
    expect(await holder()).toBe(better);
  });

  it('is applied once conditions hold, though approved before they did', async () => {
    const [first, second] = [await version(5), await version(4)];
    await set(people.ada, first);
    await protect({ alias: 'champion', conditions: ["tags.review = 'done'"] });
    const asked = await request(people.cyd, second);
    expect(await refused(people.ada, APPROVE, { i: { id: asked.id } })).toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'promotion-conditions',
    });
    expect(await holder()).toBe(first);
    await ask(
      people.cyd,
      'mutation($n: String!) { updateModelVersion(input: {name: $n, version: 2, setTags: [{key: "review", value: "done"}]}) { modelVersion { id } } }',
      { n: name },
    );
    expect((await approve(people.ada, asked.id)).state).toBe('APPLIED');
    expect(await holder()).toBe(second);
  });

  it('goes to one of two who move it at once', async () => {
    const [first, ...others] = [await version(5), await version(4.5), await version(4), await version(4.2)];
    await set(people.ada, first!);
    await protect({ alias: 'champion', approvals: 0, conditions: ['metrics.rmse < champion.metrics.rmse'] });
    for (let round = 0; round < 3; round += 1) await Promise.all(others.map((v) => app.graphql(SET, { n: name, v }, as(people.ada))));
    // Whoever came when, nothing worse than the one before got through: the least stands.
    expect(await holder()).toBe(others[1]);
  });

  it('rolls back in one act, freely where its protection says so', async () => {
    const [first, second] = [await version(5), await version(4)];
    await set(people.ada, first);
    await set(people.ada, second);
    const id = await protect({ alias: 'champion' });
    const back =
      'mutation($n: String!) { rollBackModelAlias(input: {name: $n, alias: "champion", comment: "bad latency"}) { registeredModel { id } } }';
    expect((await refused(people.ada, back, { n: name })).reason).toBe('target-protected');
    await ask(people.ann, 'mutation($i: ID!) { updateProtection(input: {id: $i, freeRollback: true}) { protection { id } } }', { i: id });
    await ask(people.ada, back, { n: name });
    expect(await holder()).toBe(first);
    await ask(people.ann, 'mutation($i: ID!) { deleteProtection(input: {id: $i}) { id } }', { i: id });
    await ask(people.ada, back, { n: name });
    expect(await holder()).toBe(second);
    expect(await codes(app, back.replaceAll('champion', 'other'), { n: name }, as(people.ada))).toEqual(['FAILED_PRECONDITION']);
  });

  it('tells an MLflow client how to ask, and asks where its protection says so', async () => {
    const [first, second] = [await version(5), await version(4)];
    await set(people.ada, first);
    const id = await protect({ models: 'model-*', alias: 'champion' });
    const move = () => app.mlflow('POST', '2.0/mlflow/registered-models/alias', { name, alias: 'champion', version: String(second) }, as(people.ada));
    const answer = await move();
    expect([answer.status, answer.body.error_code]).toEqual([403, 'PERMISSION_DENIED']);
    expect(answer.body.message).toContain(`/t/default/models/${name}`);
    await ask(people.ann, 'mutation($i: ID!) { updateProtection(input: {id: $i, askByMove: true}) { protection { id } } }', { i: id });
    const asked = await move();
    expect(asked.body.error_code).toBe('PERMISSION_DENIED');
    const { team } = await ask(
      people.bob,
      'query($n: String!) { team(slug: "default") { registeredModel(name: $n) { promotionRequests(state: OPEN) { nodes { id requestId version viewerCanDecide } } } } }',
      { n: name },
    );
    const [waiting] = team.registeredModel.promotionRequests.nodes;
    expect(waiting).toMatchObject({ version: second, viewerCanDecide: true });
    expect(asked.body.message).toContain(waiting.requestId);
    expect((await approve(people.bob, waiting.id)).state).toBe('APPLIED');
    await ask(people.ann, 'mutation($i: ID!) { deleteProtection(input: {id: $i}) { id } }', { i: id });
  });
});

describe('a protected stage', () => {
  it('is asked for by whoever tries to leave it, where its protection says so', async () => {
    const v = await version(5);
    const move = (stage: string) =>
      app.mlflow(
        'POST',
        '2.0/mlflow/model-versions/transition-stage',
        { name, version: String(v), stage, archive_existing_versions: false },
        as(people.ada),
      );
    expect((await move('Production')).status).toBe(200);
    await protect({ stage: 'PRODUCTION', askByMove: true });
    const { status, body } = await move('Archived');
    expect([status, body.error_code]).toEqual([403, 'PERMISSION_DENIED']);
    const { team } = await ask(
      people.bob,
      'query($n: String!) { team(slug: "default") { registeredModel(name: $n) { promotionRequests(state: OPEN) { nodes { requestId stage version approvals viewerCanDecide } } } } }',
      { n: name },
    );
    const [waiting] = team.registeredModel.promotionRequests.nodes;
    expect(waiting).toMatchObject({ stage: 'ARCHIVED', version: v, approvals: 1, viewerCanDecide: true });
    expect(body.message).toContain(waiting.requestId);
  });

  it('is neither entered nor left freely', async () => {
    const [first, second] = [await version(5), await version(4)];
    const STAGE =
      'mutation($n: String!, $v: Int!, $s: ModelStage!) { setModelVersionStage(input: {name: $n, version: $v, stage: $s}) { modelVersion { stage } } }';
    await ask(people.ada, STAGE, { n: name, v: first, s: 'PRODUCTION' });
    await protect({ stage: 'PRODUCTION', directRole: 'ADMIN' });
    for (const [v, s] of [
      [second, 'PRODUCTION'],
      [first, 'ARCHIVED'],
    ])
      expect((await refused(people.ada, STAGE, { n: name, v, s })).reason).toBe('target-protected');
    const asked = await request(people.ada, second, { stage: 'PRODUCTION' });
    expect((await approve(people.bob, asked.id)).state).toBe('APPLIED');
    const leave = await request(people.cyd, first, { stage: 'ARCHIVED' });
    const REJECT =
      'mutation($i: DecidePromotionInput!) { rejectPromotion(input: $i) { promotionRequest { state closedBy { ... on User { email } } } } }';
    expect((await ask(people.ada, REJECT, { i: { id: leave.id, comment: 'keep it' } })).rejectPromotion.promotionRequest).toEqual({
      state: 'REJECTED',
      closedBy: { email: 'ada@example.com' },
    });
    // Whoever has the protection's direct role needs nobody.
    await ask(people.ann, STAGE, { n: name, v: first, s: 'ARCHIVED' });
    const again = await request(people.cyd, first, { stage: 'PRODUCTION' });
    const WITHDRAW = 'mutation($i: ID!) { withdrawPromotion(input: {id: $i}) { promotionRequest { state } } }';
    expect((await refused(people.bob, WITHDRAW, { i: again.id })).code).toBe('FORBIDDEN');
    expect((await ask(people.cyd, WITHDRAW, { i: again.id })).withdrawPromotion.promotionRequest.state).toBe('WITHDRAWN');
  });
});

describe('what a page shows', () => {
  it('says who waits for whom, and why one may not decide, alike in the list and in each request', async () => {
    const [first, second, third] = [await version(5), await version(4), await version(3)];
    await set(people.ada, first);
    await protect({ alias: 'champion', directRole: 'ADMIN' });
    await protect({ stage: 'PRODUCTION', approverRole: 'ADMIN' });
    const asked = [await request(people.ada, second), await request(people.cyd, third), await request(people.cyd, second, { stage: 'PRODUCTION' })];
    await ask(people.ann, SET, { n: name, v: third });
    const QUERY = `query($n: String!) { team(slug: "default") {
      promotionRequestsToDecide { requestId }
      registeredModel(name: $n) {
        protections { alias viewerMovesDirectly }
        promotionRequests(state: OPEN) { nodes { requestId viewerCanDecide viewerRefusal holder presentHolder { version } } }
      }
    } }`;
    for (const [who, may, direct] of [
      ['ada', [false, true, false], false],
      ['bob', [true, true, false], false],
      ['cyd', [false, false, false], false],
      ['ann', [true, true, true], true],
    ] as const) {
      const { team } = await ask(people[who], QUERY, { n: name });
      const { nodes } = team.registeredModel.promotionRequests;
      const ids = asked.map(({ requestId }) => requestId);
      const standing = ids.map((id) => nodes.find((one: Loose) => one.requestId === id));
      expect(
        standing.map((one) => one.viewerCanDecide),
        who,
      ).toEqual(may);
      for (const one of standing) expect(one.viewerRefusal === null, who).toBe(one.viewerCanDecide);
      const waiting = team.promotionRequestsToDecide.map((one: Loose) => one.requestId).filter((id: string) => ids.includes(id));
      expect(waiting.sort(), who).toEqual(ids.filter((_, at) => may[at]).sort());
      expect(standing.map((one) => [one.holder, one.presentHolder?.version ?? null])).toEqual([
        [first, third],
        [first, third],
        [null, null],
      ]);
      expect(team.registeredModel.protections.find((one: Loose) => one.alias).viewerMovesDirectly, who).toBe(direct);
    }
  });
});

it('patterns of names', () => {
  const rows: [string, string, boolean][] = [
    ['a', 'a', true],
    ['a', 'ab', false],
    ['*', '', true],
    ['fraud-*', 'fraud-eu', true],
    ['fraud-*', 'my-fraud-eu', false],
    ['*-eu', 'fraud-eu', true],
    ['a*a', 'a', false],
    ['a*b*a', 'aba', true],
    ['a*b*a', 'aca', false],
    ['a*b*b', 'ab', false],
    ['.*', 'x', false],
  ];
  for (const [pattern, text, is] of rows) expect([pattern, text, matchesPattern(pattern, text)]).toEqual([pattern, text, is]);
});
