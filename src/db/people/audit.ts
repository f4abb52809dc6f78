// The audit log as rows. Append-only: there is an insert and there are reads, and the database refuses anything else.

import type { Long } from '../../lib/long.ts';
import { type Db, sql } from '../../postgres/pool.ts';
import type { People } from './users.ts';

export type AuditRow = {
  entryId: Long;
  /** null = an act on the server itself. */
  teamId: number | null;
  at: Date;
  actorId: number | null;
  /** What the actor was called then. */
  actor: string;
  tokenId: string | null;
  address: string | null;
  userAgent: string | null;
  requestId: string;
  action: string;
  target: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
};
export type NewAuditRow = Omit<AuditRow, 'entryId'>;

const INSERT = sql(`/* audit.insert */
  insert into audit_log (team_id, at, actor_id, actor, token_id, address, user_agent, request_id, action, target, before, after)
  values ($1::integer, $2::timestamptz, $3::integer, $4, $5::uuid, $6, $7, $8, $9, $10, $11::jsonb, $12::jsonb)`);

const json = (value: Record<string, unknown> | null) => (value === null ? null : JSON.stringify(value));

/** In the transaction of the act. */
export async function insertAudit(tx: Db, row: NewAuditRow): Promise<void> {
  const { teamId, at, actorId, actor, tokenId, address, userAgent, requestId, action, target, before, after } = row;
  await tx.rows(INSERT, [teamId, at, actorId, actor, tokenId, address, userAgent, requestId, action, target, json(before), json(after)]);
}

/** The same in a transaction of Prisma's. */
export async function insertAuditWithin(people: People, { before, after, ...row }: NewAuditRow): Promise<void> {
  const data = { ...row, ...(before ? { before: before as object } : {}), ...(after ? { after: after as object } : {}) };
  await people.auditEntry.create({ data, select: { entryId: true } });
}

export type AuditFilter = { actions: string[] | null; actorId: number | null; from: Date | null; to: Date | null };

const LIST = sql(`/* audit.list */
  select entry_id as "entryId", team_id as "teamId", at, actor_id as "actorId", actor, token_id as "tokenId", address, user_agent as "userAgent",
         request_id as "requestId", action, target, before, after
    from audit_log
   where team_id is not distinct from $1::integer and ($2::bigint is null or entry_id < $2::bigint) and ($3::text[] is null or action = any($3::text[]))
     and ($4::integer is null or actor_id = $4::integer) and ($5::timestamptz is null or at >= $5::timestamptz)
     and ($6::timestamptz is null or at < $6::timestamptz)
   order by entry_id desc limit $7`);

/** Newest first, older than the entry `before`. `teamId` null: the server's own. */
export const listAuditRows = (
  db: Db,
  teamId: number | null,
  { actions, actorId, from, to }: AuditFilter,
  page: { before: Long | null; limit: number },
): Promise<AuditRow[]> => db.rows(LIST, [teamId, page.before, actions, actorId, from, to, page.limit]);
