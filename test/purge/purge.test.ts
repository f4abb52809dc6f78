// Deletion for good: what was deleted long enough ago leaves nothing behind, and what a registered version was made from stays.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finishPurges, startPurgeWorker } from '../../src/domain/purge/worker.ts';
import { compactAll } from '../../src/points/compact/compaction.ts';
import { objectKeyOf } from '../../src/storage/objectKeys.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { codes, data } from '../support/people.ts';
import { startS3 } from '../support/s3.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are looked at, not relied on
type Loose = any;

const DAY = 86_400_000;
const PURGE = `mutation($input: PurgeDeletedInput!) { purgeDeleted(input: $input) {
  dryRun runs loggedModels experiments points artifactFiles artifactBytes kept more } }`;

const backends: Record<string, () => Promise<{ app: TestApp; close(): Promise<void> }>> = {
  async local() {
    const app = await startApp();
    return { app, close: () => app.close() };
  },
  async s3() {
    const s3 = await startS3();
    const app = await startApp({ config: s3.config });
    return {
      app,
      async close() {
        await app.close();
        await s3.close();
      },
    };
  },
};

describe.each(Object.keys(backends))('with artifacts in the %s store', (backend) => {
  let app: TestApp;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ app, close } = await backends[backend]!());
    // What is deleted in these tests was, for the server, deleted 40 days ago.
    Object.assign(app.deps, { now: () => Date.now() + 40 * DAY });
  });
  afterAll(() => close());

  const purge = async (input: Record<string, unknown> = {}): Promise<Loose> =>
    (await data(app, PURGE, { input: { olderThan: '30d', ...input } })).purgeDeleted;
  const finish = () => finishPurges(app.deps);
  const put = async (path: string, body: string) => {
    const address = `${app.url}/api/2.0/mlflow-artifacts/artifacts/${path}`;
    const response = await fetch(address, { method: 'PUT', body, headers: { authorization: `Bearer ${'A'.repeat(40)}` } });
    expect(response.status).toBe(200);
  };
  const experiment = async (name: string): Promise<string> =>
    (await data(app, 'mutation($n: String!) { createExperiment(input: {name: $n}) { experiment { experimentId } } }', { n: name })).createExperiment
      .experiment.experimentId;
  const files = async (folder: string): Promise<string[]> => {
    const found: string[] = [];
    for await (const { key } of app.deps.store.walk(objectKeyOf(1, folder))) found.push(key);
    return found.sort();
  };
  /** A run with some of everything, and a logged model with a file. */
  async function makeRun(experimentId: string): Promise<{ runId: string; modelId: string }> {
    const create = 'mutation($e: String!) { createRun(input: {experimentId: $e, tags: [{key: "t", value: "v"}]}) { run { runId } } }';
    const { runId } = (await data(app, create, { e: experimentId })).createRun.run;
    await data(
      app,
      `mutation($r: String!, $d: String!) {
        logBatch(input: {runId: $r, params: [{key: "p", value: "1"}], metrics: [{key: "m", value: 1, step: 1}, {key: "m", value: 2, step: 2}]}) { run { id } }
        logInputs(input: {runId: $r, datasets: [{name: $d, digest: "1", sourceType: "s", source: "s"}, {name: "shared", digest: "1", sourceType: "s", source: "s"}]}) { run { id } } }`,
      { r: runId, d: `own-${runId}` },
    );
    await compactAll(app.deps.db, { due: { points: 1 } });
    await data(app, 'mutation($r: String!) { logBatch(input: {runId: $r, metrics: [{key: "m", value: 3, step: 3}]}) { run { id } } }', { r: runId });
    const model =
      'mutation($e: String!, $r: String!) { createLoggedModel(input: {experimentId: $e, name: "model", sourceRunId: $r}) { loggedModel { modelId } } }';
    const { modelId } = (await data(app, model, { e: experimentId, r: runId })).createLoggedModel.loggedModel;
    await put(`${experimentId}/${runId}/artifacts/plots/a.txt`, 'twelve bytes');
    await put(`${experimentId}/models/${modelId}/artifacts/MLmodel`, 'flavors: {}');
    return { runId, modelId };
  }
  const remove = (runIds: string[]) => data(app, 'mutation($r: [String!]!) { deleteRuns(input: {runIds: $r}) { runs { runId } } }', { r: runIds });
  const lifecycleOf = async (runId: string): Promise<string | null> =>
    (await data(app, 'query($r: String!) { run(runId: $r) { lifecycle } }', { r: runId })).run?.lifecycle ?? null;
  /** Tables in which an id still stands. */
  async function tracesOf(column: 'run_id' | 'model_id', id: string): Promise<string[]> {
    const columns = await app.deps.db.rows<{ table: string }>({
      text: `select table_name as "table" from information_schema.columns where table_schema = 'public' and column_name = '${column}'`,
    });
    const found: string[] = [];
    for (const { table } of columns) {
      const text = `select 1 from ${table} where replace(${column}::text, '-', '') = $1 limit 1`;
      if ((await app.deps.db.rows({ text }, [id.replace(/^m-/, '')])).length > 0) found.push(table);
    }
    return found;
  }
  const datasets = async (): Promise<string[]> =>
    (await app.deps.db.rows<{ name: string }>({ text: 'select name from datasets order by name' })).map((row) => row.name);

  it('a dry run tells what would go, and a call removes just that', async () => {
    const experimentId = await experiment('some go');
    const [gone, kept] = [await makeRun(experimentId), await makeRun(experimentId)];
    await remove([gone.runId]);
    expect(await purge({ olderThan: '50d' })).toMatchObject({ runs: 0, kept: 0 });
    const told = await purge({ dryRun: true });
    expect(told).toEqual({
      dryRun: true,
      runs: 1,
      loggedModels: 1,
      experiments: 0,
      points: 3,
      artifactFiles: 2,
      artifactBytes: 23,
      kept: 0,
      more: false,
    });
    expect(await lifecycleOf(gone.runId)).toBe('DELETED');
    expect(await purge()).toEqual({ ...told, dryRun: false, artifactFiles: null, artifactBytes: null });
    expect(await lifecycleOf(gone.runId)).toBeNull();
    expect(await codes(app, 'mutation($r: [String!]!) { restoreRuns(input: {runIds: $r}) { runs { runId } } }', { r: [gone.runId] })).toEqual([
      'NOT_FOUND',
    ]);
    expect(await finish()).toEqual({ files: 2, bytes: 23, failed: 0 });
    expect([...(await tracesOf('run_id', gone.runId)), ...(await tracesOf('model_id', gone.modelId))]).toEqual([]);
    expect(await files(`${experimentId}/${gone.runId}`)).toEqual([]);
    expect(await files(`${experimentId}/models/${gone.modelId}`)).toEqual([]);
    expect(await datasets()).toEqual([`own-${kept.runId}`, 'shared']);
    expect(await tracesOf('run_id', kept.runId)).toContain('metric_chunks');
    expect(await files(`${experimentId}/${kept.runId}`)).toHaveLength(1);
    expect(await purge()).toMatchObject({ runs: 0, loggedModels: 0, experiments: 0 });
  });

  it('an experiment goes with its runs, and its name is free again', async () => {
    const experimentId = await experiment('all goes');
    const { runId, modelId } = await makeRun(experimentId);
    await put(`${experimentId}/notes.txt`, 'beside the runs');
    await data(app, 'mutation($e: String!) { deleteExperiment(input: {experimentId: $e}) { experiment { id } } }', { e: experimentId });
    const told = await purge({ dryRun: true });
    expect(told).toMatchObject({ runs: 1, loggedModels: 1, experiments: 1, points: 3 });
    expect(await purge()).toMatchObject({ runs: 1, loggedModels: 1, experiments: 1 });
    await finish();
    expect([...(await tracesOf('run_id', runId)), ...(await tracesOf('model_id', modelId)), ...(await files(experimentId))]).toEqual([]);
    expect(await experiment('all goes')).not.toBe(experimentId);
    const { team } = await data(app, '{ team(slug: "default") { auditLog(first: 2) { nodes { action target after } } } }');
    expect(team.auditLog.nodes).toMatchObject([
      { action: 'EXPERIMENTS_PURGED', target: '1 experiment', after: { experiments: [{ experimentId, name: 'all goes' }] } },
      { action: 'RUNS_PURGED', target: `run ${runId}`, after: { runIds: [runId], modelIds: [modelId] } },
    ]);
  });

  it('what a registered version was made from stays, whole, until the version goes', async () => {
    const experimentId = await experiment('registered');
    const runs = [await makeRun(experimentId), await makeRun(experimentId), await makeRun(experimentId)];
    const [byFiles, byModel, byName] = runs as [Loose, Loose, Loose];
    await data(app, 'mutation { createRegisteredModel(input: {name: "m"}) { registeredModel { id } } }');
    const version = 'mutation($input: CreateModelVersionInput!) { createModelVersion(input: $input) { modelVersion { version } } }';
    await data(app, version, { input: { name: 'm', source: `mlflow-artifacts://there/${experimentId}/${byFiles.runId}/artifacts/plots` } });
    await data(app, version, { input: { name: 'm', source: `models:/${byModel.modelId}` } });
    await data(app, version, { input: { name: 'm', source: 's3://elsewhere/x', runId: byName.runId } });
    await data(app, 'mutation($e: String!) { deleteExperiment(input: {experimentId: $e}) { experiment { id } } }', { e: experimentId });
    for (const dryRun of [true, false]) expect(await purge({ dryRun })).toMatchObject({ runs: 0, loggedModels: 0, experiments: 0, kept: 4 });
    await finish();
    for (const { runId, modelId } of runs) {
      expect(await files(`${experimentId}/${runId}`)).toHaveLength(1);
      expect(await files(`${experimentId}/models/${modelId}`)).toHaveLength(1);
    }
    for (const number of [1, 2, 3])
      await data(app, 'mutation($v: Int!) { deleteModelVersion(input: {name: "m", version: $v}) { __typename } }', { v: number });
    expect(await purge()).toMatchObject({ runs: 3, loggedModels: 3, experiments: 1, kept: 0 });
    await finish();
    expect(await files(experimentId)).toEqual([]);
    expect(await codes(app, version, { input: { name: 'm', source: `mlflow-artifacts:/${experimentId}/${byFiles.runId}/artifacts/plots` } })).toEqual(
      ['NOT_FOUND'],
    );
  });

  it('a logged model that another run reads stays, one that was deleted itself goes', async () => {
    const experimentId = await experiment('read by others');
    const [maker, reader] = [await makeRun(experimentId), await makeRun(experimentId)];
    await data(app, 'mutation($r: String!, $m: [String!]!) { logInputs(input: {runId: $r, modelIds: $m}) { run { id } } }', {
      r: reader.runId,
      m: [maker.modelId],
    });
    await remove([maker.runId]);
    for (const dryRun of [true, false]) expect(await purge({ dryRun })).toMatchObject({ runs: 1, loggedModels: 0 });
    await finish();
    expect(await files(`${experimentId}/models/${maker.modelId}`)).toHaveLength(1);
    await data(app, 'mutation($m: String!) { deleteLoggedModel(input: {modelId: $m}) { modelId } }', { m: maker.modelId });
    expect(await purge()).toMatchObject({ loggedModels: 0 });
    await app.deps.db.rows({ text: 'update logged_models set deleted_at = now() where deleted_at is not null' });
    for (const dryRun of [true, false]) expect(await purge({ dryRun })).toMatchObject({ runs: 0, loggedModels: 1 });
    await finish();
    expect([...(await files(`${experimentId}/models/${maker.modelId}`)), ...(await tracesOf('model_id', maker.modelId))]).toEqual([]);
  });

  it('who restores meanwhile wins, or learns that it is gone', async () => {
    const runs = await Promise.all(Array.from({ length: 6 }, () => makeRun('0')));
    const runIds = runs.map((run) => run.runId);
    await remove(runIds);
    const restore = (runId: string) =>
      app.graphql('mutation($r: [String!]!) { restoreRuns(input: {runIds: $r}) { runs { runId } } }', { r: [runId] });
    const [first, second, ...answers] = await Promise.all([purge(), purge(), ...runIds.map(restore)]);
    const outcomes = answers.map(({ body }: Loose) => body.errors?.[0].extensions.code ?? 'restored');
    expect(outcomes.every((outcome) => outcome === 'restored' || outcome === 'NOT_FOUND')).toBe(true);
    await finish();
    for (const [index, { runId }] of runs.entries()) {
      const spared = outcomes[index] === 'restored';
      expect(await lifecycleOf(runId)).toBe(spared ? 'ACTIVE' : null);
      expect(await files(`0/${runId}`)).toHaveLength(spared ? 1 : 0);
    }
    expect(first.runs + second.runs).toBe(outcomes.filter((outcome) => outcome === 'NOT_FOUND').length);
  });

  it('what could not be removed is kept in mind, and removed later', async () => {
    const { runId } = await makeRun('0');
    await remove([runId]);
    await purge();
    const { store } = app.deps;
    const broken = { ...app.deps, store: Object.assign(Object.create(store), { remove: () => Promise.reject(new Error('The store is away.')) }) };
    expect(await finishPurges(broken)).toMatchObject({ failed: 2 });
    expect(await files(`0/${runId}`)).toHaveLength(1);
    // While the one that failed may still be at it, nobody else is.
    expect(await finish()).toMatchObject({ files: 0, failed: 0 });
    await app.deps.db.rows({ text: 'update purges set claimed_until = now()' });
    expect(await finish()).toMatchObject({ files: 2, failed: 0 });
    expect(await tracesOf('run_id', runId)).toEqual([]);
    expect(await app.deps.db.rows({ text: 'select 1 from purges' })).toEqual([]);
  });
});

describe('deletion for good', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp();
    Object.assign(app.deps, { now: () => Date.now() + 40 * DAY });
  });
  afterAll(() => app.close());

  it('is for administrators of the team, and a refusal is noted', async () => {
    const { slug, token } = await app.seedTeam(undefined, 'MAINTAINER');
    expect(await codes(app, PURGE, { input: { olderThan: '30d', dryRun: true } }, { token })).toEqual(['FORBIDDEN']);
    const { team } = await data(app, 'query($s: String!) { team(slug: $s) { auditLog(first: 1) { nodes { action target } } } }', { s: slug });
    expect(team.auditLog.nodes).toEqual([{ action: 'DENIED', target: 'purgeDeleted' }]);
  });

  it.each(['', '30', 'a month', '-1d', '30m', '99999w'])('takes no %j for an age', async (olderThan) => {
    const { body } = await app.graphql(PURGE, { input: { olderThan } });
    expect(body.errors).toMatchObject([{ extensions: { code: 'INVALID_ARGUMENT', argument: 'olderThan' } }]);
  });

  it('goes by itself where a time is configured, and says so in the audit log', async () => {
    const { createRun } = await data(app, 'mutation { createRun(input: {experimentId: "0"}) { run { runId } } }');
    await data(app, 'mutation($r: [String!]!) { deleteRuns(input: {runIds: $r}) { runs { runId } } }', { r: [createRun.run.runId] });
    const worker = startPurgeWorker({ ...app.deps, config: { ...app.deps.config, gcAfterMs: 30 * DAY } }, { lookMs: 20 });
    await expect.poll(async () => (await app.deps.db.rows({ text: 'select 1 from runs union all select 1 from purges' })).length).toBe(0);
    await worker.stop();
    const { team } = await data(app, '{ team(slug: "default") { auditLog(first: 1) { nodes { action actorName actor { __typename } } } } }');
    expect(team.auditLog.nodes).toEqual([{ action: 'RUNS_PURGED', actorName: 'schedule', actor: null }]);
  });
});
