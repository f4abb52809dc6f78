// Saved views as rows: one person's, or (without an owner) the team's. Rules about who may see or change them are in src/domain/tracking/savedViews.ts.
import { hexId } from '../../lib/ids.ts';
import type { Prisma } from '../../postgres/prismaClient.ts';

export type ViewState = Record<string, string>;
export type SavedView = {
  viewId: string;
  /** null = the team's. */
  ownerId: number | null;
  /** null = of all runs of the team. */
  experimentId: number | null;
  name: string;
  state: ViewState;
  createdBy: number | null;
  createdAt: Date;
  updatedAt: Date;
};
const VIEW = {
  viewId: true,
  ownerId: true,
  experimentId: true,
  name: true,
  state: true,
  createdBy: true,
  createdAt: true,
  updatedAt: true,
} as const;
const asView = (row: Omit<SavedView, 'state'> & { state: unknown }): SavedView => ({
  ...row,
  viewId: hexId(row.viewId),
  state: row.state as ViewState,
});

const seenBy = (teamId: number, userId: number) => ({ teamId, OR: [{ ownerId: null }, { ownerId: userId }] });

export type ViewPage = { experimentId: number | null | undefined; after: string | null; limit: number };

/** Newest first. `experimentId` undefined: of every experiment and of none. */
export async function listViewRows(db: Prisma, teamId: number, userId: number, { experimentId, after, limit }: ViewPage): Promise<SavedView[]> {
  const chosen = { ...(experimentId === undefined ? {} : { experimentId }), ...(after === null ? {} : { viewId: { lt: after } }) };
  const where = { ...seenBy(teamId, userId), ...chosen };
  return (await db.savedView.findMany({ where, orderBy: { viewId: 'desc' }, take: limit, select: VIEW })).map(asView);
}

/** Undefined for another person's, as for none. */
export async function findView(db: Prisma, teamId: number, userId: number, viewId: string): Promise<SavedView | undefined> {
  const row = await db.savedView.findFirst({ where: { ...seenBy(teamId, userId), viewId }, select: VIEW });
  return row ? asView(row) : undefined;
}

export const countViews = (db: Prisma, teamId: number, ownerId: number | null): Promise<number> => db.savedView.count({ where: { teamId, ownerId } });

export const insertView = async (db: Prisma, teamId: number, made: Omit<SavedView, 'updatedAt'>): Promise<SavedView> =>
  asView(await db.savedView.create({ data: { ...made, teamId, updatedAt: made.createdAt }, select: VIEW }));

export type ViewChange = Pick<SavedView, 'ownerId' | 'name' | 'state' | 'updatedAt'>;
export async function updateViewRow(db: Prisma, teamId: number, viewId: string, to: ViewChange): Promise<SavedView | undefined> {
  const [row] = await db.savedView.updateManyAndReturn({ where: { teamId, viewId }, data: to, select: VIEW });
  return row && asView(row);
}

export async function deleteViewRow(db: Prisma, teamId: number, viewId: string): Promise<void> {
  await db.savedView.deleteMany({ where: { teamId, viewId } });
}
