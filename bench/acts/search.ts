// Searching the seeded runs, each answer compared with what the data say: which runs, in which order, with which values.
import { type Act, call, type Json, judged, type World } from '../act.ts';
import type { Cell } from '../cell.ts';
import { type Data, METRICS, metricKey, PARAMS, paramKey, paramOf, runName, SEARCHES, type SearchCase, TAGS, tagOf } from '../data.ts';
import { latency, throughput, timed } from '../load.ts';
import { graphql } from './history.ts';

const PATH = '/api/2.0/mlflow/runs/search';
const GOALS: Record<string, number> = { plain: 7, metric: 7, filter: 7, three: 7, none: 2, like: 6 };

const bodyOf = (search: Omit<SearchCase, 'id' | 'title' | 'expected'>, experimentId: string) => ({
  experiment_ids: [experimentId],
  ...(search.filter ? { filter: search.filter } : {}),
  ...(search.orderBy ? { order_by: search.orderBy } : {}),
  max_results: search.limit,
});

const pairs = (list: Json[] | undefined) => new Map<string, unknown>((list ?? []).map((one: Json) => [one.key, one.value]));

/** Whether these runs, as MLflow's protocol prints them, are those expected, whole. */
export function checkFound(data: Data, found: Json[], expected: number[]): string | undefined {
  if (found.length !== expected.length) return `${found.length} runs instead of ${expected.length}`;
  for (const [position, index] of expected.entries()) {
    const run = found[position];
    if (run.info.run_name !== runName(index)) return `${run.info.run_name} instead of ${runName(index)} at ${position}`;
    const [metrics, params, tags] = [pairs(run.data.metrics), pairs(run.data.params), pairs(run.data.tags)];
    for (let key = 0; key < METRICS; key++) if (metrics.get(metricKey(key)) !== data.metric(index, key)) return `a metric of ${runName(index)}`;
    for (let key = 0; key < PARAMS; key++) if (params.get(paramKey(key)) !== paramOf(index, key)) return `a param of ${runName(index)}`;
    for (let key = 0; key < TAGS; key++) if (tags.get(`tag_${key}`) !== tagOf(index, key)) return `a tag of ${runName(index)}`;
    if (metrics.size !== METRICS || params.size !== PARAMS) return `more than was logged in ${runName(index)}`;
  }
  return undefined;
}

/** One search of the seeded runs: answered right, then measured by one Python client. */
export async function measureSearch(world: World, search: SearchCase): Promise<Cell | undefined> {
  if (!world.seeded) return undefined;
  const body = bodyOf(search, world.seeded.experimentId);
  const { runs = [] } = await call(world, 'POST', 'runs/search', body);
  const wrong = checkFound(world.data, runs, search.expected(world.data).slice(0, search.limit));
  return judged(await latency(world, { path: PATH, body: JSON.stringify(body) }), wrong);
}

const large = (limit: number, goal: number): Act => {
  const search: SearchCase = { ...SEARCHES[0]!, limit };
  return {
    id: `search-${limit}`,
    group: 'search',
    title: `search ${limit.toLocaleString('en')}`,
    unit: 'ms',
    goal,
    run: async (world) => (world.data.count < limit ? undefined : measureSearch(world, search)),
    raw: (postgres) => postgres.pgbench(`search-${limit}`, 1),
  };
};

const PAGE = `query ($experiment: String!) { team(slug: "default") { runs(experimentIds: [$experiment], orderBy: [{ by: "metrics.metric_00" }], first: 100) {
  nodes { runId name status params { key value } metrics { key last } tags { key value } } pageInfo { hasNextPage endCursor } } } }`;

export const searchActs = (runs: number): Act[] => {
  const pages = Math.min(50, Math.floor(runs / 100));
  return [
    ...SEARCHES.map(
      (search): Act => ({
        id: `search-${search.id}`,
        group: 'search',
        title: search.title,
        unit: 'ms',
        goal: GOALS[search.id]!,
        run: (world) => measureSearch(world, search),
        raw: (postgres) => postgres.pgbench(`search-${search.id}`, 1),
      }),
    ),
    large(1_000, 50),
    large(10_000, 500),
    {
      id: 'pages',
      group: 'search',
      title: `${pages} pages of 100`,
      unit: 'ms',
      goal: 400,
      async run(world) {
        if (!world.seeded) return undefined;
        const body = bodyOf({ limit: 100, orderBy: ['metrics.metric_00 ASC'] }, world.seeded.experimentId);
        const found: Json[] = [];
        for (let page = 0, token: string | undefined; page < pages && (page === 0 || token); page++) {
          const answer = await call(world, 'POST', 'runs/search', { ...body, ...(token ? { page_token: token } : {}) });
          found.push(...(answer.runs ?? []));
          token = answer.next_page_token;
        }
        const wrong = checkFound(world.data, found, SEARCHES[1]!.expected(world.data).slice(0, pages * 100));
        return judged(await timed(world, PATH, { mode: 'pages', body: JSON.stringify(body), pages }), wrong);
      },
    },
    {
      id: 'search-metric8',
      group: 'search',
      title: '8 clients, search 100 by a metric',
      unit: '/s',
      goal: 300,
      async run(world) {
        if (!world.seeded) return undefined;
        const body = bodyOf(SEARCHES[1]!, world.seeded.experimentId);
        return throughput(world, 8, { path: PATH, body: JSON.stringify(body) });
      },
      raw: (postgres) => postgres.pgbench('search-metric', 8),
    },
    {
      id: 'graphql',
      group: 'graphql',
      title: 'GraphQL: 100 runs by a metric, with params, metrics, tags',
      unit: 'ms',
      async run(world) {
        if (world.target.name !== 'ours' || !world.seeded) return undefined;
        const variables = { experiment: world.seeded.experimentId };
        const { team } = await graphql(world, PAGE, variables);
        const found = team.runs.nodes.map((run: Json) => ({
          info: { run_name: run.name },
          data: { params: run.params, tags: run.tags, metrics: run.metrics.map((one: Json) => ({ key: one.key, value: one.last })) },
        }));
        const wrong = checkFound(world.data, found, SEARCHES[1]!.expected(world.data).slice(0, 100));
        return judged(await latency(world, { path: '/graphql', body: JSON.stringify({ query: PAGE, variables }) }), wrong);
      },
    },
  ];
};
