// The six questions of docs/graphql.md, as the page has them but for the names of the seeded keys, each answer compared with what the data say.
import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { type Act, call, type Json, judged, type World } from '../act.ts';
import { type Data, METRICS, metricKey, PARAMS, paramKey, paramOf, runName, START, TAGS, tagOf } from '../data.ts';
import { latency } from '../load.ts';
import { settle } from '../postgres.ts';
import { ASKED, CURVES, checkCurves, curves, graphql } from './history.ts';

const PAGE = 'docs/graphql.md';
const MODEL = 'questions';
const DAY = 86_400_000;

/** What the seeded runs have in place of the page's keys. They began years ago: none may be left out for that. */
const INSTEAD: [page: string, here: string][] = [
  ['rmse', metricKey(0)],
  ['["model", "lr"]', `["${paramKey(0)}", "${paramKey(1)}"]`],
  ['params.model', `params.${paramKey(0)}`],
  ['now() - 30d', 'now() - 36500d'],
];

/** The query under the heading of this number. */
async function queryOf(number: number): Promise<string> {
  const section = (await readFile(PAGE, 'utf8')).split(/^### (?=\d\. )/m).find((one) => one.startsWith(`${number}. `));
  const query = /^```graphql\n([\s\S]*?)^```$/m.exec(section ?? '')?.[1];
  if (!query) throw new Error(`${PAGE} has no query for question ${number}.`);
  return INSTEAD.reduce((text, [page, here]) => text.replaceAll(page, here), query);
}

type Seeded = NonNullable<World['seeded']>;
type Question = {
  number: number;
  /** Tells apart what is asked twice. */
  again?: string;
  title: string;
  goal: number;
  /** Makes what is missing; the variables. */
  ask(world: World, seeded: Seeded): Promise<Record<string, unknown>>;
  /** Why `team` is not the right answer. */
  check(world: World, team: Json, seeded: Seeded): Promise<string | undefined>;
};

const differs = (found: Json, expected: Json): string | undefined =>
  isDeepStrictEqual(found, expected) ? undefined : `${JSON.stringify(found)?.slice(0, 200)} instead of ${JSON.stringify(expected).slice(0, 200)}`;

const indexes = (data: Data, keep: (index: number) => boolean = () => true) =>
  Array.from({ length: data.count }, (_none, index) => index)
    .filter(keep)
    .sort((a, b) => data.metric(a, 0) - data.metric(b, 0));

const keyed = (count: number, keyOf: (key: number) => string, valuesOf: (key: number) => unknown[]) =>
  Array.from({ length: count }, (_none, key) => ({ key: keyOf(key), values: valuesOf(key) })).filter(({ values }) => new Set(values).size > 1);

/** Spread over all of them. */
const five = ({ count }: Data) => Array.from({ length: 5 }, (_none, part) => Math.floor((part * count) / 5) + part).map((index) => index % count);

/** A model whose champion was one run's and is another's, which read a dataset. */
const champions = (world: World, { runIds }: Seeded) =>
  world.once('champions', async () => {
    const [before, now] = [0, 1];
    const dataset = { name: 'rings', digest: '9f2c41', source_type: 's3', source: '{"uri": "s3://data/rings.parquet"}' };
    await call(world, 'POST', 'runs/log-inputs', { run_id: runIds[now], datasets: [{ dataset, tags: [] }] });
    await call(world, 'POST', 'registered-models/create', { name: MODEL });
    for (const [position, index] of [before, now].entries()) {
      await call(world, 'POST', 'model-versions/create', { name: MODEL, source: `runs:/${runIds[index]}/model`, run_id: runIds[index] });
      await call(world, 'POST', 'registered-models/alias', { name: MODEL, alias: 'champion', version: String(position + 1) });
    }
    return { before, now };
  });

const aboutCurves: Pick<Question, 'number' | 'goal' | 'check'> = {
  number: 3,
  goal: 100,
  async check(world, team) {
    const { runIds } = await curves(world);
    const sampled = team.runs.nodes.map((run: Json) => ({ runId: run.runId, points: run.series[0]?.points ?? [] }));
    return checkCurves(world, runIds, sampled, true, ASKED);
  },
};

const QUESTIONS: Question[] = [
  {
    number: 1,
    title: 'the ten best runs, their params, user and commit',
    goal: 50,
    ask: async () => ({ experiment: 'search' }),
    async check({ data }, team) {
      const found = team.experiment.runs.nodes.map((run: Json) => ({ name: run.name, last: run.metric.last, params: run.params }));
      const params = (index: number) => [0, 1].map((key) => ({ key: paramKey(key), value: paramOf(index, key) }));
      const best = indexes(data).slice(0, 10);
      return differs(
        found,
        best.map((index) => ({ name: runName(index), last: data.metric(index, 0), params: params(index) })),
      );
    },
  },
  {
    number: 2,
    title: 'the best and the median of each group, and the run that reached it',
    goal: 150,
    ask: async (_world, { experimentId }) => ({ experiments: [experimentId] }),
    async check({ data }, team, { runIds }) {
      const expected = [0, 1, 2, 3]
        .map((rest) => indexes(data, (index) => index % 4 === rest))
        .filter(([best]) => best !== undefined)
        .sort(([a], [b]) => data.metric(a!, 0) - data.metric(b!, 0));
      const { nodes } = team.runGroups;
      if (nodes.length !== expected.length) return `${nodes.length} groups instead of ${expected.length}`;
      for (const [position, sorted] of expected.entries()) {
        const { by, runCount, measures } = nodes[position];
        const best = sorted[0]!;
        const [least, median] = measures;
        const wrong = differs(
          { group: by[0].value, runCount, best: least.value, run: least.run },
          { group: paramOf(best, 0), runCount: sorted.length, best: data.metric(best, 0), run: { runId: runIds[best], name: runName(best) } },
        );
        if (wrong) return wrong;
        const middle = [Math.floor((sorted.length - 1) / 2), Math.ceil((sorted.length - 1) / 2)].map((at) => data.metric(sorted[at]!, 0));
        if (Math.abs(median.value - (middle[0]! + middle[1]!) / 2) > 1e-12) return `a median of ${median.value}`;
      }
      return undefined;
    },
  },
  {
    ...aboutCurves,
    title: 'just logged',
    ask: async (world) => ({ experiments: [(await curves(world)).experimentId] }),
  },
  {
    ...aboutCurves,
    again: 'settled',
    title: 'compacted, as after five minutes',
    async ask(world) {
      const { experimentId } = await curves(world);
      await settle(world.target.database);
      return { experiments: [experimentId] };
    },
  },
  {
    number: 4,
    title: 'in what five runs differ',
    goal: 50,
    ask: async ({ data }, { runIds }) => ({ runIds: five(data).map((index) => runIds[index]) }),
    async check({ data }, team) {
      const asked = five(data);
      const { runs, params, tags, metrics } = team.compareRuns;
      return (
        differs(
          runs.map((run: Json) => [run.name, run.status]),
          asked.map((index) => [runName(index), 'FINISHED']),
        ) ??
        differs(
          params,
          keyed(PARAMS, paramKey, (key) => asked.map((index) => paramOf(index, key))),
        ) ??
        differs(
          tags.filter((tag: Json) => !tag.key.startsWith('mlflow.')),
          keyed(
            TAGS,
            (key) => `tag_${key}`,
            (key) => asked.map((index) => tagOf(index, key)),
          ),
        ) ??
        differs(
          metrics,
          keyed(METRICS, metricKey, (key) => asked.map((index) => data.metric(index, key))),
        )
      );
    },
  },
  {
    number: 5,
    title: 'what is behind the champion, and what was it before',
    goal: 50,
    async ask(world, seeded) {
      await champions(world, seeded);
      return { model: MODEL };
    },
    async check(world, team, seeded) {
      const { before, now } = await champions(world, seeded);
      const { version, aliasChanges } = team.registeredModel;
      const { run, datasets, params } = version.lineage;
      const metric = { last: world.data.metric(now, 0) };
      return (
        differs(
          { version: version.version, run, datasets },
          {
            version: 2,
            run: { runId: seeded.runIds[now], name: runName(now), status: 'FINISHED', metric },
            datasets: [{ dataset: { name: 'rings', digest: '9f2c41' } }],
          },
        ) ??
        differs(
          params,
          Array.from({ length: PARAMS }, (_none, key) => ({ key: paramKey(key), value: paramOf(now, key) })),
        ) ??
        differs(
          aliasChanges.map((change: Json) => [change.version, change.modelVersion.run.name]),
          [
            [2, runName(now)],
            [1, runName(before)],
          ],
        )
      );
    },
  },
  {
    number: 6,
    title: 'runs by day, user and status over 30 days',
    goal: 150,
    ask: async (_world, { experimentId }) => ({
      experiments: [experimentId],
      from: new Date(START - 28 * DAY).toISOString(),
      to: new Date(START + DAY).toISOString(),
    }),
    async check({ data }, team) {
      const days = new Map<number, number>();
      for (let index = 0; index < data.count; index++) {
        const day = Math.floor((START + index * 1_000) / DAY) * DAY;
        days.set(day, (days.get(day) ?? 0) + 1);
      }
      const first = Math.floor((START - 28 * DAY) / DAY) * DAY;
      const found = team.runsOverTime.map(({ start, runCount, users }: Json) => ({
        start,
        runCount,
        ofUsers: users.reduce((sum: number, user: Json) => sum + user.runCount, 0),
        unfinished: users.reduce((sum: number, { statuses }: Json) => sum + statuses.running + statuses.failed, 0),
      }));
      const expected = Array.from({ length: 30 }, (_none, index) => {
        const runCount = days.get(first + index * DAY) ?? 0;
        return { start: new Date(first + index * DAY).toISOString(), runCount, ofUsers: runCount, unfinished: 0 };
      });
      return differs(found, expected);
    },
  },
];

export const questionActs = (points: number): Act[] =>
  QUESTIONS.map(({ number, again, title, goal, ask, check }) => ({
    id: ['question', number, again].filter(Boolean).join('-'),
    group: 'questions',
    title: `question ${number}: ${number === 3 ? `${CURVES} curves × ${points.toLocaleString('en')} points, to ${ASKED} each, ` : ''}${title}`,
    unit: 'ms',
    goal,
    async run(world) {
      if (world.target.name !== 'ours' || !world.seeded) return undefined;
      const query = await queryOf(number);
      const variables = await ask(world, world.seeded);
      const { team } = await graphql(world, query, variables);
      const wrong = await check(world, team, world.seeded);
      return judged(await latency(world, { path: '/graphql', body: JSON.stringify({ query, variables }) }), wrong);
    },
  }));
