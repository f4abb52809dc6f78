// Values of many runs under chosen keys, as rows for a table: only the columns that are shown, in one statement.

import { type Db, type Statement, sql } from '../../postgres/pool.ts';
import type { Stat } from '../../search/tree.ts';

export type CellKind = 'PARAM' | 'TAG' | 'METRIC';
/** `value` of params and tags; of metrics the statistics asked for, of which `mean` is null of nothing but NaN. */
export type CellRow = { runId: string; keyId: number; kind: CellKind; value: string | null } & Partial<Record<Stat, number | null>>;

const COLUMNS: Record<Stat, [name: string, column: string][]> = {
  last: [['last', 'value']],
  min: [['min', 'min']],
  max: [['max', 'max']],
  first: [['first', 'first_value']],
  count: [['count', 'count::float8']],
  mean: [
    ['"scaledSum"', 'scaled_sum'],
    ['numbers', '(count - nan_count)::float8'],
  ],
};

const statements = new Map<string, Statement>();

function statementFor(stats: readonly Stat[]): Statement {
  const name = stats.join('_');
  const known = statements.get(name);
  if (known) return known;
  const columns = stats.flatMap((stat) => COLUMNS[stat]);
  const nothing = columns.map(([as]) => `, null::float8 as ${as}`).join('');
  const where = (keys: string) => `where team_id = $1 and run_id = any($2::uuid[]) and key_id = any(${keys}::integer[])`;
  const made = sql(`/* runs.cells_${name} */
    select run_id as "runId", key_id as "keyId", 'PARAM' as kind, value${nothing} from run_params ${where('$3')}
    union all
    select run_id, key_id, 'TAG', value${nothing} from run_tags ${where('$4')}
    union all
    select run_id, key_id, 'METRIC', null${columns.map(([, column]) => `, ${column}`).join('')} from run_metrics ${where('$5')}`);
  statements.set(name, made);
  return made;
}

/** `keyIds`: the columns of each kind. No statement where there are none. */
export async function cellsOfRuns(
  db: Db,
  teamId: number,
  runIds: string[],
  keyIds: Record<CellKind, number[]>,
  stats: Set<Stat>,
): Promise<CellRow[]> {
  const { PARAM, TAG, METRIC } = keyIds;
  if (runIds.length === 0 || PARAM.length + TAG.length + METRIC.length === 0) return [];
  type Row = CellRow & { scaledSum: number; numbers: number };
  const rows = await db.rows<Row>(statementFor([...stats].sort()), [teamId, runIds, PARAM, TAG, METRIC]);
  if (stats.has('mean')) for (const row of rows) row.mean = row.numbers > 0 ? (row.scaledSum / row.numbers) * 2 ** 64 : null;
  return rows;
}
