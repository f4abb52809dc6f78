// Changes of a team's model registry as they happen, each exactly once. They are written down by domain/registry/changes.ts.
import { requireCan } from '../../auth/policy.ts';
import type { TeamCtx } from '../../context.ts';
import { currentSnapshot, type ModelChangeRow, modelChangesBetween } from '../../db/live/changes.ts';
import { Broadcast } from '../../live/broadcast.ts';
import { type Followed, followJournal, type Journal, MAX_CHANGES, shared, tooMany } from '../../live/journal.ts';
import type { ModelEvent } from '../registry/events.ts';

const PACE = { least: 50, most: 15_000 };

export type ModelChange = Omit<ModelChangeRow, 'event'> & { event: ModelEvent['event']; position: string };

const journals = shared<Journal<ModelChange>>();

function journalOf(ctx: TeamCtx): Journal<ModelChange> {
  const { db, bus, log } = ctx;
  const { teamId } = ctx.team;
  return journals(db, teamId, (close) => {
    const between = async (since: string, until: string): Promise<ModelChange[]> => {
      const rows = await modelChangesBetween(db, teamId, since, until, MAX_CHANGES + 1);
      if (rows.length > MAX_CHANGES) throw tooMany();
      return rows.map((row) => ({ ...row, event: row.event as ModelEvent['event'], position: String(row.changeId).padStart(20, '0') }));
    };
    const read = async (since: string | null) => {
      const cursor = await currentSnapshot(db);
      return { items: since === null ? [] : await between(since, cursor), cursor };
    };
    const unhear = bus.on(teamId, 'model', () => broadcast.ring());
    const broadcast = new Broadcast<ModelChange>(read, PACE, log, () => {
      unhear();
      close();
    });
    return { broadcast, between };
  });
}

/** `name`: of this registered model alone, as it is called when it changes. Throws INVALID_ARGUMENT, LIMIT_EXCEEDED. */
export function followModels(
  ctx: TeamCtx,
  { name, after }: { name?: string | null; after?: string | null },
): Promise<AsyncIterableIterator<Followed<ModelChange>>> {
  requireCan(ctx, 'team:read');
  return followJournal(journalOf(ctx), after, async (items) =>
    name == null ? items : items.filter((item) => item.name === name || item.detail.oldName === name),
  );
}
