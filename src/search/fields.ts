// Fields of runs outside of filters and orders (columns of tables, what groups are made by, what measures measure) as joins and values.
import { attributeOf } from './check.ts';
import { type Attribute, RUNS } from './nouns.ts';
import { parseField } from './order.ts';
import type { Field, Stat } from './tree.ts';
import { sideOf, type Target, valueSql } from './where.ts';

export type RunField = Field;
export type MetricField = Field & { kind: 'metric' };

/**
 * `metrics.x`, `metrics.x.min`, metrics.`x`.min, `params.x`, `tags.x`, `datasets.name` or an attribute, as in `orderBy`.
 * @throws INVALID_ARGUMENT naming what is allowed.
 */
export const runField = (text: string, argument: string): RunField => parseField(text, RUNS, argument);

export const metricField = (key: string, stat: Stat): MetricField => ({ kind: 'metric', key, stat });

/** The names whose key_ids a statement over these fields needs. */
export const fieldKeys = (fields: readonly RunField[]): string[] =>
  fields.flatMap((field) => (field.kind === 'metric' && field.whole !== undefined ? [field.key, field.whole] : 'key' in field ? [field.key] : []));

/** For statements over `runs r` with the team's id as $1. */
export const runTarget = (values: unknown[], keyIds: ReadonlyMap<string, number>, now: number): Target => ({
  noun: RUNS,
  team: '$1',
  parameters: { values, now },
  keyIds,
  datasets: [],
  ignoreTag: null,
});

export const attributeType = (name: string): Attribute['type'] => attributeOf(RUNS, name).type;

/** A field's value in a statement over `runs r`; `join` goes behind it. `sql` null: no run of the team has it. */
export function fieldSql(field: RunField, alias: string, target: Target): { join: string; sql: string | null } {
  if (field.kind === 'attribute') return { join: '', sql: attributeOf(RUNS, field.name).sql };
  if (field.kind === 'dataset') throw new Error('A run has any number of datasets');
  const side = sideOf(field, target, alias);
  return side ? { join: `left join ${side.table} ${alias} on ${side.on}`, sql: valueSql(field, side, alias) } : { join: '', sql: null };
}
