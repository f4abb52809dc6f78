// Thousands of random filters, orders and pages: the compiled SQL in a real Postgres must say what a plain evaluator says in memory.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runPage } from '../../src/db/tracking/runPages.ts';
import type { Db, Statement } from '../../src/postgres/pool.ts';
import {
  type Search,
  type SearchRequest,
  searchExperiments,
  searchLoggedModels,
  searchModelVersions,
  searchRegisteredModels,
  searchRuns,
} from '../../src/search/search.ts';
import { type FreshDatabase, freshDatabase } from '../support/database.ts';
import { compareRows, type Filter, matches, type Order, render, renderWhere } from './evaluate.ts';
import { type Kit, makeKits, TEXTS } from './fixtures.ts';
import { randomFilter, randomOrder } from './generate.ts';
import { randomFrom } from './random.ts';

const SEARCHES: Record<Kit['noun'], (request: SearchRequest) => Search> = {
  runs: searchRuns,
  experiments: searchExperiments,
  registeredModels: searchRegisteredModels,
  modelVersions: searchModelVersions,
  loggedModels: searchLoggedModels,
};

let database: FreshDatabase;
let data: Awaited<ReturnType<typeof makeKits>>;

beforeAll(async () => {
  database = await freshDatabase();
  data = await makeKits(database.db, 20_240_601, 120);
});
afterAll(() => database?.drop());

type Found = { id: string; [column: string]: unknown };

async function page(kit: Kit, search: Search, limit: number): Promise<Found[]> {
  const rows: Found[] = [];
  for (const partition of search.partitions) {
    if (rows.length < limit) rows.push(...(await pageOf(kit, search, partition, limit - rows.length)));
  }
  return rows;
}

async function pageOf(kit: Kit, search: Search, partition: Search['partitions'][number], limit: number): Promise<Found[]> {
  const values: unknown[] = [data.teamId, limit];
  const { joins, where, orderBy, cursorColumns } = search.compile({ team: '$1', values, keyIds: data.keyIds, partition });
  const alias = kit.from.split(' ')[1];
  const text = `/* test.search */ select ${kit.id} as id, ${cursorColumns} from ${kit.from} ${joins} where ${alias}.team_id = $1 and ${where} order by ${orderBy} limit $2`;
  try {
    return await database.db.rows<Found>({ text }, values);
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${text}\n${JSON.stringify(values)}`);
  }
}

const orderText = ({ at, descending }: Order) => `${renderWhere(at)} ${descending ? 'DESC' : 'asc'}`;
/** Logged models take their order in parts. */
const orderInput = (kit: Kit, order: Order) =>
  kit.noun === 'loggedModels' ? { field: renderWhere(order.at).replaceAll('`', ''), ascending: !order.descending } : orderText(order);

const kitOf = (noun: Kit['noun']) => data.kits.find((kit) => kit.noun === noun)!;

describe.each([
  ['runs', 1_500],
  ['experiments', 300],
  ['registeredModels', 300],
  ['modelVersions', 300],
  ['loggedModels', 600],
] as const)('%s', (noun, count) => {
  test(`${count} random filters find the rows that the evaluator finds`, async () => {
    const kit = kitOf(noun);
    const random = randomFrom(noun.length * 7_919);
    let hits = 0;
    for (let index = 0; index < count; index += 1) {
      const filter = randomFilter(random, kit);
      const text = render(filter);
      const expected = kit.rows.filter((row) => matches(row, filter)).map((row) => row.id);
      const found = await page(kit, SEARCHES[noun]({ dialect: 'widened', filter: text, now: 0 }), 10_000);
      expect(found.map((row) => row.id).sort(), text).toEqual(expected.sort());
      if (expected.length > 0 && expected.length < kit.rows.length) hits += 1;
    }
    // The filters must tell rows apart, or they test nothing.
    expect(hits).toBeGreaterThan(count / 3);
  });

  test('random orders, paged forwards and backwards, go through every row once and in order', async () => {
    const kit = kitOf(noun);
    const random = randomFrom(noun.length * 104_729);
    for (let index = 0; index < 40; index += 1) {
      const { asked, total } = randomOrder(random, kit);
      const filter = random.chance(0.5) ? randomFilter(random, kit) : null;
      const expected = kit.rows
        .filter((row) => !filter || matches(row, filter))
        .sort((a, b) => compareRows(a, b, total))
        .map((row) => row.id);
      const request = {
        dialect: 'widened' as const,
        filter: filter ? render(filter) : '',
        orderBy: asked.map((order) => orderInput(kit, order)),
        now: 0,
      };
      const said = JSON.stringify(request);
      const limit = 3 + random.int(40);
      // What the parts give one after the other is what one statement gives.
      const whole = await pageOf(kit, SEARCHES[noun](request), 'all', 10_000);
      expect(
        whole.map((row) => row.id),
        said,
      ).toEqual(expected);

      const forwards: string[] = [];
      let after: string | null = null;
      let last: string | null = null;
      do {
        const search = SEARCHES[noun]({ ...request, after });
        const rows = await page(kit, search, limit + 1);
        forwards.push(...rows.slice(0, limit).map((row) => row.id));
        after = rows.length > limit ? search.cursorOf(rows[limit - 1]!) : null;
        if (rows.length > 0) last = search.cursorOf(rows.at(-1)!);
      } while (after);
      expect(forwards, said).toEqual(expected);

      const backwards: string[] = last === null ? [] : [expected.at(-1)!];
      for (let before = last; before; ) {
        const search = SEARCHES[noun]({ ...request, before, backward: true });
        const rows = await page(kit, search, limit);
        backwards.push(...rows.map((row) => row.id));
        before = rows.length === limit ? search.cursorOf(rows.at(-1)!) : null;
      }
      expect(backwards.reverse(), said).toEqual(expected);
    }
  });
});

test('pages of one experiment are the same however they are found', async () => {
  const kit = kitOf('runs');
  const random = randomFrom(271_828);
  const ways = new Map<string, number>();
  for (let index = 0; index < 80; index += 1) {
    // Clauses that all must hold are those that runs are found by; for common ones an order is walked.
    const common: Filter[] = [
      { kind: 'clause', at: { entity: 'param', key: 'a' }, op: 'IN', values: TEXTS },
      { kind: 'clause', at: { entity: 'metric', key: 'b' }, op: '>=', values: [-2] },
    ];
    const walked = random.chance(0.2);
    const items = walked ? common : Array.from({ length: random.pick([0, 1, 3]) }, () => randomFilter(random, kit));
    const filter: Filter = { kind: 'and', items };
    const metric: Order = { at: { entity: 'metric', key: random.pick(['a', 'b']) }, descending: random.chance(0.5) };
    const { asked, total } = walked || random.chance(0.5) ? { asked: [metric], total: [metric, ...kit.tieBreak] } : randomOrder(random, kit);
    const expected = kit.rows
      .filter((row) => matches(row, filter))
      .sort((a, b) => compareRows(a, b, total))
      .map((row) => row.id);
    const request = { dialect: 'widened' as const, filter: items.length > 0 ? render(filter) : '', orderBy: asked.map(orderText), now: 0 };
    const bounds = walked ? { readForOne: 2, most: 1_000 } : { readForOne: random.pick([1, 2, 4, 20]), most: random.pick([1, 10, 40, 1_000]) };
    const said = JSON.stringify({ request, bounds });
    const limit = walked ? 7 : 6 + random.int(20);
    // One memory of what helped for all pages of this search, there and back.
    const noting =
      <A extends unknown[], R>(run: (statement: Statement, ...rest: A) => R) =>
      (statement: Statement, ...rest: A): R => {
        const way = `${/\/\* (\S+) /.exec(statement.text)?.[1]}${/ as materialized| any\(array\(|$/.exec(statement.text)![0]}`;
        ways.set(way, (ways.get(way) ?? 0) + 1);
        return run(statement, ...rest);
      };
    const db = { ...database.db, rows: noting(database.db.rows), row: noting(database.db.row) } as Db;
    const pageAt = (page: Partial<SearchRequest>) => {
      const search = searchRuns({ ...request, ...page });
      return runPage(db, data.teamId, { experimentIds: [0], lifecycle: 'ALL' }, search, limit, bounds).then((found) => ({
        ...found,
        ids: found.rows.map(({ runId }) => runId),
        end: found.rows.length > 0 ? search.cursorOf(found.rows.at(-1)!) : null,
      }));
    };
    const forwards: string[] = [];
    let last: string | null = null;
    for (let more = true, after: string | null = null; more; after = last) {
      const found = await pageAt({ after });
      forwards.push(...found.ids);
      last = found.end ?? last;
      more = found.more;
    }
    expect(forwards, said).toEqual(expected);
    const backwards: string[] = last === null ? [] : [expected.at(-1)!];
    for (let before = last; before; ) {
      const found = await pageAt({ before, backward: true });
      backwards.push(...found.ids);
      before = found.more ? found.end : null;
    }
    expect(backwards.reverse(), said).toEqual(expected);
  }
  for (const way of ['runs.few', 'runs.horizon', 'runs.search', 'runs.search any(array(', 'runs.search as materialized']) {
    expect({ way, often: ways.get(way)! >= 3 }).toEqual({ way, often: true });
  }
});

test('the MLflow dialect finds the same rows with every filter that it takes, and orders params as text', async () => {
  const random = randomFrom(42);
  let taken = 0;
  for (let index = 0; index < 1_500; index += 1) {
    const kit = random.pick(data.kits);
    const filter = randomFilter(random, kit, 3);
    const text = render(filter);
    let search: Search;
    try {
      search = SEARCHES[kit.noun]({ dialect: 'mlflow', filter: text, now: 0 });
    } catch {
      continue;
    }
    // Where MLflow sees a metric called "x.max", the widened language sees it too, because the team has one.
    taken += 1;
    const found = await page(kit, search, 10_000);
    expect(found.map((row) => row.id).sort(), text).toEqual(
      kit.rows
        .filter((row) => matches(row, filter))
        .map((row) => row.id)
        .sort(),
    );
  }
  expect(taken).toBeGreaterThan(500);

  const kit = kitOf('runs');
  const found = await page(kit, searchRuns({ dialect: 'mlflow', orderBy: ['params.a DESC'], now: 0 }), 10_000);
  const total = [{ at: { entity: 'param' as const, key: 'a' }, descending: true }, ...kit.tieBreak];
  expect(found.map((row) => row.id)).toEqual([...kit.rows].sort((a, b) => compareRows(a, b, total)).map((row) => row.id));
});
