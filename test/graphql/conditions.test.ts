// Finding runs: every order can be paged while others write, and typed conditions say what texts say.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestApp } from '../support/app.ts';
import { data } from '../support/people.ts';
import { askers, HOUR, idOf, LOG, type Loose, NOW, RUNS, startRings } from '../support/rings.ts';

let app: TestApp;
const { team, refused } = askers(() => app);

beforeAll(async () => {
  app = await startRings();
});
afterAll(() => app.close());

describe('orders', () => {
  const PAGE = 'runs(orderBy: $o, first: 9, after: $a) { nodes { runId } pageInfo { hasNextPage endCursor } }';
  const fields = [
    'metrics.rmse',
    'metrics.m1',
    'metrics.rmse.min',
    'metrics.`rmse`.mean',
    'params.lr',
    'params.model',
    'tags.kind',
    'datasets.name',
    'datasets.digest',
    'start_time',
    'end_time',
    'duration',
    'status',
    'user_id',
    'run_name',
    'run_id',
    'experiment_id',
    'artifact_uri',
    'metrics.nobody',
  ];

  it.each(fields.flatMap((by) => ['ASC', 'DESC'].map((direction) => [by, direction])))(
    'by %s %s go through each run once while others come and go',
    async (by, direction) => {
      const declared = '$o: [RunOrder!], $a: String';
      const seen: string[] = [];
      const made: string[] = [];
      for (let after: string | null = null, turn = 0; ; turn++) {
        const { runs } = await team(PAGE, { o: [{ by, direction }], a: after }, declared);
        seen.push(...runs.nodes.map((run: Loose) => run.runId));
        after = runs.pageInfo.endCursor;
        if (!runs.pageInfo.hasNextPage) break;
        if (turn % 3) continue;
        // One that stands somewhere, and one that stands nowhere, in whatever order this is.
        const { a, b } = await data(
          app,
          `mutation($s: DateTime) { a: createRun(input: {experimentId: "1", name: "run-5x", user: "bea", startedAt: $s, tags: [{key: "kind", value: "k1x"}]}) { run { runId } }
          b: createRun(input: {experimentId: "0", startedAt: $s}) { run { runId } } }`,
          { s: new Date(NOW - 200 * HOUR).toISOString() },
        );
        made.push(a.run.runId, b.run.runId);
        await data(app, LOG, {
          input: {
            runId: a.run.runId,
            metrics: [
              { key: 'rmse', value: 5.05 },
              { key: 'm1', value: 50.5 },
            ],
            params: [
              { key: 'lr', value: '5.05' },
              { key: 'model', value: 'h' },
            ],
          },
        });
      }
      const old = seen.filter((runId) => !made.includes(runId));
      expect(new Set(seen).size, 'none twice').toBe(seen.length);
      expect(old.length, 'none left out').toBe(RUNS);
      const { whole } = await team(
        'whole: runs(orderBy: $o, first: 1000, where: {attribute: {key: "run_id", op: NOT_IN, values: $m}}) { nodes { runId } }',
        { o: [{ by, direction }], m: made },
        '$o: [RunOrder!], $m: [String!]',
      );
      expect(old).toEqual(whole.nodes.map((run: Loose) => run.runId));
      await app.deps.db.rows({ text: 'delete from run_metrics where run_id = any($1::uuid[])' }, [made]);
      await app.deps.db.rows({ text: 'delete from run_params where run_id = any($1::uuid[])' }, [made]);
      await app.deps.db.rows({ text: 'delete from run_tags where run_id = any($1::uuid[])' }, [made]);
      await app.deps.db.rows({ text: 'delete from runs where run_id = any($1::uuid[])' }, [made]);
    },
  );
});

describe('where', () => {
  const C = (kind: string, key: string, op: string, more: Record<string, unknown> = {}) => ({ [kind]: { key, op, ...more } });
  const SAME: [string, Record<string, unknown>][] = [
    ['metrics.rmse < 3', C('metric', 'rmse', 'LT', { value: 3 })],
    [
      'metrics.rmse.max = 50 AND metrics.m1 >= 90',
      { and: [C('metric', 'rmse', 'EQ', { stat: 'MAX', value: 50 }), C('metric', 'm1', 'GE', { value: 90 })] },
    ],
    ['metrics.rmse BETWEEN 1 AND 3.7', C('metric', 'rmse', 'BETWEEN', { values: [1, 3.7] })],
    ['metrics.rmse NOT BETWEEN 1 AND 9', C('metric', 'rmse', 'NOT_BETWEEN', { values: [1, 9] })],
    ['metrics.m3 IN (4, 7)', C('metric', 'm3', 'IN', { values: [4, 7] })],
    ['metrics.m3 NOT IN (4, 7)', C('metric', 'm3', 'NOT_IN', { values: [4, 7] })],
    ['metrics.rmse IS NULL', C('metric', 'rmse', 'IS_NULL')],
    ['metrics.rmse != 3.7', C('metric', 'rmse', 'NE', { value: 3.7 })],
    [
      "params.model = 'gbm' OR NOT tags.kind IN ('k1', 'k2')",
      { or: [C('param', 'model', 'EQ', { value: 'gbm' }), { not: C('tag', 'kind', 'IN', { values: ['k1', 'k2'] }) }] },
    ],
    ['params.lr > 5', C('param', 'lr', 'GT', { value: '5' })],
    ["params.lr BETWEEN '1' AND '2'", C('param', 'lr', 'BETWEEN', { values: ['1', '2'], numeric: false })],
    ['params.lr = 0.1', C('param', 'lr', 'EQ', { value: '0.10', numeric: true })],
    ['params.lr BETWEEN 1 AND 2', C('param', 'lr', 'BETWEEN', { values: ['1', '2'] })],
    ["params.lr BETWEEN 'a' AND 'b'", C('param', 'lr', 'BETWEEN', { values: ['a', 'b'] })],
    ["params.model LIKE 'l%'", C('param', 'model', 'LIKE', { value: 'l%' })],
    ["params.model NOT ILIKE 'L%'", C('param', 'model', 'NOT_ILIKE', { value: 'L%' })],
    ["run_name =~ '-[12]$'", C('attribute', 'run_name', 'MATCHES', { value: '-[12]$' })],
    ["status != 'RUNNING'", C('attribute', 'status', 'NE', { value: 'RUNNING' })],
    ['start_time > now() - 2d', C('attribute', 'start_time', 'GT', { value: 'now() - 2d' })],
    [`start_time > ${NOW - 100 * HOUR}`, C('attribute', 'start_time', 'GT', { value: String(NOW - 100 * HOUR) })],
    [
      `start_time BETWEEN ${NOW - 100 * HOUR} AND now()`,
      C('attribute', 'start_time', 'BETWEEN', { values: [new Date(NOW - 100 * HOUR).toISOString(), 'now()'] }),
    ],
    ['end_time IS NULL', C('attribute', 'end_time', 'IS_NULL')],
    ['duration >= 50000', C('attribute', 'duration', 'GE', { value: '50000' })],
    ['experiment_id IN (1, 7)', C('attribute', 'experiment_id', 'IN', { values: ['1', '7'] })],
    ["datasets.name = 'd2'", C('dataset', 'name', 'EQ', { value: 'd2' })],
    [`run_id IN ('${idOf(3)}')`, C('attribute', 'run_id', 'IN', { values: [idOf(3)] })],
  ];

  it.each(SAME)('says what `%s` says', async (filter, where) => {
    const { a, b } = await team(
      'a: runs(filter: $f, first: 1000) { nodes { runId } } b: runs(where: $w, first: 1000) { nodes { runId } }',
      { f: filter, w: where },
      '$f: String, $w: RunWhere',
    );
    expect(b).toEqual(a);
    expect(a.nodes.length).toBeGreaterThan(0);
    expect(a.nodes.length).toBeLessThan(RUNS + Number(filter.startsWith('experiment_id')));
  });

  it('names the place of a mistake', async () => {
    const cases: [Record<string, unknown>, string][] = [
      [{ and: [C('metric', 'm1', 'GT', { value: 1 }), C('metric', 'm1', 'GT')] }, 'where.and[1].metric'],
      [{ not: { or: [C('param', 'a', 'IN', { value: 'x' })] } }, 'where.not.or[0].param'],
      [C('tag', 'a', 'BETWEEN', { values: ['x'] }), 'where.tag'],
      [C('metric', 'a', 'LIKE', { value: 1 }), 'where.metric'],
      [C('metric', 'a', 'GT', { value: 'NaN' }), 'where.metric'],
      [C('metric', 'a', 'IS_NULL', { value: 1 }), 'where.metric'],
      [C('attribute', 'nonsense', 'EQ', { value: 'x' }), 'where.attribute'],
      [C('attribute', 'start_time', 'GT', { value: 'yesterday' }), 'where.attribute'],
      [C('attribute', 'start_time', 'GT', { value: 'now() - 1d OR 1 = 1' }), 'where.attribute'],
      [C('dataset', 'size', 'EQ', { value: 'x' }), 'where.dataset'],
      [C('param', 'a', 'MATCHES', { value: '(' }), 'where.param'],
      [{ and: [] }, 'where.and'],
    ];
    for (const [where, argument] of cases) {
      expect(await refused('runs(where: $w) { totalCount }', { w: where }, '$w: RunWhere'), JSON.stringify(where)).toMatchObject({
        code: 'INVALID_ARGUMENT',
        argument,
      });
    }
    expect(await refused('runs(filter: "metrics.m1 > 1 AND metrics.m1 ~ 2") { totalCount }')).toMatchObject({ argument: 'filter', position: 30 });
  });
});
