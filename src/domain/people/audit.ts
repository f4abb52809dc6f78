// The audit log: who did what to people, tokens, the registry and what was deleted; when, from where, before and after. Written in the
// transaction of the act, so that neither is there without the other. Nothing here changes an entry.
import { type Action, requireCan } from '../../auth/policy.ts';
import { sha256 } from '../../auth/secrets.ts';
import type { Ctx, Db, Deps, Prisma, TeamCtx } from '../../context.ts';
import { type AuditFilter, type AuditRow, insertAudit, listAuditRows, type NewAuditRow } from '../../db/people/audit.ts';
import { countRepeat, takeRepeats } from '../../db/people/auditRepeats.ts';
import { AppError } from '../../lib/errors.ts';
import type { Long } from '../../lib/long.ts';
import { requireServerAdmin, SERVER_ACTION } from './checks.ts';

export const AUDIT_ACTIONS = [
  'TEAM_CREATED',
  'TEAM_RENAMED',
  'TEAM_DELETED',
  'USER_CREATED',
  'USER_REMOVED',
  'USER_DISABLED',
  'USER_ENABLED',
  'PASSWORD_CHANGED',
  'PASSWORD_RESET_LINK_CREATED',
  'PASSWORD_RESET',
  'SIGNED_IN',
  'SIGN_IN_REFUSED',
  'REFRESH_TOKEN_REUSED',
  'MEMBER_ADDED',
  'MEMBER_ROLE_CHANGED',
  'MEMBER_REMOVED',
  'MEMBER_INVITED',
  'INVITATION_ACCEPTED',
  'INVITATION_REVOKED',
  'SERVICE_ACCOUNT_CREATED',
  'SERVICE_ACCOUNT_DISABLED',
  'SERVICE_ACCOUNT_ENABLED',
  'REPORTING_ROLE_CREATED',
  'REPORTING_ROLE_DELETED',
  'TOKEN_CREATED',
  'TOKEN_REVOKED',
  'RUNS_DELETED',
  'RUNS_RESTORED',
  'RUNS_PURGED',
  'EXPERIMENT_DELETED',
  'EXPERIMENT_RESTORED',
  'EXPERIMENTS_PURGED',
  'ARTIFACTS_DELETED',
  'LOGGED_MODEL_DELETED',
  'LOGGED_MODELS_PURGED',
  'MODEL_RENAMED',
  'MODEL_DELETED',
  'VERSION_STAGE_CHANGED',
  'VERSION_DELETED',
  'ALIAS_SET',
  'ALIAS_DELETED',
  'PROTECTION_SET',
  'PROTECTION_DELETED',
  'PROMOTION_REQUESTED',
  'PROMOTION_APPROVED',
  'PROMOTION_REJECTED',
  'PROMOTION_WITHDRAWN',
  'PROMOTION_APPLIED',
  'WEBHOOK_CREATED',
  'WEBHOOK_CHANGED',
  'WEBHOOK_DELETED',
  'DENIED',
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];
export type AuditEntry = Omit<AuditRow, 'action'> & { action: AuditAction };

/** `before` and `after` hold what changed, never a secret. */
export type Act = { action: AuditAction; target: string; before?: Record<string, unknown>; after?: Record<string, unknown> };

const MAX_TEXT = 500;
/** `teamId` null: an act on the server itself. */
export type Scope = Ctx & { teamId: number | null };
type Acting = TeamCtx | Scope;

function entryOf(ctx: Acting, act: Act): NewAuditRow {
  const { viewer, origin } = ctx;
  return {
    teamId: 'teamId' in ctx ? ctx.teamId : ctx.team.teamId,
    at: new Date(ctx.now()),
    actorId: viewer.userId,
    actor: viewer.email,
    tokenId: viewer.token?.id ?? null,
    address: origin?.address ?? null,
    userAgent: origin?.userAgent?.slice(0, MAX_TEXT) ?? null,
    requestId: ctx.requestId,
    action: act.action,
    target: act.target.slice(0, MAX_TEXT),
    before: act.before ?? null,
    after: act.after ?? null,
  };
}

/** The Ctx of an act that belongs to no team, or to one that the actor isn't in (yet). */
export const onServer = (ctx: Ctx, teamId: number | null = null): Scope => ({ ...ctx, teamId });

/** `tx`: the transaction of the act, of either kind. */
export const record = (ctx: Acting, tx: Db | Prisma, act: Act): Promise<void> => insertAudit(tx, entryOf(ctx, act));
/** An act that no request asked for. `by` stands where people's addresses do. */
export const recordUnattended = (deps: Pick<Deps, 'now' | 'newId'>, tx: Db, teamId: number, by: string, act: Act): Promise<void> =>
  insertAudit(tx, {
    teamId,
    at: new Date(deps.now()),
    actorId: null,
    actor: by,
    tokenId: null,
    address: null,
    userAgent: null,
    requestId: deps.newId(),
    action: act.action,
    target: act.target.slice(0, MAX_TEXT),
    before: act.before ?? null,
    after: act.after ?? null,
  });

export type AuditSearch = { actions?: AuditAction[] | null; actorId?: number | null; from?: Date | null; to?: Date | null };
type Page = { beforeEntryId: Long | null; limit: number };

async function list(db: Prisma, teamId: number | null, search: AuditSearch, page: Page): Promise<AuditEntry[]> {
  const { actions = null, actorId = null, from = null, to = null } = search;
  const filter: AuditFilter = { actions, actorId, from, to };
  return (await listAuditRows(db, teamId, filter, { before: page.beforeEntryId, limit: page.limit })) as AuditEntry[];
}

/** Newest first. For the team's ADMINs. `from` included, `to` not. */
export async function getAuditLog(ctx: TeamCtx, search: AuditSearch, page: Page): Promise<AuditEntry[]> {
  requireCan(ctx, 'audit:read');
  return list(ctx.prisma, ctx.team.teamId, search, page);
}

/** What was done to the server itself: users, teams, tokens that hold for every team of their owner. Server administrators only. */
export async function getServerAuditLog(ctx: Ctx, search: AuditSearch, page: Page): Promise<AuditEntry[]> {
  requireServerAdmin(ctx, "read the server's audit log");
  return list(ctx.prisma, null, search, page);
}

/** Refusals of these are noted; those of everyday writes would let a misconfigured job fill the log. */
const NOTED = new Set<string>([
  'run:delete-any',
  'experiment:delete',
  'artifact:change-any',
  'logged-model:delete-any',
  'model:promote',
  'protection:manage',
  'model:delete',
  'webhook:manage',
  'member:manage',
  'account:manage',
  'token:manage-others',
  'audit:read',
  'data:purge',
  'team:settings',
  SERVER_ACTION,
] satisfies (Action | typeof SERVER_ACTION)[]);

/** Notes that an act was refused for want of a role. `act`: what the door calls it. Never throws: the refusal is answered all the same. */
export async function noteDenied(ctx: Ctx, act: string, error: unknown): Promise<void> {
  if (!(error instanceof AppError) || error.code !== 'FORBIDDEN' || !NOTED.has(String(error.detail.action))) return;
  const team = ctx.viewer.memberships.find((one) => one.slug === error.detail.team);
  const entry = entryOf(onServer(ctx, team?.teamId ?? null), { action: 'DENIED', target: act, after: { reason: error.message } });
  await noteRepeated(ctx, entry, ['denied', String(ctx.viewer.userId), ctx.viewer.token?.id ?? '', String(error.detail.action)]);
}

/** Facts of a request that nobody is signed in for. */
export type Facts = Pick<Ctx, 'requestId' | 'origin'>;

/** What somebody who isn't signed in did to an account, or tried. `who`: the account, or what was given for one. */
export const entryOfStranger = (deps: Pick<Deps, 'now'>, facts: Facts, who: { userId: number | null; email: string }, act: Act): NewAuditRow => ({
  teamId: null,
  at: new Date(deps.now()),
  actorId: who.userId,
  actor: who.email.slice(0, MAX_TEXT),
  tokenId: null,
  address: facts.origin?.address ?? null,
  userAgent: facts.origin?.userAgent?.slice(0, MAX_TEXT) ?? null,
  requestId: facts.requestId,
  action: act.action,
  target: act.target.slice(0, MAX_TEXT),
  before: act.before ?? null,
  after: act.after ?? null,
});

export const recordEntry = (tx: Db | Prisma, entry: NewAuditRow): Promise<void> => insertAudit(tx, entry);

type Parts = Pick<Deps, 'db' | 'now' | 'log'>;

/**
 * The first of `kind` in an hour as an entry; of the rest how many there were, once the hour is over. So nobody fills a log that can't be emptied.
 * Never throws.
 */
export async function noteRepeated(parts: Parts, entry: NewAuditRow, kind: string[]): Promise<void> {
  const key = sha256([entry.teamId ?? '', ...kind].join('\n'));
  const now = new Date(parts.now());
  try {
    await parts.db.tx(async (tx) => {
      await flush(tx, now, key);
      const { at: _, after: __, ...kept } = entry;
      if ((await countRepeat(tx, key, entry.teamId, now, kept)) === 0) await insertAudit(tx, entry);
    });
  } catch (fault) {
    parts.log.warn({ err: fault }, 'could not note a refusal in the audit log');
  }
}

async function flush(tx: Db, now: Date, key: Buffer | null): Promise<number> {
  const over = await takeRepeats(tx, now, key);
  for (const { hour, repeats, entry } of over) {
    if (repeats === 0) continue;
    await insertAudit(tx, { ...(entry as Omit<NewAuditRow, 'at' | 'after'>), at: now, after: { more: repeats, hour: hour.toISOString() } });
  }
  return over.length;
}

/** Puts the counts of hours that are over into the log. */
export async function flushRepeats(parts: Parts): Promise<void> {
  const now = new Date(parts.now());
  while ((await parts.db.tx((tx) => flush(tx, now, null))) > 0) {}
}
