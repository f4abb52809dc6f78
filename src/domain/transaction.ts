// Several acts as one: all or nothing, and announced only once they are committed.
import type { TeamCtx } from '../context.ts';
import type { Kind } from '../live/bus.ts';

/** Runs `work` with a Ctx whose database is one transaction. */
export async function inTransaction<R>(ctx: TeamCtx, work: (ctx: TeamCtx) => Promise<R>): Promise<R> {
  const held: [teamId: number, kind: Kind, id: string][] = [];
  const bus: TeamCtx['bus'] = { ...ctx.bus, publish: (...event) => void held.push(event) };
  const result = await ctx.db.tx((tx) => work({ ...ctx, db: tx, bus }));
  for (const event of held) ctx.bus.publish(...event);
  return result;
}
