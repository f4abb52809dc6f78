// Changes of a team's runs as they happen: created, logged to, ended, deleted, restored.
import { requireCan } from '../../auth/policy.ts';
import type { TeamCtx } from '../../context.ts';
import { currentSnapshot, matchingRuns, type RunChangeRow, runChangesBetween } from '../../db/live/changes.ts';
import { Broadcast } from '../../live/broadcast.ts';
import { type Followed, followJournal, type Journal, MAX_CHANGES, shared, tooMany } from '../../live/journal.ts';
import { findKeyIds } from '../../points/keyIds.ts';
import { type Search, type SearchRequest, searchRuns } from '../../search/search.ts';
import { parseExperimentId } from '../tracking/experiments.ts';

/** At most five messages a second about one run. */
const PACE = { least: 200, most: 15_000 };

export type RunChangeKind = 'CREATED' | 'UPDATED' | 'FINISHED' | 'DELETED' | 'RESTORED';
export type RunChange = { runId: string; kind: RunChangeKind; position: string };
export type RunFollow = {
  experimentIds?: string[] | null;
  filter?: string | null;
  where?: SearchRequest['where'];
  /** A cursor of an earlier subscription; left out = from now on. */
  after?: string | null;
};

/** Several at once are told in the order of a run's life; what it logged meanwhile is told by any of them. */
function kindsOf(row: RunChangeRow): RunChangeKind[] {
  const kinds: RunChangeKind[] = [];
  if (row.created) kinds.push('CREATED');
  if (row.finished) kinds.push('FINISHED');
  if (row.moved) kinds.push(row.deleted ? 'DELETED' : 'RESTORED');
  return kinds.length > 0 ? kinds : ['UPDATED'];
}

const journals = shared<Journal<RunChange>>();

function journalOf(ctx: TeamCtx): Journal<RunChange> {
  const { db, bus, log } = ctx;
  const { teamId } = ctx.team;
  return journals(db, teamId, (close) => {
    const between = async (since: string, until: string): Promise<RunChange[]> => {
      const rows = await runChangesBetween(db, teamId, since, until, MAX_CHANGES + 1);
      if (rows.length > MAX_CHANGES) throw tooMany();
      return rows.flatMap((row) => kindsOf(row).map((kind, index) => ({ runId: row.runId, kind, position: `${row.runId}${index}` })));
    };
    const read = async (since: string | null) => {
      const cursor = await currentSnapshot(db);
      return { items: since === null ? [] : await between(since, cursor), cursor };
    };
    const unhear = [bus.on(teamId, 'run', () => broadcast.ring()), bus.on(teamId, 'runState', () => broadcast.ring())];
    const broadcast = new Broadcast<RunChange>(read, PACE, log, () => {
      for (const stop of unhear) stop();
      close();
    });
    return { broadcast, between };
  });
}

/** What subscribers with the same search ask of the same changes is asked once. */
const asked = new WeakMap<RunChange, Map<string, Promise<Set<string>>>>();

/**
 * Each change of the runs that satisfy the search when the change is told. `now()` in a filter is the moment of subscribing. Throws
 * INVALID_ARGUMENT with position for a bad filter, LIMIT_EXCEEDED where too much has changed since the cursor.
 */
export function followRuns(ctx: TeamCtx, given: RunFollow): Promise<AsyncIterableIterator<Followed<RunChange>>> {
  requireCan(ctx, 'team:read');
  const { filter, where, after } = given;
  const search = searchRuns({ dialect: 'widened', filter, where, now: ctx.now() });
  const experimentIds = given.experimentIds ? given.experimentIds.flatMap((id) => parseExperimentId(id) ?? []) : null;
  if (experimentIds === null && search.filter === null) return followJournal(journalOf(ctx), after, async (items) => items);
  const text = JSON.stringify([experimentIds, search.filter]);
  const select = async (items: RunChange[]) => {
    if (items.length === 0) return items;
    const known = asked.get(items[0]!) ?? new Map<string, Promise<Set<string>>>();
    asked.set(items[0]!, known);
    const matching = known.get(text) ?? matchesOf(ctx, items, search, experimentIds);
    known.set(text, matching);
    matching.catch(() => known.delete(text));
    const runIds = await matching;
    return items.filter((item) => runIds.has(item.runId));
  };
  return followJournal(journalOf(ctx), after, select);
}

async function matchesOf(ctx: TeamCtx, items: RunChange[], search: Search, experimentIds: number[] | null): Promise<Set<string>> {
  const keyIds = await findKeyIds(ctx.db, ctx.team.teamId, search.keys);
  const runIds = [...new Set(items.map((item) => item.runId))];
  return matchingRuns(ctx.db, ctx.team.teamId, {
    runIds,
    experimentIds,
    condition: (values) => search.condition({ team: '$1', values, keyIds }),
  });
}
