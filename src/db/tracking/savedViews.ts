// Saved views as rows: one person's, or (without an owner) the team's. Rules about who may see or change them are in src/domain/tracking/savedViews.ts.
import { type Db, sql } from '../../postgres/pool.ts';

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

const COLUMNS = `view_id as "viewId", owner_id as "ownerId", experiment_id as "experimentId", name, state, created_by as "createdBy",
  created_at as "createdAt", updated_at as "updatedAt"`;
const SEEN = `team_id = $1 and (owner_id is null or owner_id = $2::integer)`;

const LIST = sql(`/* saved_views.list */
  select ${COLUMNS} from saved_views where ${SEEN} and (not $3::boolean or experiment_id is not distinct from $4::integer)
     and ($5::uuid is null or view_id < $5::uuid) order by view_id desc limit $6`);
export type ViewPage = { experimentId: number | null | undefined; after: string | null; limit: number };

/** Newest first. `experimentId` undefined: of every experiment and of none. */
export const listViewRows = (db: Db, teamId: number, userId: number, { experimentId, after, limit }: ViewPage): Promise<SavedView[]> =>
  db.rows(LIST, [teamId, userId, experimentId !== undefined, experimentId ?? null, after, limit]);

const BY_ID = sql(`/* saved_views.by_id */ select ${COLUMNS} from saved_views where ${SEEN} and view_id = $3::uuid`);
/** Undefined for another person's, as for none. */
export const findView = (db: Db, teamId: number, userId: number, viewId: string): Promise<SavedView | undefined> =>
  db.row(BY_ID, [teamId, userId, viewId]);

const COUNT = sql(`/* saved_views.count */
  select count(*)::integer as views from saved_views where team_id = $1 and owner_id is not distinct from $2::integer`);
export const countViews = async (db: Db, teamId: number, ownerId: number | null): Promise<number> =>
  (await db.row<{ views: number }>(COUNT, [teamId, ownerId]))!.views;

const INSERT = sql(`/* saved_views.insert */
  insert into saved_views (team_id, view_id, owner_id, experiment_id, name, state, created_by, created_at, updated_at)
  values ($1, $2::uuid, $3::integer, $4::integer, $5, $6::jsonb, $7::integer, $8::timestamptz, $8::timestamptz) returning ${COLUMNS}`);
export const insertView = async (db: Db, teamId: number, made: Omit<SavedView, 'updatedAt'>): Promise<SavedView> =>
  (await db.row<SavedView>(INSERT, [
    teamId,
    made.viewId,
    made.ownerId,
    made.experimentId,
    made.name,
    JSON.stringify(made.state),
    made.createdBy,
    made.createdAt,
  ]))!;

const UPDATE = sql(`/* saved_views.update */
  update saved_views set owner_id = $3::integer, name = $4, state = $5::jsonb, updated_at = $6::timestamptz
   where team_id = $1 and view_id = $2::uuid returning ${COLUMNS}`);
export type ViewChange = Pick<SavedView, 'ownerId' | 'name' | 'state' | 'updatedAt'>;
export const updateViewRow = (db: Db, teamId: number, viewId: string, to: ViewChange): Promise<SavedView | undefined> =>
  db.row(UPDATE, [teamId, viewId, to.ownerId, to.name, JSON.stringify(to.state), to.updatedAt]);

const DELETE = sql(`/* saved_views.delete */ delete from saved_views where team_id = $1 and view_id = $2::uuid returning view_id`);
export async function deleteViewRow(db: Db, teamId: number, viewId: string): Promise<void> {
  await db.rows(DELETE, [teamId, viewId]);
}
