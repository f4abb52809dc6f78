// What GraphQL answers about runs, experiments, models and files, and what that costs.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authenticate } from '../../src/auth/authenticate.ts';
import { requireTeam } from '../../src/auth/team.ts';
import type { TeamCtx } from '../../src/context.ts';
import { runFileToWrite, storeFile } from '../../src/domain/artifacts/files.ts';
import { summarizeAll } from '../../src/points/summaries/building.ts';
import { ADMIN_TOKEN, startApp, type TestApp } from '../support/app.ts';
import { codes, data } from '../support/people.ts';

let app: TestApp;
let experimentId: string;
let runIds: string[];
let team: TeamCtx;

const RUNS = 120;
const CREATE = 'mutation($e: String!, $n: String!, $t: [TagInput!]) { createRun(input: {experimentId: $e, name: $n, tags: $t}) { run { runId } } }';
const LOG = `mutation($r: String!, $m: [MetricInput!], $p: [ParamInput!], $t: [TagInput!]) {
  logBatch(input: {runId: $r, metrics: $m, params: $p, tags: $t}) { run { runId } } }`;

beforeAll(async () => {
  app = await startApp();
  const made = await data(
    app,
    'mutation { createExperiment(input: {name: "rings", tags: [{key: "owner", value: "ada"}]}) { experiment { experimentId } } }',
  );
  experimentId = made.createExperiment.experiment.experimentId;
  runIds = [];
  for (let index = 0; index < RUNS; index++) {
    const { createRun } = await data(app, CREATE, {
      e: experimentId,
      n: `run-${index}`,
      t: [{ key: 'mlflow.source.git.commit', value: `c${index}` }],
    });
    const r = createRun.run.runId;
    runIds.push(r);
    const metrics = [0, 1, 2].map((step) => ({ key: 'loss', value: index + (step === 1 ? 10 : 0), step }));
    await data(app, LOG, { r, m: metrics, p: [{ key: 'lr', value: String(index / 100) }], t: [{ key: 'kind', value: index % 2 ? 'odd' : 'even' }] });
  }
  const ctx = { ...app.deps, requestId: 'test', viewer: await authenticate(app.deps, { authorization: `Bearer ${ADMIN_TOKEN}` }) };
  team = requireTeam(ctx, 'default');
});
afterAll(() => app.close());

describe('runs', () => {
  it('a page of 100 with params, metrics and tags takes at most six statements', async () => {
    const query = `query($e: [String!]) { team(slug: "default") { runs(experimentIds: $e, first: 100, filter: "params.lr != 'x'", orderBy: [{by: "metrics.loss"}]) {
      nodes { runId status source { gitCommit } params { key value } metrics { key last min max count } tags { key value } createdBy { ... on User { name } } } } } }`;
    const count = async () => {
      const names: string[] = [];
      const stop = app.deps.db.onStatement(({ name }) => names.push(name));
      const { team } = await data(app, query, { e: [experimentId] });
      stop();
      expect(team.runs.nodes).toHaveLength(100);
      expect(team.runs.nodes[0]).toMatchObject({
        source: { gitCommit: 'c0' },
        params: [{ key: 'lr', value: '0' }],
        metrics: [{ key: 'loss', last: 0, min: 0, max: 10, count: 3 }],
      });
      return names;
    };
    await count();
    expect((await count()).length).toBeLessThanOrEqual(6);
  });

  it('are found by text and by typed conditions alike', async () => {
    const find = async (args: string) =>
      (
        await data(
          app,
          `{ team(slug: "default") { runs(${args}, orderBy: [{by: "metrics.loss.max", direction: DESC}], first: 3) { totalCount nodes { name } } } }`,
        )
      ).team.runs;
    const text = await find(`filter: "(metrics.loss.max >= 100 OR tags.kind = 'odd') AND NOT params.lr > 1.15"`);
    const typed =
      await find(`where: {and: [{or: [{metric: {key: "loss", stat: MAX, op: GE, value: 100}}, {tag: {key: "kind", op: EQ, value: "odd"}}]},
      {not: {param: {key: "lr", op: GT, value: "1.15"}}}]}`);
    expect(text.nodes.map((run: { name: string }) => run.name)).toEqual(['run-115', 'run-114', 'run-113']);
    expect(typed).toEqual(text);
    const { body } = await app.graphql(`{ team(slug: "default") { runs(filter: "metrics.loss <") { totalCount } } }`);
    expect(body.errors[0].extensions).toMatchObject({ code: 'INVALID_ARGUMENT', argument: 'filter', position: 14 });
    expect(await codes(app, '{ team(slug: "default") { runs(where: {param: {key: "a", op: EQ}}) { totalCount } } }')).toEqual(['INVALID_ARGUMENT']);
  });

  it('are paged by keys, forward and backward, without repeating or hiding any', async () => {
    const query = `query($a: String, $b: String, $f: Int, $l: Int) { team(slug: "default") { runs(orderBy: [{by: "metrics.loss"}], first: $f, after: $a, last: $l, before: $b) {
      nodes { runId } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }`;
    const page = async (variables: Record<string, unknown>) => (await data(app, query, variables)).team.runs;
    const seen: string[] = [];
    let cursor: string | null = null;
    for (;;) {
      const { nodes, pageInfo } = await page({ f: 50, a: cursor });
      seen.push(...nodes.map((run: { runId: string }) => run.runId));
      cursor = pageInfo.endCursor;
      if (!pageInfo.hasNextPage) break;
    }
    expect(seen).toEqual(runIds);
    const back = await page({ l: 10, b: cursor });
    expect(back.nodes.map((run: { runId: string }) => run.runId)).toEqual(runIds.slice(-11, -1));
    expect(back.pageInfo).toMatchObject({ hasPreviousPage: true });
    expect(await codes(app, query, { f: 1, l: 1 })).toEqual(['INVALID_ARGUMENT']);
    expect(await codes(app, query, { f: 1, a: 'nonsense' })).toEqual(['INVALID_ARGUMENT']);
  });

  it('show their curves, down-sampled, spikes kept, within the limits', async () => {
    const r = runIds[0]!;
    const steps = Array.from({ length: 5_000 }, (_, step) => step);
    const values = steps.map((step) => (step === 2_345 ? 1e6 : step === 4_000 ? 'NaN' : Math.sin(step)));
    await data(app, 'mutation($i: LogMetricsInput!) { logMetrics(input: $i) { run { runId } } }', {
      i: { runId: r, keys: steps.map(() => 'long'), steps, values },
    });
    const { run } = await data(app, 'query($r: String!) { run(runId: $r) { series(keys: ["long"], maxPoints: 100) { key points { x value } } } }', {
      r,
    });
    expect(run.series[0].points.length).toBeLessThanOrEqual(100);
    expect(run.series[0].points).toContainEqual({ x: 2_345, value: 1e6 });
    const both = await data(
      app,
      'query($r: String!) { run(runId: $r) { few: series(keys: ["long"], maxPoints: 100, method: LTTB) { points { x value } } all: series(keys: ["long"], maxPoints: 100) { points { x value } } } }',
      { r },
    );
    const shape: { x: number; value: number | string }[] = both.run.few[0].points;
    expect(shape).toHaveLength(100);
    expect([shape[0]!.x, shape.at(-1)!.x].every((x) => x < 50 || x >= 4_950)).toBe(true);
    for (const { x, value } of shape) expect(value).toBe(values[x]);
    expect(shape).not.toEqual(both.run.all[0].points);
    const many = `query($e: [String!]) { team(slug: "default") { runs(experimentIds: $e, first: 120) { nodes { series(prefix: "lo") { key } a: series(prefix: "los", maxPoints: 10) { key } } } } }`;
    expect(await codes(app, many, { e: [experimentId] })).toContain('LIMIT_EXCEEDED');
    expect(await codes(app, 'query($r: String!) { run(runId: $r) { series(maxPoints: 2001) { key } } }', { r })).toEqual(['LIMIT_EXCEEDED']);
  });

  it('have points, params and tags under the names that were asked for, and the schema beside them', async () => {
    const query = `query($r: String!, $no: Boolean!) { run(runId: $r) {
      series(keys: ["loss"]) { key points { __typename at: step ...Value timestamp @include(if: $no) } points { x } }
      params { ... on Param { name: key } value @skip(if: $no) } tags { key } } ASKED }
      fragment Value on SeriesPoint { value again: value }`;
    const ask = (asked: string) => data(app, query.replace('ASKED', asked), { r: runIds[1], no: false });
    const { run } = await ask('');
    const point = (step: number, value: number) => ({ __typename: 'SeriesPoint', at: step, value, again: value, x: step });
    expect(run.series).toEqual([{ key: 'loss', points: [point(0, 1), point(1, 11), point(2, 1)] }]);
    expect(run.params).toEqual([{ name: 'lr', value: '0.01' }]);
    expect(run.tags).toEqual([{ key: 'kind' }]);
    const asked = await ask('__type(name: "Series") { fields { name type { ofType { kind } } } }');
    expect(asked.run).toEqual(run);
    expect(asked.__type.fields).toContainEqual({ name: 'points', type: { ofType: { kind: 'LIST' } } });
  });

  it('are safe to create, log and delete twice', async () => {
    const runId = 'f'.repeat(32);
    const create = 'mutation($e: String!, $r: String) { createRun(input: {experimentId: $e, runId: $r, name: "twice"}) { run { runId name } } }';
    const once = await data(app, create, { e: experimentId, r: runId });
    expect(await data(app, create, { e: experimentId, r: runId })).toEqual(once);
    const log = `mutation($r: String!) { logBatch(input: {runId: $r, metrics: [{key: "m", value: "-Infinity", step: 3, timestamp: "2026-01-01T00:00:00Z"}]})
      { run { metrics { last count lastTimestamp } } } }`;
    await data(app, log, { r: runId });
    expect((await data(app, log, { r: runId })).logBatch.run.metrics).toEqual([
      { last: '-Infinity', count: 1, lastTimestamp: '2026-01-01T00:00:00.000Z' },
    ]);
    const remove = 'mutation($r: [String!]!) { deleteRuns(input: {runIds: $r}) { runs { lifecycle } } }';
    for (const _ of [1, 2]) expect((await data(app, remove, { r: [runId] })).deleteRuns.runs).toEqual([{ lifecycle: 'DELETED' }]);
    expect(await codes(app, log, { r: runId })).toEqual(['FAILED_PRECONDITION']);
    await data(app, 'mutation($r: [String!]!) { restoreRuns(input: {runIds: $r}) { runs { lifecycle } } }', { r: [runId] });
    const update = 'mutation($r: String!) { updateRun(input: {runId: $r, status: FINISHED, notes: "done"}) { run { status endedAt notes } } }';
    expect((await data(app, update, { r: runId })).updateRun.run).toMatchObject({ status: 'FINISHED', endedAt: expect.any(String), notes: 'done' });
  });

  it('read in a request after a mutation of it are fresh', async () => {
    const query = `mutation($r: String!) {
      a: setTags(input: {runId: $r, tags: [{key: "fresh", value: "1"}]}) { run { tag(key: "fresh") } }
      b: setTags(input: {runId: $r, tags: [{key: "fresh", value: "2"}]}) { run { tag(key: "fresh") } }
      c: deleteTags(input: {runId: $r, keys: ["fresh", "never"]}) { run { tag(key: "fresh") } } }`;
    const answer = await data(app, query, { r: runIds[0] });
    expect([answer.a, answer.b, answer.c].map((one) => one.run.tag)).toEqual(['1', '2', null]);
  });
});

describe('models', () => {
  const MLMODEL = `
flavors:
  python_function: {loader_module: mlflow.sklearn, python_version: 3.12.0}
  sklearn: {pickled_model: model.pkl}
model_size_bytes: 1234
saved_input_example_info: {artifact_path: input_example.json, type: dataframe}
signature:
  inputs: '[{"type": "double", "name": "age \\"x\\"", "required": true}]'
  outputs: '[{"type": "double", "required": true}]'
`;
  const put = async (path: string, text: string, runId: string) =>
    storeFile(
      team,
      await runFileToWrite(team, runId, path),
      (async function* () {
        yield Buffer.from(text);
      })(),
    );

  it('say what their files say, with code that loads them, and what is behind a version', async () => {
    const [runId] = runIds as [string];
    await put('model/MLmodel', MLMODEL, runId);
    const created = await data(
      app,
      `mutation($s: String!, $r: String!) {
        createRegisteredModel(input: {name: "rings", description: "d", tags: [{key: "a", value: "b"}]}) { registeredModel { name } }
        one: createModelVersion(input: {name: "rings", source: $s, runId: $r}) { modelVersion { version } }
        two: createModelVersion(input: {name: "rings", source: $s, runId: $r}) { modelVersion { version } }
        setModelAlias(input: {name: "rings", alias: "champion", version: 2}) { registeredModel { aliases { alias version } } }
        s1: setModelVersionStage(input: {name: "rings", version: 1, stage: PRODUCTION}) { modelVersion { stage } }
        s2: setModelVersionStage(input: {name: "rings", version: 2, stage: PRODUCTION, archiveExisting: true}) { modelVersion { stage } }
        updateModelVersion(input: {name: "rings", version: 2, description: "best", setTags: [{key: "ok", value: "yes"}]}) { modelVersion { description tags { key } } }
      }`,
      { s: `runs:/${runId}/model`, r: runId },
    );
    expect(created.setModelAlias.registeredModel.aliases).toEqual([{ alias: 'champion', version: 2 }]);
    const { team } = await data(
      app,
      `{ team(slug: "default") { registeredModel(name: "rings") { description latestVersions { version stage }
        version(alias: "champion") { version stage description lineage { run { name } params { key value } code { gitCommit } } snippets { purpose language code } run { modelVersions { version } } }
        versions(orderBy: [{field: VERSION, direction: ASC}]) { totalCount nodes { version stage aliases } } } } }`,
    );
    const model = team.registeredModel;
    expect(model.versions).toEqual({
      totalCount: 2,
      nodes: [
        { version: 1, stage: 'ARCHIVED', aliases: [] },
        { version: 2, stage: 'PRODUCTION', aliases: ['champion'] },
      ],
    });
    expect(model.version).toMatchObject({
      version: 2,
      description: 'best',
      lineage: { run: { name: 'run-0' }, params: [{ key: 'lr', value: '0' }], code: { gitCommit: 'c0' } },
    });
    expect(model.version.run.modelVersions).toEqual([{ version: 1 }, { version: 2 }]);
    const codeFor = (purpose: string) =>
      model.version.snippets.filter((one: { purpose: string }) => one.purpose === purpose).map((one: { code: string }) => one.code);
    expect(codeFor('LOAD')).toEqual([
      'import mlflow\n\nmodel = mlflow.pyfunc.load_model("models:/rings/2")\n',
      'import mlflow\n\nmodel = mlflow.sklearn.load_model("models:/rings/2")\n',
    ]);
    expect(codeFor('PREDICT')[0]).toContain('model.input_example');
    expect(codeFor('SPARK')[0]).toContain('struct("age \\"x\\"")');
    const { run } = await data(
      app,
      'query($r: String!) { run(runId: $r) { artifacts { path isDirectory url } inside: artifacts(path: "model") { name sizeBytes url } } }',
      { r: runId },
    );
    expect(run.artifacts).toEqual([{ path: 'model', isDirectory: true, url: null }]);
    expect(run.inside).toMatchObject([{ name: 'MLmodel', sizeBytes: MLMODEL.length, url: expect.stringContaining('http') }]);
  });

  it('whose MLmodel file is nonsense, a bomb or too large are shown without it', async () => {
    const bomb = `a: &a [x, x, x, x, x, x, x, x, x]\n${'bcdefgh'
      .split('')
      .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefg'[index]}`).join(', ')}]`)
      .join('\n')}`;
    const texts = ['\u0000', '- [', 'flavors: 3\nsignature: x', bomb, `a: ${'['.repeat(50_000)}`, 'x'.repeat(2 ** 20 + 1)];
    const query = `mutation($s: String!, $r: String!) { createModelVersion(input: {name: "rings", source: $s, runId: $r}) { modelVersion { snippets { purpose } } } }`;
    for (const [index, text] of texts.entries()) {
      await put(`odd${index}/MLmodel`, text, runIds[1]!);
      const { createModelVersion } = await data(app, query, { s: `runs:/${runIds[1]}/odd${index}`, r: runIds[1] });
      expect(createModelVersion.modelVersion.snippets).toHaveLength(4);
    }
  });
});

it('node finds everything by its id', async () => {
  const found = await data(
    app,
    `query($r: String!) { run(runId: $r) { id experiment { id } modelVersions { id registeredModel { id } } } viewer { user { id } token { id } teams { id } } }`,
    { r: runIds[0] },
  );
  const { run, viewer } = found;
  const ids = [
    run.id,
    run.experiment.id,
    run.modelVersions[0].id,
    run.modelVersions[0].registeredModel.id,
    viewer.user.id,
    viewer.token.id,
    viewer.teams[0].id,
  ];
  const types = await Promise.all(ids.map(async (id) => (await data(app, 'query($i: ID!) { node(id: $i) { __typename id } }', { i: id })).node));
  expect(types.map((one) => one.id)).toEqual(ids);
  expect(types.map((one) => one.__typename)).toEqual(['Run', 'Experiment', 'ModelVersion', 'RegisteredModel', 'User', 'ApiToken', 'Team']);
  for (const id of ['', 'x', 'UnVuOg', Buffer.from('Run:1:zz').toString('base64url'), Buffer.from('Team:99999999999').toString('base64url')]) {
    expect((await data(app, 'query($i: ID!) { node(id: $i) { id } }', { i: id })).node, id).toBeNull();
  }
});

it('experiments are listed, changed, deleted and restored', async () => {
  const { team } = await data(
    app,
    `{ team(slug: "default") { experiments(filter: "tags.owner = 'ada'") { totalCount nodes { name tag(key: "owner") runs(first: 1) { totalCount } } } } }`,
  );
  expect(team.experiments.totalCount).toBe(1);
  expect(team.experiments.nodes[0]).toMatchObject({ name: 'rings', tag: 'ada' });
  const update =
    'mutation($e: String!, $n: String) { updateExperiment(input: {experimentId: $e, name: $n, setTags: [{key: "b", value: "c"}], deleteTags: ["owner", "never"]}) { experiment { name tags { key } } } }';
  expect((await data(app, update, { e: experimentId, n: 'rings 2' })).updateExperiment.experiment).toEqual({ name: 'rings 2', tags: [{ key: 'b' }] });
  // All or nothing: the name is taken, so the tags stay.
  await data(app, 'mutation { createExperiment(input: {name: "other"}) { experiment { name } } }');
  expect(
    await codes(
      app,
      'mutation { updateExperiment(input: {experimentId: "2", name: "rings 2", setTags: [{key: "z", value: "z"}]}) { experiment { name } } }',
    ),
  ).toEqual(['ALREADY_EXISTS']);
  for (const [act, state] of [
    ['deleteExperiment', 'DELETED'],
    ['deleteExperiment', 'DELETED'],
    ['restoreExperiment', 'ACTIVE'],
  ]) {
    expect((await data(app, `mutation { ${act}(input: {experimentId: "2"}) { experiment { lifecycle tags { key } } } }`))[act!].experiment).toEqual({
      lifecycle: state,
      tags: [],
    });
  }
});

describe('values of runs', () => {
  it('show the same once they are quiet, when values come from one text a run wherever that tells them exactly', async () => {
    const { createExperiment } = await data(app, 'mutation { createExperiment(input: {name: "quiet"}) { experiment { experimentId } } }');
    const e = createExperiment.experiment.experimentId;
    for (const [n, values] of Object.entries({ plain: [0.1, -0], odd: ['NaN', 1e300], endless: ['Infinity', 1.7976931348623157e308] })) {
      const r = (await data(app, CREATE, { e, n, t: [] })).createRun.run.runId;
      const m = values.map((value, step) => ({ key: `m ${step}`, value, step, timestamp: '2026-05-15T12:00:00.123Z' }));
      await data(app, LOG, { r, m, p: [{ key: 'p q', value: 'a "q"\n雪' }], t: [{ key: 'kind', value: n }] });
    }
    const query = `query($e: [String!]) { team(slug: "default") { runs(experimentIds: $e, orderBy: [{by: "run_name"}]) { nodes { runId name params { key value } tags { key value }
      metrics { ...latest } } } } } fragment latest on Metric { key last lastStep lastTimestamp }`;
    const live = await data(app, query, { e: [e] });
    for (const { runId } of live.team.runs.nodes) {
      await data(app, 'mutation($r: String!) { updateRun(input: {runId: $r, status: FINISHED}) { run { runId } } }', { r: runId });
    }
    await summarizeAll(app.deps.db);
    const read: string[] = [];
    const stop = app.deps.db.onStatement(({ name, text }) => read.push(name || text));
    expect(await data(app, query, { e: [e] })).toEqual(live);
    stop();
    expect(live.team.runs.nodes.map((run: { name: string }) => run.name)).toEqual(['endless', 'odd', 'plain']);
    expect(read).toContain('runSummaries.kept');
    expect(await data(app, query.replace('lastStep', 'min'), { e: [e] })).toMatchObject({
      team: { runs: { nodes: [{}, { metrics: [{ last: 'NaN', min: null }, { min: 1e300 }] }, { metrics: [{ min: 0.1 }, {}] }] } },
    });
  });
});
