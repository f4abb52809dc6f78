// The audit log as rows. Append-only: there is an insert and there are reads, and the database refuses anything else.
import { hexId } from '../../lib/ids.ts';
import { type Long, shortLong } from '../../lib/long.ts';
import { type Db, sql } from '../../postgres/pool.ts';
import type { Prisma } from '../../postgres/prismaClient.ts';

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
const ENTRY = {
  entryId: true,
  teamId: true,
  at: true,
  actorId: true,
  actor: true,
  tokenId: true,
  address: true,
  userAgent: true,
  requestId: true,
  action: true,
  target: true,
  before: true,
  after: true,
} as const;

const INSERT = sql(`/* audit.insert */
  insert into audit_log (team_id, at, actor_id, actor, token_id, address, user_agent, request_id, action, target, before, after)
  values ($1::integer, $2::timestamptz, $3::integer, $4, $5::uuid, $6, $7, $8, $9, $10, $11::jsonb, $12::jsonb)`);

const json = (value: Record<string, unknown> | null) => (value === null ? null : JSON.stringify(value));

/** In the transaction of the act, whichever of the two it is. */
export async function insertAudit(tx: Db | Prisma, row: NewAuditRow): Promise<void> {
  const { before, after, ...rest } = row;
  if ('rows' in tx) {
    const { teamId, at, actorId, actor, tokenId, address, userAgent, requestId, action, target } = rest;
    await tx.rows(INSERT, [teamId, at, actorId, actor, tokenId, address, userAgent, requestId, action, target, json(before), json(after)]);
    return;
  }
  const data = { ...rest, ...(before ? { before: before as object } : {}), ...(after ? { after: after as object } : {}) };
  await tx.auditEntry.create({ data, select: { entryId: true } });
}

export type AuditFilter = { actions: string[] | null; actorId: number | null; from: Date | null; to: Date | null };

/** Newest first, older than the entry `before`. `teamId` null: the server's own. `to` isn't included. */
export async function listAuditRows(
  db: Prisma,
  teamId: number | null,
  { actions, actorId, from, to }: AuditFilter,
  page: { before: Long | null; limit: number },
): Promise<AuditRow[]> {
  const where = {
    teamId,
    ...(page.before === null ? {} : { entryId: { lt: BigInt(page.before) } }),
    ...(actions ? { action: { in: actions } } : {}),
    ...(actorId === null ? {} : { actorId }),
    ...(from || to ? { at: { ...(from ? { gte: from } : {}), ...(to ? { lt: to } : {}) } } : {}),
  };
  const rows = await db.auditEntry.findMany({ where, orderBy: { entryId: 'desc' }, take: page.limit, select: ENTRY });
  return rows.map((row) => ({
    ...row,
    entryId: shortLong(row.entryId),
    tokenId: row.tokenId && hexId(row.tokenId),
    before: row.before as AuditRow['before'],
    after: row.after as AuditRow['after'],
  }));
}
