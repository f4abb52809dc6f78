// Tables, groups, times, comparisons and keys of runs: what they answer, what that costs, and what they refuse.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestApp } from '../support/app.ts';
import { data } from '../support/people.ts';
import { askers, HOUR, idOf, type Loose, MODELS, NOW, RUNS, rmse, startRings } from '../support/rings.ts';

let app: TestApp;
const { team, refused, statements } = askers(() => app);

beforeAll(async () => {
  app = await startRings();
});
afterAll(() => app.close());

describe('a table', () => {
  const TABLE =
    'runTable(columns: $c, orderBy: $o, first: $f, after: $a) { runIds columns { name kind key stat type values } pageInfo { hasNextPage endCursor } totalCount }';
  const DECLARED = '$c: [String!]!, $o: [RunOrder!], $f: Int, $a: String';

  it('has a column for each name, in order, with a value or null for each run', async () => {
    const columns = [
      'run_name',
      'metrics.rmse',
      'metrics.rmse.max',
      'metrics.`rmse`.count',
      'params.lr',
      'tags.kind',
      'start_time',
      'duration',
      'params.nobody',
      'attributes.user_id',
      'run_id',
    ];
    const { runTable } = await team(TABLE, { c: columns, o: [{ by: 'start_time', direction: 'DESC' }], f: 24 }, DECLARED);
    expect(runTable.runIds).toEqual(Array.from({ length: 24 }, (_, index) => idOf(index + 1)));
    expect(runTable.totalCount).toBe(RUNS);
    const shown = Object.fromEntries(
      runTable.columns.map(({ values, ...column }: Loose) => [
        column.name,
        { ...column, first: values.slice(0, 2), last: values.at(-1), ninth: values[8] },
      ]),
    );
    expect(runTable.columns.map((column: Loose) => column.name)).toEqual(columns);
    expect(shown['metrics.rmse']).toMatchObject({
      kind: 'METRIC',
      key: 'rmse',
      stat: 'LAST',
      type: 'NUMBER',
      first: [3.7, 7.4],
      last: 'NaN',
      ninth: null,
    });
    expect(shown['metrics.rmse.max']).toMatchObject({ stat: 'MAX', first: [50, 50] });
    expect(shown['metrics.`rmse`.count']).toMatchObject({ stat: 'COUNT', type: 'INTEGER', first: [2, 2], ninth: null });
    expect(shown['params.lr']).toMatchObject({ kind: 'PARAM', type: 'TEXT', first: ['0.1', '0.2'] });
    expect(shown['tags.kind']).toMatchObject({ kind: 'TAG', first: ['k1', 'k2'] });
    expect(shown.start_time).toMatchObject({ kind: 'ATTRIBUTE', type: 'TIME', first: [NOW - 6 * HOUR, NOW - 12 * HOUR] });
    expect(shown.duration).toMatchObject({ type: 'INTEGER', first: [1_000, 2_000] });
    expect(shown['params.nobody']).toMatchObject({ type: 'TEXT', first: [null, null] });
    expect(shown['attributes.user_id']).toMatchObject({ key: 'user_id', first: ['ada', 'lin'] });
  });

  it('of 100 runs and 50 columns takes at most four statements, whatever the order', async () => {
    const c = [
      ...Array.from({ length: 20 }, (_, n) => `params.p${n}`),
      ...Array.from({ length: 20 }, (_, n) => `metrics.m${n}`),
      'tags.kind',
      'run_name',
      'status',
      'duration',
    ].concat(['last', 'min', 'max', 'mean', 'first', 'count'].map((stat) => `metrics.rmse.${stat}`));
    for (const by of ['start_time', 'metrics.rmse', 'metrics.m1', 'params.p3', 'metrics.m2.max']) {
      const read = () =>
        team('runTable(columns: $c, orderBy: $o, first: 100) { columns { values } }', { c, o: [{ by }] }, '$c: [String!]!, $o: [RunOrder!]');
      await read();
      expect((await statements(read)).length, by).toBeLessThanOrEqual(4);
    }
  });

  it('refuses what is no column, and too many', async () => {
    expect(await refused(TABLE, { c: ['run_name', 'nonsense'] }, DECLARED)).toMatchObject({ code: 'INVALID_ARGUMENT', argument: 'columns[1]' });
    expect(await refused(TABLE, { c: ['datasets.name'] }, DECLARED)).toMatchObject({ code: 'INVALID_ARGUMENT', argument: 'columns[0]' });
    expect(await refused(TABLE, { c: ['metrics.'] }, DECLARED)).toMatchObject({ code: 'INVALID_ARGUMENT' });
    const many = Array.from({ length: 101 }, (_, n) => `params.p${n}`);
    expect(await refused(TABLE, { c: many, f: 1_000 }, DECLARED)).toMatchObject({ code: 'LIMIT_EXCEEDED', limit: 100_000, asked: 101_000 });
    expect(await refused(TABLE, { c: [...many, ...many], f: 1 }, DECLARED)).toMatchObject({ code: 'LIMIT_EXCEEDED' });
  });
});

it('params, metrics and tags of a page read only the keys asked for, in one statement each', async () => {
  const fields = `runs(first: 100) { nodes { param(key: "lr") params(keys: ["p1", "p2"]) { key } a: params(prefix: "p1") { key }
    metrics(keys: ["m1", "rmse"]) { key } metric(key: "m3") { last } none: metrics(keys: []) { key } both: metrics(keys: ["m1", "rmse"], prefix: "m") { key } } }`;
  await team(fields);
  let answer: Loose;
  const names = await statements(async () => {
    answer = await team(fields);
  });
  expect(names.filter((name) => name.startsWith('runs.')).sort()).toEqual(['runs.metrics_chosen', 'runs.params_chosen', 'runs.search']);
  expect(answer.runs.nodes[0]).toMatchObject({ param: '0.1', metric: { last: 4 }, none: [], both: [{ key: 'm1' }] });
  expect(answer.runs.nodes[0].params).toEqual([{ key: 'p1' }, { key: 'p2' }]);
  expect(answer.runs.nodes[0].metrics).toEqual([{ key: 'm1' }, { key: 'rmse' }]);
  expect(answer.runs.nodes[0].a).toHaveLength(11);
});

it('a page of 100 runs with params, metrics, tags, series and models takes at most eight statements', async () => {
  const fields = `runs(first: 100, orderBy: [{by: "metrics.m1"}]) { nodes { params { key value } metrics { key last } tags { key value } source { gitCommit }
    series(keys: ["rmse"]) { points { value } } outputs { name } createdBy { ... on User { name } } } }`;
  await team(fields);
  expect((await statements(() => team(fields))).length).toBeLessThanOrEqual(8);
});

describe('keys', () => {
  it('are listed by name, searched, counted when asked, exact for an experiment', async () => {
    const keys = async (args: string) => (await team(`runKeys(${args}) { key }`)).runKeys.map((one: Loose) => one.key);
    expect(await keys('kind: PARAM, search: "P1", experimentIds: ["1"]')).toEqual([
      'p1',
      'p10',
      'p11',
      'p12',
      'p13',
      'p14',
      'p15',
      'p16',
      'p17',
      'p18',
      'p19',
    ]);
    expect(await keys('kind: METRIC, first: 3')).toEqual(['huge', 'm0', 'm1']);
    expect(await keys('kind: TAG, experimentIds: ["1"], search: "ki"')).toEqual(['kind']);
    expect(await keys('kind: METRIC, experimentIds: ["0"]')).toEqual([]);
    expect(await keys('kind: METRIC, search: "%"')).toEqual([]);
    const { runKeys } = await team('runKeys(kind: PARAM, search: "model") { key runs values }');
    expect(runKeys).toEqual([{ key: 'model', runs: RUNS, values: 3 }]);
    expect(await statements(() => team('runKeys(kind: METRIC) { key }'))).toHaveLength(1);
    expect(await refused('runKeys(kind: METRIC, first: 1001) { key }')).toMatchObject({ code: 'LIMIT_EXCEEDED', limit: 1_000, asked: 1_001 });
  });
});

describe('groups', () => {
  const numbers = (model: string) =>
    Array.from({ length: RUNS }, (_, i) => i + 1)
      .filter((i) => MODELS[i % 3] === model && i % 10 !== 9 && !Number.isNaN(rmse(i)))
      .sort((a, b) => rmse(a) - rmse(b) || a - b);
  const at = (list: number[], part: number) => {
    const place = (list.length - 1) * part;
    const low = list[Math.floor(place)]!;
    return low + (list[Math.ceil(place)]! - low) * (place % 1);
  };

  it('have every statistic, NaN and runs without the metric left out', async () => {
    const statistics = ['COUNT', 'MIN', 'MAX', 'AVG', 'MEDIAN', 'P90', 'P95', 'STDDEV', 'ARG_MIN', 'ARG_MAX'];
    const { runGroups } = await team(
      'runGroups(by: ["params.model"], measures: $m, orderBy: [{measure: 8}]) { totalCount nodes { by { name value } runCount measures { statistic value run { name } } } }',
      { m: statistics.map((statistic) => ({ metric: 'rmse', statistic })) },
      '$m: [Measure!]!',
    );
    expect(runGroups.totalCount).toBe(3);
    for (const group of runGroups.nodes) {
      const runs = numbers(group.by[0].value);
      const values = runs.map(rmse);
      const mean = values.reduce((sum, one) => sum + one, 0) / values.length;
      const deviation = Math.sqrt(values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (values.length - 1));
      const expected = [
        values.length,
        values[0],
        values.at(-1),
        mean,
        at(values, 0.5),
        at(values, 0.9),
        at(values, 0.95),
        deviation,
        values[0],
        values.at(-1),
      ];
      expect(group.measures.map((one: Loose) => one.statistic)).toEqual(statistics);
      group.measures.forEach((one: Loose, index: number) => {
        expect(one.value, one.statistic).toBeCloseTo(expected[index]!, 9);
      });
      const best = runs.filter((i) => rmse(i) === values.at(-1))[0];
      expect(group.measures.map((one: Loose) => one.run?.name ?? null)).toEqual([...Array(8).fill(null), `run-${runs[0]}`, `run-${best}`]);
    }
  });

  it('survive values whose sum or square no float holds', async () => {
    const { runGroups } = await team(
      'runGroups(by: [], measures: [{metric: "huge", statistic: AVG}, {metric: "huge", statistic: STDDEV}, {metric: "huge", statistic: MEDIAN}, {metric: "never", statistic: AVG}, {metric: "never", statistic: COUNT}]) { nodes { by { value } runCount measures { value } } }',
    );
    expect(runGroups.nodes).toEqual([
      { by: [], runCount: RUNS, measures: [{ value: 8.5e307 }, { value: 'Infinity' }, { value: 8.5e307 }, { value: null }, { value: 0 }] },
    ]);
  });

  it('are paged in any order, each once, those without a value last', async () => {
    const everything =
      'runGroups(by: ["params.lr", "user_id"], measures: [{metric: "rmse", statistic: AVG}], orderBy: $o, first: $f, after: $a) { totalCount nodes { by { value } runCount measures { value } } pageInfo { hasNextPage endCursor } }';
    for (const o of [
      null,
      [{ measure: 0 }],
      [{ measure: 0, direction: 'DESC' }],
      [{ direction: 'DESC' }],
      [{ by: 'user_id', direction: 'DESC' }, { measure: 0 }],
    ]) {
      const page = async (f: number, a: string | null) => (await team(everything, { o, f, a }, '$o: [GroupOrder!], $f: Int, $a: String')).runGroups;
      const whole = await page(1_000, null);
      const seen: Loose[] = [];
      for (let after: string | null = null; ; ) {
        const { nodes, pageInfo } = await page(17, after);
        seen.push(...nodes);
        after = pageInfo.endCursor;
        if (!pageInfo.hasNextPage) break;
      }
      expect(seen, JSON.stringify(o)).toEqual(whole.nodes);
      expect(seen).toHaveLength(whole.totalCount);
      expect(new Set(seen.map((one) => JSON.stringify(one.by))).size).toBe(seen.length);
    }
  });

  it('are found by the same conditions as runs, and refuse what makes no sense', async () => {
    const { runGroups } = await team(
      'runGroups(by: ["status", "experiment_id"], filter: "params.model = \'gbm\'", where: {attribute: {key: "user_id", op: EQ, value: "ada"}}, measures: []) { nodes { by { value } runCount } }',
    );
    expect(runGroups.nodes).toEqual([{ by: [{ value: 'RUNNING' }, { value: '1' }], runCount: 17 }]);
    const groups = (args: string) => refused(`runGroups(${args}) { totalCount nodes { runCount } }`);
    expect(await refused('runGroups(by: ["metrics.rmse"]) { nodes { runCount } }')).toMatchObject({ code: 'INVALID_ARGUMENT', argument: 'by[0]' });
    expect(await refused('runGroups(by: ["nonsense"]) { nodes { runCount } }')).toMatchObject({ code: 'INVALID_ARGUMENT', argument: 'by[0]' });
    expect(await refused('runGroups(by: ["status"], orderBy: [{measure: 0}]) { nodes { runCount } }')).toMatchObject({ argument: 'orderBy[0]' });
    expect(await refused('runGroups(by: ["status"], orderBy: [{by: "user_id"}]) { nodes { runCount } }')).toMatchObject({ argument: 'orderBy[0]' });
    expect(await refused('runGroups(by: ["status"], after: "bm9uc2Vuc2U") { nodes { runCount } }')).toMatchObject({
      code: 'INVALID_ARGUMENT',
      argument: 'after',
    });
    expect(await groups('by: ["status", "status"]')).toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(await groups('by: ["params.a", "params.b", "params.c", "params.d", "params.e", "params.f"]')).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      limit: 5,
      asked: 6,
    });
    expect(await groups(`by: [], measures: [${'{metric: "rmse", statistic: MIN} '.repeat(21)}]`)).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      limit: 20,
      asked: 21,
    });
  });
});

describe('runs over time', () => {
  const buckets = async (args: string, fields = 'start runCount'): Promise<Loose[]> =>
    (await team(`runsOverTime(${args}) { ${fields} }`)).runsOverTime;

  it('are counted in buckets without gaps, by status and user, with measures', async () => {
    const days = await buckets(
      'interval: DAY',
      'start runCount statuses { running failed finished scheduled killed } users { user runCount statuses { failed } } measures { value }',
    );
    expect(days).toHaveLength(30);
    expect(days.at(-1)).toMatchObject({ start: '2026-05-15T00:00:00.000Z', runCount: 2 });
    expect(days.reduce((sum, day) => sum + day.runCount, 0)).toBe(RUNS);
    for (const day of days) {
      const { statuses, users } = day;
      expect(statuses.running + statuses.failed + statuses.finished).toBe(day.runCount);
      expect(users.reduce((sum: number, user: Loose) => sum + user.runCount, 0)).toBe(day.runCount);
    }
    const best = await buckets(
      'interval: WEEK, from: "2026-05-11T00:00:00Z", measures: [{metric: "rmse", statistic: ARG_MIN}, {metric: "rmse", statistic: COUNT}]',
      'start runCount measures { value run { name } }',
    );
    const week = Array.from({ length: 18 }, (_, i) => i + 1)
      .filter((i) => i % 10 !== 9)
      .sort((a, b) => rmse(a) - rmse(b));
    expect(best).toEqual([
      {
        start: '2026-05-11T00:00:00.000Z',
        runCount: 18,
        measures: [
          { value: rmse(week[0]!), run: { name: `run-${week[0]}` } },
          { value: week.length, run: null },
        ],
      },
    ]);
  });

  it('begin where weeks and months do', async () => {
    expect((await buckets('interval: WEEK, from: "2026-05-03T23:59:59Z", to: "2026-05-11T00:00:00Z"')).map((one) => one.start)).toEqual([
      '2026-04-27T00:00:00.000Z',
      '2026-05-04T00:00:00.000Z',
      '2026-05-11T00:00:00.000Z',
    ]);
    expect((await buckets('interval: MONTH, from: "2025-12-31T23:59:59Z", to: "2026-02-01T00:00:00Z"')).map((one) => one.start)).toEqual([
      '2025-12-01T00:00:00.000Z',
      '2026-01-01T00:00:00.000Z',
      '2026-02-01T00:00:00.000Z',
    ]);
    expect((await buckets('interval: HOUR, from: "1969-12-31T23:30:00Z", to: "1970-01-01T00:30:00Z"')).map((one) => one.start)).toEqual([
      '1969-12-31T23:00:00.000Z',
      '1970-01-01T00:00:00.000Z',
    ]);
    expect(await refused('runsOverTime(interval: DAY, from: "2026-05-16T00:00:00Z") { start }')).toMatchObject({
      code: 'INVALID_ARGUMENT',
      argument: 'from',
    });
    expect(await refused('runsOverTime(interval: HOUR, from: "2020-01-01T00:00:00Z") { start }')).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      limit: 1_000,
      argument: 'interval',
    });
  });
});

describe('a comparison', () => {
  const compare = (runIds: string[], fields: string) => team(`compareRuns(runIds: $r) { ${fields} }`, { r: runIds }, '$r: [String!]!');

  it('has a value or null for each run, and can leave out what is the same', async () => {
    const { compareRuns } = await compare(
      [idOf(3), idOf(1), idOf(3), idOf(5)],
      'runs { name } params(differing: true, keys: ["lr", "p0", "model"]) { key differs values } all: params(prefix: "p0") { key differs values } tags { key values } metrics(keys: ["rmse"], stat: MAX) { differs values } last: metrics(keys: ["rmse"]) { values } system: tags(includeSystem: true, prefix: "mlflow.run") { values }',
    );
    expect(compareRuns).toEqual({
      runs: [{ name: 'run-3' }, { name: 'run-1' }, { name: 'run-5' }],
      params: [
        { key: 'lr', differs: true, values: ['0.3', '0.1', null] },
        { key: 'model', differs: true, values: ['gbm', 'mlp', 'linear'] },
      ],
      all: [{ key: 'p0', differs: false, values: ['0', '0', '0'] }],
      tags: [{ key: 'kind', values: ['k3', 'k1', 'k1'] }],
      metrics: [{ differs: false, values: [50, 50, 50] }],
      last: [{ values: [rmse(3), rmse(1), rmse(5)] }],
      system: [{ values: ['run-3', 'run-1', 'run-5'] }],
    });
  });

  it('refuses none, too many, and runs that aren’t there', async () => {
    const refuse = (runIds: string[]) => refused('compareRuns(runIds: $r) { runs { name } }', { r: runIds }, '$r: [String!]!');
    expect(await refuse([])).toMatchObject({ code: 'INVALID_ARGUMENT', argument: 'runIds' });
    expect(await refuse([idOf(1), 'x'])).toMatchObject({ code: 'NOT_FOUND' });
    expect(await refuse(Array.from({ length: 501 }, (_, i) => idOf(i)))).toMatchObject({ code: 'LIMIT_EXCEEDED', limit: 500, asked: 501 });
    const nested = 'compareRuns(runIds: $r) { runs { children(first: 1000) { nodes { runId } } } }';
    expect(await refused(nested, { r: Array.from({ length: 101 }, (_, i) => idOf(i)) }, '$r: [String!]!')).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      limit: 100_000,
      asked: 101_000,
    });
  });
});

it('where an alias pointed is remembered, and only changes are', async () => {
  const set = (key: string, version: number) =>
    `${key}: setModelAlias(input: {name: "aliased", alias: "champion", version: ${version}}) { registeredModel { name } }`;
  await data(
    app,
    `mutation { createRegisteredModel(input: {name: "aliased"}) { registeredModel { name } }
      v1: createModelVersion(input: {name: "aliased", source: "s3://b/m"}) { modelVersion { version } } v2: createModelVersion(input: {name: "aliased", source: "s3://b/m"}) { modelVersion { version } }
      ${set('a', 1)} ${set('b', 1)} ${set('c', 2)} d: deleteModelAlias(input: {name: "aliased", alias: "champion"}) { registeredModel { name } }
      e: deleteModelAlias(input: {name: "aliased", alias: "champion"}) { registeredModel { name } } ${set('f', 1)} deleteModelVersion(input: {name: "aliased", version: 2}) { version } }`,
  );
  const { registeredModel } = await team(
    'registeredModel(name: "aliased") { aliasChanges(alias: "champion") { alias version modelVersion { version } changedBy { ... on User { email } } } other: aliasChanges(alias: "x") { alias } }',
  );
  expect(registeredModel.aliasChanges.map((one: Loose) => [one.version, one.modelVersion?.version ?? null])).toEqual([
    [1, 1],
    [null, null],
    [2, null],
    [1, 1],
  ]);
  expect(registeredModel.aliasChanges[0].changedBy).toEqual({ email: 'admin@example.com' });
  expect(registeredModel.other).toEqual([]);
});

it('usage counts what the team keeps', async () => {
  const { usage } = await team('usage { experiments runs points artifacts { files bytes complete } }');
  const points = Array.from({ length: RUNS }, (_, i) => i + 1).reduce((sum, i) => sum + 20 + (i % 10 === 9 ? 0 : 2) + (i <= 4 ? 1 : 0), 0);
  expect(usage).toEqual({ experiments: 2, runs: RUNS, points, artifacts: { files: 0, bytes: 0, complete: true } });
});
