// Filters with as many clauses as may be: what Postgres plans must not grow with the square of their number.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { countModels, modelPage, versionPage } from '../../src/db/registry/pages.ts';
import { countExperiments, countRuns, experimentPage } from '../../src/db/tracking/experimentPages.ts';
import { loggedModelPage } from '../../src/db/tracking/loggedModelPages.ts';
import { runPage } from '../../src/db/tracking/runPages.ts';
import { internKeyIds } from '../../src/points/keyIds.ts';
import type { Db, Statement } from '../../src/postgres/pool.ts';
import { searchExperiments, searchLoggedModels, searchModelVersions, searchRegisteredModels, searchRuns } from '../../src/search/search.ts';
import { openScene, type Process, type Scene } from '../points/scene.ts';

const CLAUSES = 100;
const MOST_JOINS = 12;

let scene: Scene;
let ctx: Process;
beforeAll(async () => {
  scene = await openScene();
  [ctx] = scene.processes;
  await internKeyIds(ctx.db, ctx.team.teamId, names);
});
afterAll(() => scene.close());

const names = Array.from({ length: CLAUSES }, (_none, index) => `a${index}`);
const request = { dialect: 'widened' as const, filter: names.map((name) => `tags.${name} = 'x'`).join(' and '), orderBy: [], now: 0 };
const scope = { experimentIds: [0], lifecycle: 'ACTIVE' as const };

type Plan = { 'Node Type': string; Plans?: Plan[] };
const joinsIn = (plan: Plan): number =>
  (/Join|Nested Loop/.test(plan['Node Type']) ? 1 : 0) + (plan.Plans ?? []).reduce((sum, part) => sum + joinsIn(part), 0);

/** How many joins the statement with the most of them has. */
async function mostJoins(search: (db: Db, teamId: number) => Promise<unknown>): Promise<number> {
  const joins: number[] = [];
  const rows = async <R>(statement: Statement, values?: unknown[]): Promise<R[]> => {
    if (/^\/\* (runs|experiments|loggedModels|logged_models|registered_models|model_versions)\./.test(statement.text)) {
      const [plan] = await ctx.db.rows<{ 'QUERY PLAN': [{ Plan: Plan }] }>({ text: `explain (format json) ${statement.text}` }, values);
      joins.push(joinsIn(plan!['QUERY PLAN'][0].Plan));
    }
    return ctx.db.rows<R>(statement, values);
  };
  await search(
    { ...ctx.db, rows, row: async <R>(statement: Statement, values?: unknown[]) => (await rows<R>(statement, values))[0] } as Db,
    ctx.team.teamId,
  );
  expect(joins.length).toBeGreaterThan(0);
  return Math.max(...joins);
}

test.each<[name: string, search: (db: Db, teamId: number) => Promise<unknown>]>([
  ['runs', (db, teamId) => runPage(db, teamId, scope, searchRuns(request), 10)],
  ['runs, counted', (db, teamId) => countRuns(db, teamId, scope, searchRuns(request))],
  ['experiments', (db, teamId) => experimentPage(db, teamId, 'ACTIVE', searchExperiments(request), 10)],
  ['experiments, counted', (db, teamId) => countExperiments(db, teamId, 'ACTIVE', searchExperiments(request))],
  ['registered models', (db, teamId) => modelPage(db, teamId, searchRegisteredModels(request), 10)],
  ['registered models, counted', (db, teamId) => countModels(db, teamId, searchRegisteredModels(request))],
  ['model versions', (db, teamId) => versionPage(db, teamId, null, searchModelVersions(request), 10)],
  ['logged models', (db, teamId) => loggedModelPage(db, teamId, [0], searchLoggedModels(request), 10)],
])('100 clauses on %s are no 100 joins', async (_name, search) => {
  expect(await mostJoins(search)).toBeLessThan(MOST_JOINS);
});
