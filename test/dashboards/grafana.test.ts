// The Grafana dashboard as it is provisioned: every request that it holds is sent as Grafana and its Infinity data source would send it,
// variables filled in, and what its selectors find in the answers is what the panels show.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { startApp, type TestApp } from '../support/app.ts';
import { data } from '../support/people.ts';
import { DAY, NOW, seedRings, TEAM } from './seed.ts';

type Column = { selector: string; text: string; type: 'string' | 'number' | 'timestamp' };
type Target = {
  type: string;
  parser: string;
  url: string;
  url_options: { method: string; body_type: string; body_graphql_query: string; body_graphql_variables: string };
  root_selector: string;
  columns: Column[];
};
type Variable = { name: string; type: string; current?: { value: string }; query: string | { infinityQuery: Target } };
type Dashboard = { templating: { list: Variable[] }; panels: { title: string; datasource: { uid: string }; targets: Target[] }[] };
type Row = Record<string, unknown>;

const dashboard: Dashboard = JSON.parse(readFileSync('deploy/grafana/dashboards/runs.json', 'utf8'));
const [source] = parse(readFileSync('deploy/grafana/provisioning/datasources/runledger.yaml', 'utf8')).datasources;

let app: TestApp;
let token: string;
/** What a person would have chosen, the first of each list unless said here. */
const chosen: Record<string, string> = { team: TEAM };

/** As Grafana does: only variables that the dashboard has (and its own) are filled in, also inside the text of a query. */
function interpolate(text: string): string {
  const own: Record<string, number> = { __from: NOW - 7 * DAY, __to: NOW };
  return text.replace(/\$\{(\w+)(?::([\w:]+))?\}|\$(\w+)/g, (found, braced, format, plain) => {
    const name: string = braced ?? plain;
    if (name in own) return format === 'date:iso' ? new Date(own[name]!).toISOString() : String(own[name]);
    if (!(name in chosen)) return found;
    return format === 'doublequote' ? `"${chosen[name]!.replaceAll('"', '\\"')}"` : chosen[name]!;
  });
}

const at = (value: unknown, path: string): unknown => path.split('.').reduce<unknown>((it, key) => (it as Row | null | undefined)?.[key], value);

/** The frame that the data source makes: one row for each entry below the root, one value for each column. */
async function frame(target: Target): Promise<Row[]> {
  expect(target).toMatchObject({ type: 'graphql', parser: 'backend', url_options: { method: 'POST', body_type: 'graphql' } });
  const url = source.url.replace('$RUNLEDGER_URL', app.url) + target.url;
  const answer = await fetch(url, {
    method: target.url_options.method,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${source.secureJsonData.bearerToken.replace('$RUNLEDGER_TOKEN', token)}` },
    body: JSON.stringify({
      query: interpolate(target.url_options.body_graphql_query),
      variables: JSON.parse(interpolate(target.url_options.body_graphql_variables)),
    }),
  });
  const body = (await answer.json()) as { errors?: unknown };
  expect(body.errors, JSON.stringify(body.errors)).toBeUndefined();
  const rows = at(body, target.root_selector);
  expect(Array.isArray(rows), target.root_selector).toBe(true);
  return (rows as unknown[]).map((row) =>
    Object.fromEntries(
      target.columns.map(({ selector, text, type }) => {
        const value = at(row, selector) ?? null;
        if (value !== null && type === 'number') expect(typeof value, text).toBe('number');
        if (value !== null && type === 'timestamp') expect(Date.parse(value as string), text).not.toBeNaN();
        return [text, value];
      }),
    ),
  );
}
const panel = (title: string) => frame(dashboard.panels.find((one) => one.title === title)!.targets[0]!);

beforeAll(async () => {
  app = await startApp();
  token = await seedRings(app);
  for (const { name, type, query, current } of dashboard.templating.list) {
    if (type === 'query') chosen[name] ??= String((await frame((query as { infinityQuery: Target }).infinityQuery))[0]!.__value);
    else chosen[name] ??= current!.value;
  }
});
afterAll(() => app.close());

describe('the dashboard', () => {
  it('asks the provisioned data source for everything', () => {
    expect(source).toMatchObject({ type: 'yesoreyeram-infinity-datasource', jsonData: { auth_method: 'bearerToken' } });
    for (const { datasource, title } of dashboard.panels) expect(datasource.uid, title).toBe(source.uid);
    expect(dashboard.panels).toHaveLength(5);
  });

  it('offers what the team has, by the names of its experiments, metrics, params and runs', () => {
    expect(chosen).toEqual({
      team: TEAM,
      experiment: '1',
      metric: 'rmse',
      best: 'ASC',
      param: 'model',
      run: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
  });

  it('lists the best finished runs', async () => {
    const rows = await panel('Best runs');
    expect(rows.map((row) => row.Run)).toEqual(['rings-4', 'rings-2', 'rings-1', 'rings-5']);
    expect(rows[0]).toEqual({
      Run: 'rings-4',
      Value: 1.5,
      Smallest: 1.5,
      Largest: 3.5,
      By: 'grace',
      Started: new Date(NOW - 4 * DAY).toISOString(),
      Duration: 60_000,
      Commit: 'c0ffee4',
    });
    chosen.best = 'DESC';
    expect((await panel('Best runs')).map((row) => row.Run)).toEqual(['rings-5', 'rings-1', 'rings-2', 'rings-4']);
    chosen.best = 'ASC';
  });

  it('compares the values of a param', async () => {
    expect(await panel('By param')).toEqual([
      { Param: 'mlp', Smallest: 1.5, Median: 1.75, Largest: 2 },
      { Param: 'gbm', Smallest: 3, Median: 5, Largest: 9 },
    ]);
  });

  it('counts the runs of each day', async () => {
    const rows = await panel('Runs a day');
    expect(rows).toHaveLength(8);
    expect(rows.filter((row) => row.Started)).toHaveLength(5);
    expect(rows.filter((row) => row.Failed)).toEqual([
      { Time: new Date(NOW - 3 * DAY).toISOString().replace(/T.*/, 'T00:00:00.000Z'), Started: 1, Failed: 1 },
    ]);
  });

  it("draws the chosen run's curve", async () => {
    expect(await panel('Curve')).toEqual([3, 2, 1].map((value, step) => ({ Step: step, Value: value === 1 ? 3 : value + 2 })));
  });

  it('shows the champions', async () => {
    expect(await panel('Champions')).toEqual([
      { Model: 'rings', Version: 1, Since: expect.any(String), Run: 'rings-4', By: 'grace', Value: 1.5 },
      { Model: 'unreleased', Version: null, Since: null, Run: null, By: null, Value: null },
    ]);
  });

  it('works with keys that need quoting', async () => {
    const before = { ...chosen };
    Object.assign(chosen, { metric: 'val/rmse best', param: 'opt.lr rate', best: 'DESC' });
    expect(await panel('Best runs')).toMatchObject([{ Run: 'rings-1', Value: 7 }]);
    expect(await panel('By param')).toMatchObject([{ Param: '0.1', Largest: 7 }, { Param: null }]);
    Object.assign(chosen, before);
  });

  it('tells of nothing to a token of another team', async () => {
    const { token: other } = await app.seedTeam();
    const { team } = await data(app, `{ team(slug: "${TEAM}") { slug } }`, {}, { token: other });
    expect(team).toBeNull();
  });
});
