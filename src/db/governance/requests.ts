// Requests to move a protected alias or stage, and the votes on them, as rows.
import { type Db, sql } from '../../postgres/pool.ts';
import type { TargetKind } from './protections.ts';

export type RequestState = 'OPEN' | 'APPLIED' | 'REJECTED' | 'WITHDRAWN';
/** A condition of a protection, and what it said of a move. */
export type ConditionResult = { text: string; holds: boolean; found: string | null };
export type PromotionRequest = {
  requestId: string;
  registeredModelId: number;
  /** Of the registered model, now. */
  name: string;
  kind: TargetKind;
  target: string;
  /** null = to remove the alias. */
  version: number | null;
  /** Where the alias or stage was when it was asked for. */
  holder: number | null;
  comment: string | null;
  state: RequestState;
  /** When it was applied. */
  outcome: ConditionResult[] | null;
  requestedBy: number | null;
  requestedAt: Date;
  closedBy: number | null;
  closedAt: Date | null;
};
export type Vote = { requestId: string; userId: number; approves: boolean; comment: string | null; votedAt: Date };

const COLUMNS = `replace(q.request_id::text, '-', '') as "requestId", q.registered_model_id as "registeredModelId", m.name, q.kind, q.target, q.version,
  q.holder, q.comment, q.state, q.outcome, q.requested_by as "requestedBy", q.requested_at as "requestedAt", q.closed_by as "closedBy",
  q.closed_at as "closedAt"`;
const FROM = 'promotion_requests q join registered_models m on m.team_id = q.team_id and m.registered_model_id = q.registered_model_id';

const INSERT = sql(`/* promotion_requests.insert */
  insert into promotion_requests (team_id, request_id, registered_model_id, kind, target, version, holder, comment, requested_by, requested_at)
  values ($1::int, $2::uuid, $3::int, $4, $5, $6::int, $7::int, $8, $9::int, $10::timestamptz)`);
const FIND = sql(`/* promotion_requests.find */ select ${COLUMNS} from ${FROM} where q.team_id = $1::int and q.request_id = $2::uuid`);
const FIND_MANY = sql(
  `/* promotion_requests.find_many */ select ${COLUMNS} from ${FROM} where q.team_id = $1::int and q.request_id = any($2::uuid[])`,
);
const FIND_OPEN = sql(`/* promotion_requests.find_open */
  select ${COLUMNS} from ${FROM}
  where q.team_id = $1::int and q.registered_model_id = $2::int and q.kind = $3 and q.target = $4 and coalesce(q.version, 0) = coalesce($5::int, 0)
    and q.state = 'OPEN'`);
const LOCK = sql('/* promotion_requests.lock */ select 1 from promotion_requests where team_id = $1::int and request_id = $2::uuid for update');
const LIST = sql(`/* promotion_requests.list */
  select ${COLUMNS} from ${FROM}
  where q.team_id = $1::int and ($2::int is null or q.registered_model_id = $2::int) and ($3::text is null or q.state = $3::text)
    and ($4::uuid is null or q.request_id < $4::uuid)
  order by q.request_id desc limit $5::int`);
const CLOSE = sql(`/* promotion_requests.close */
  update promotion_requests set state = $3, closed_by = $4::int, closed_at = $5::timestamptz, outcome = $6::jsonb
  where team_id = $1::int and request_id = $2::uuid and state = 'OPEN' returning 1`);
const VOTE = sql(`/* promotion_votes.set */
  insert into promotion_votes (team_id, request_id, user_id, approves, comment, voted_at)
  values ($1::int, $2::uuid, $3::int, $4::boolean, $5, $6::timestamptz)
  on conflict (team_id, request_id, user_id) do update set approves = excluded.approves, comment = excluded.comment, voted_at = excluded.voted_at`);
const VOTES = sql(`/* promotion_votes.of_requests */
  select replace(request_id::text, '-', '') as "requestId", user_id as "userId", approves, comment, voted_at as "votedAt"
  from promotion_votes where team_id = $1::int and request_id = any($2::uuid[]) order by voted_at`);

// Of people who have the role now: who left or was lowered since, counts no more.
const COUNT_APPROVALS = sql(`/* promotion_votes.count_approvals */
  select count(*)::int as count from promotion_votes v
  join memberships m on m.team_id = v.team_id and m.user_id = v.user_id and m.role = any($3::text[])
  join users u on u.user_id = v.user_id and u.disabled_at is null and u.removed_at is null
  where v.team_id = $1::int and v.request_id = $2::uuid and v.approves and v.user_id <> all($4::int[])`);

export type NewRequest = Pick<
  PromotionRequest,
  'requestId' | 'registeredModelId' | 'kind' | 'target' | 'version' | 'holder' | 'comment' | 'requestedAt'
> & { requestedBy: number };

/** With the model locked, where the same move isn't asked for yet. */
export const insertRequest = async (tx: Db, teamId: number, made: NewRequest): Promise<void> => {
  const { requestId, registeredModelId, kind, target, version, holder, comment, requestedBy, requestedAt } = made;
  const values = [teamId, requestId, registeredModelId, kind, target, version, holder, comment, requestedBy, requestedAt];
  await tx.rows(INSERT, values);
};

export const findRequest = (db: Db, teamId: number, requestId: string): Promise<PromotionRequest | undefined> => db.row(FIND, [teamId, requestId]);

export const findRequests = (db: Db, teamId: number, requestIds: string[]): Promise<PromotionRequest[]> => db.rows(FIND_MANY, [teamId, requestIds]);

export const findOpenRequest = (
  db: Db,
  teamId: number,
  { registeredModelId, kind, target, version }: Pick<PromotionRequest, 'registeredModelId' | 'kind' | 'target' | 'version'>,
): Promise<PromotionRequest | undefined> => db.row(FIND_OPEN, [teamId, registeredModelId, kind, target, version]);

/** As it is once nobody else can vote on it or close it. */
export async function lockRequest(tx: Db, teamId: number, requestId: string): Promise<PromotionRequest | undefined> {
  await tx.rows(LOCK, [teamId, requestId]);
  return findRequest(tx, teamId, requestId);
}

/** Newest first. `before`: older than that one. */
export const listRequestRows = (
  db: Db,
  teamId: number,
  page: { registeredModelId: number | null; state: RequestState | null; before: string | null; limit: number },
): Promise<PromotionRequest[]> => db.rows(LIST, [teamId, page.registeredModelId, page.state, page.before, page.limit]);

/** False when it is closed already. */
export const closeRequest = async (
  tx: Db,
  teamId: number,
  requestId: string,
  { state, by, at, outcome }: { state: RequestState; by: number; at: Date; outcome: ConditionResult[] | null },
): Promise<boolean> => Boolean(await tx.row(CLOSE, [teamId, requestId, state, by, at, outcome && JSON.stringify(outcome)]));

/** A person's later vote replaces their earlier one. */
export const setVote = async (tx: Db, teamId: number, { requestId, userId, approves, comment, votedAt }: Vote): Promise<void> => {
  await tx.rows(VOTE, [teamId, requestId, userId, approves, comment, votedAt]);
};

/** Oldest first. */
export const votesOf = (db: Db, teamId: number, requestIds: string[]): Promise<Vote[]> => db.rows(VOTES, [teamId, requestIds]);

export const countApprovals = async (
  tx: Db,
  teamId: number,
  requestId: string,
  { roles, except }: { roles: readonly string[]; except: number[] },
): Promise<number> => (await tx.row<{ count: number }>(COUNT_APPROVALS, [teamId, requestId, roles, except]))!.count;
