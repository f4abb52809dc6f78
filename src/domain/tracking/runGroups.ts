// Runs in groups: by what they have in common, with statistics of metrics over each group.
import { requireCan } from '../../auth/policy.ts';
import type { TeamCtx } from '../../context.ts';
import {
  countGroups,
  type GroupTerm,
  groupPage,
  groupSortKeys,
  type Measured,
  type Measurement,
  type Statistic,
} from '../../db/tracking/runGroups.ts';
import { invalid, limitExceeded } from '../../lib/errors.ts';
import { type Cursor, decodeCursor, encodeCursor, fingerprint } from '../../search/cursor.ts';
import { attributeType, metricField, type RunField, runField } from '../../search/fields.ts';
import type { Stat } from '../../search/tree.ts';
import { prepareRuns, type RunSearch } from './runSearch.ts';

export type { Measurement, Statistic };

export const GROUP_LIMITS = { by: 5, measures: 20, order: 10 } as const;

export type MeasureInput = { metric: string; stat: Stat; statistic: Statistic };
/** By one of `by`, by a measure's place, or by the number of runs. */
export type GroupOrder = { by?: string | null; measure?: number | null; descending: boolean };
export type GroupSearch = RunSearch & { by: string[]; measures: MeasureInput[]; groupOrder?: GroupOrder[] };

export type RunGroup = {
  by: { name: string; value: string | null }[];
  runs: number;
  /** In the order asked for. */
  measures: Measurement[];
};

/** Throws LIMIT_EXCEEDED over 20. */
export function checkMeasures(measures: MeasureInput[]): Measured[] {
  if (measures.length > GROUP_LIMITS.measures) {
    throw limitExceeded(
      `At most ${GROUP_LIMITS.measures} measures can be computed at once, and these are ${measures.length}. Ask in several queries.`,
      {
        argument: 'measures',
        limit: GROUP_LIMITS.measures,
        asked: measures.length,
      },
    );
  }
  return measures.map(({ metric, stat, statistic }) => ({ field: metricField(metric, stat), statistic }));
}

function checkBy(names: string[]): RunField[] {
  if (names.length > GROUP_LIMITS.by) {
    throw limitExceeded(`Groups are made by at most ${GROUP_LIMITS.by} values, and these are ${names.length}. Ask for fewer in 'by'.`, {
      argument: 'by',
      limit: GROUP_LIMITS.by,
      asked: names.length,
    });
  }
  return names.map((name, index) => {
    const argument = `by[${index}]`;
    const field = runField(name, argument);
    if (field.kind === 'metric' || field.kind === 'dataset') {
      throw invalid(`Groups are made by params, tags and attributes, not by '${name}'. Metrics go into 'measures'.`, { argument });
    }
    if (names.indexOf(name) !== index) throw invalid(`'${name}' stands twice in 'by'.`, { argument });
    return field;
  });
}

function checkOrder(order: GroupOrder[], by: string[], measures: number): (GroupTerm & { descending: boolean })[] {
  if (order.length > GROUP_LIMITS.order) throw invalid(`At most ${GROUP_LIMITS.order} terms can be ordered by.`, { argument: 'orderBy' });
  return order.map(({ by: name, measure, descending }, index) => {
    const argument = `orderBy[${index}]`;
    if (name != null && measure != null) throw invalid("Order by 'by' or by 'measure', not by both in one term.", { argument });
    if (name != null) {
      const place = by.indexOf(name);
      if (place < 0) throw invalid(`'${name}' isn't in 'by': groups are ordered by what they are made by.`, { argument });
      return { by: place, descending };
    }
    if (measure == null) return { runs: true, descending };
    if (measure < 0 || measure >= measures) throw invalid(`There is no measure ${measure}: these are ${measures}, counted from 0.`, { argument });
    return { measure, descending };
  });
}

function prepared(ctx: TeamCtx, given: GroupSearch, after: string | null | undefined) {
  const by = checkBy(given.by);
  const measures = checkMeasures(given.measures);
  const order = checkOrder(given.groupOrder ?? [], given.by, measures.length);
  const keys = groupSortKeys(order, by.length);
  const { experimentIds, filter, where, lifecycle } = given;
  const print = fingerprint(['groups', ctx.team.teamId, experimentIds ?? null, filter ?? '', where ?? null, lifecycle, by, measures, order]);
  const types = keys.map((key) => key.type);
  const cursor: Cursor | null = after ? decodeCursor(after, print, types, 'after') : null;
  const now = cursor?.now ?? ctx.now();
  const { scope, search } = prepareRuns(ctx, { experimentIds, filter, where, lifecycle }, now);
  return { grouping: { scope, search, by, measures }, keys, print, cursor, now };
}

/** A page of groups in one statement. Throws INVALID_ARGUMENT, LIMIT_EXCEEDED. */
export async function groupRuns(
  ctx: TeamCtx,
  given: GroupSearch,
  page: { limit: number; after?: string | null },
): Promise<{ rows: { row: RunGroup; cursor: string }[]; hasNext: boolean }> {
  requireCan(ctx, 'team:read');
  const { grouping, keys, print, cursor, now } = prepared(ctx, given, page.after);
  const groups = await groupPage(ctx.db, ctx.team.teamId, grouping, { keys, after: cursor?.values ?? null, limit: page.limit });
  const shown = grouping.by.map((field) => (field.kind === 'attribute' && attributeType(field.name) === 'uuid' ? withoutDashes : asItIs));
  const rows = groups.slice(0, page.limit).map(({ by, runs, measures, sortValues }) => ({
    row: { by: by.map((value, index) => ({ name: given.by[index]!, value: shown[index]!(value) })), runs, measures },
    cursor: encodeCursor({ values: sortValues, now }, print),
  }));
  return { rows, hasNext: groups.length > page.limit };
}

const asItIs = (value: string | null) => value;
const withoutDashes = (value: string | null) => value?.replaceAll('-', '') ?? null;

export async function countRunGroups(ctx: TeamCtx, given: GroupSearch): Promise<number> {
  requireCan(ctx, 'team:read');
  return countGroups(ctx.db, ctx.team.teamId, prepared(ctx, given, null).grouping);
}
