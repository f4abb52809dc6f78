// What every move of an alias or stage goes through: who may move what is protected, and whether its conditions hold. Asked in the transaction that
// moves, with the model locked, so that what was compared is what is replaced.
import { can, roleAtLeast } from '../../auth/policy.ts';
import type { Db, TeamCtx } from '../../context.ts';
import { lockModel, type Protection, protectionsOf, type TargetKind } from '../../db/governance/protections.ts';
import { findModel } from '../../db/registry/models.ts';
import { findVersion, findVersionByAlias, latestPerStage, type VersionRow } from '../../db/registry/versions.ts';
import { AppError, failedPrecondition } from '../../lib/errors.ts';
import { versionNotFound } from '../faults.ts';
import { asksForSignature, type ConditionResult, isSigned, testConditions } from './conditions.ts';

export type Target = { kind: TargetKind; target: string };
/** `version` null: the alias is removed, or the stage is left. */
export type Move = { model: string; version: number | null; to: Target | null; from: Target | null };
/** What is kept with the move. */
export type Granted = { requestId: string | null; outcome: ConditionResult[] | null };
export const UNGUARDED: Granted = { requestId: null, outcome: null };

/** `*` stands for any text. */
export function matchesPattern(pattern: string, name: string): boolean {
  const parts = pattern.split('*');
  if (parts.length === 1) return pattern === name;
  const [head, tail] = [parts[0]!, parts.at(-1)!];
  if (!name.startsWith(head) || !name.endsWith(tail) || name.length < head.length + tail.length) return false;
  let at = head.length;
  for (const part of parts.slice(1, -1)) {
    const found = name.indexOf(part, at);
    if (found < 0 || found + part.length > name.length - tail.length) return false;
    at = found + part.length;
  }
  return at <= name.length - tail.length;
}

/** The stage that a version would leave counts too. */
export const leaving = (move: Move, version: VersionRow | undefined): Move =>
  move.to?.kind === 'stage' && version ? { ...move, from: { kind: 'stage', target: version.stage } } : move;

export async function withOrigin(ctx: TeamCtx, move: Move, db: Db = ctx.db): Promise<Move> {
  if (move.to?.kind !== 'stage' || move.version === null) return move;
  return leaving(move, await findVersion(db, ctx.team.teamId, move.model, move.version));
}

const isTarget = (one: Protection, target: Target | null) => target !== null && one.kind === target.kind && one.target === target.target;

/** What protects a move: for its conditions those of where it goes; for its approvals also those of what it leaves. */
export const protectionsOfMove = async (db: Db, teamId: number, move: Move): Promise<Protection[]> =>
  protectionsAmong(await protectionsOf(db, teamId), move);

/** Of all that a team has. */
export const protectionsAmong = (all: Protection[], { model, to, from }: Move): Protection[] =>
  all.filter((one) => matchesPattern(one.models, model) && (isTarget(one, to) || isTarget(one, from)));

/** Everything protected of a model. */
export const protectionsOfModel = async (db: Db, teamId: number, model: string): Promise<Protection[]> =>
  (await protectionsOf(db, teamId)).filter((one) => matchesPattern(one.models, model));

const mayDirectly = ({ team }: TeamCtx, { approvals, directRole }: Protection) =>
  approvals === 0 || (directRole !== null && roleAtLeast(team.role, directRole));

const named = ({ kind, target }: Target) => (kind === 'alias' ? `alias '${target}'` : `stage ${target}`);

/** What doors and the page tell of. `reason` target-protected. */
function isProtected(ctx: TeamCtx, model: string, protection: Protection): AppError {
  const { approvals, approverRole, kind, target, protectionId, askByMove } = protection;
  const many = approvals === 1 ? 'one approval' : `${approvals} approvals`;
  const page = `${ctx.config.publicUrl ?? ''}/t/${ctx.team.slug}/models/${encodeURIComponent(model)}`;
  return new AppError(
    'FORBIDDEN',
    `The ${named(protection)} of '${model}' is protected: a move takes ${many} by a ${approverRole}. Ask for it at ${page}, or by requestPromotion in GraphQL.`,
    { reason: 'target-protected', action: 'model:promote', team: ctx.team.slug, model, kind, target, approvals, protectionId, askByMove },
  );
}

export const brokenConditions = (target: Target, results: ConditionResult[]): AppError => {
  const broken = results.filter(({ holds }) => !holds);
  const said = broken.map(({ text, found }) => (found ? `${text} (${found})` : text)).join('; ');
  return failedPrecondition(`The ${named(target)} can't move there: ${said} ${broken.length === 1 ? "doesn't" : "don't"} hold.`, {
    reason: 'promotion-conditions',
    kind: target.kind,
    target: target.target,
    broken: broken.map(({ text }) => text),
  });
};

/** The version that an alias points at, or the newest of a stage. */
export async function holderOf(db: Db, teamId: number, model: string, { kind, target }: Target): Promise<VersionRow | null> {
  if (kind === 'alias') return (await findVersionByAlias(db, teamId, model, target)) ?? null;
  const found = await findModel(db, teamId, model);
  const latest = found ? await latestPerStage(db, teamId, [found.registeredModelId]) : [];
  return latest.find(({ stage }) => stage === target) ?? null;
}

/** What the conditions of where a version goes say of it. `protections`: those of the move. */
export async function testMove(ctx: TeamCtx, db: Db, move: Move, protections: Protection[], signed?: boolean): Promise<ConditionResult[]> {
  const { model, version, to } = move;
  const texts = protections.filter((one) => isTarget(one, to)).flatMap(({ conditions }) => conditions);
  if (texts.length === 0 || version === null || to === null) return [];
  const candidate = await findVersion(db, ctx.team.teamId, model, version);
  if (!candidate) throw versionNotFound(model, version);
  const holder = await holderOf(db, ctx.team.teamId, model, to);
  return testConditions(ctx, db, [...new Set(texts)], to.target, { candidate, holder, signed });
}

/** Whether the signature matters to a move, read before the transaction: the store may be slow. */
export async function readAhead(ctx: TeamCtx, move: Move): Promise<boolean | undefined> {
  if (move.version === null) return undefined;
  const protections = await protectionsOfMove(ctx.db, ctx.team.teamId, move);
  const asked = protections.some(({ conditions }) => asksForSignature(conditions));
  if (!asked || !(await findVersion(ctx.db, ctx.team.teamId, move.model, move.version))) return undefined;
  return isSigned(ctx, move.model, move.version);
}

/**
 * In the transaction of a move that nobody approved. Throws FORBIDDEN (target-protected) where it takes approvals, FAILED_PRECONDITION
 * (promotion-conditions) where conditions don't hold. `signed`: from readAhead.
 */
export async function guardMove(ctx: TeamCtx, tx: Db, move: Move, signed?: boolean): Promise<Granted> {
  const protections = await protectionsOfMove(tx, ctx.team.teamId, move);
  if (protections.length === 0) return UNGUARDED;
  await lockModel(tx, ctx.team.teamId, move.model);
  const closed = protections.find((one) => !mayDirectly(ctx, one));
  if (closed) throw isProtected(ctx, move.model, closed);
  const outcome = await testMove(ctx, tx, move, protections, signed);
  if (outcome.some(({ holds }) => !holds)) throw brokenConditions(move.to!, outcome);
  return { requestId: null, outcome: outcome.length > 0 ? outcome : null };
}

/** Whether the viewer may move it without asking anybody. */
export const movesDirectly = (ctx: TeamCtx, protections: Protection[]): boolean =>
  can(ctx.team.role, 'model:promote') && protections.every((one) => mayDirectly(ctx, one));

/**
 * Acts that would take a protected alias or stage along: renaming or deleting the model, deleting the version that holds it. `held`: which targets
 * are set; those alone count. Throws FORBIDDEN.
 */
export async function guardHeld(ctx: TeamCtx, tx: Db, model: string, held: Target[]): Promise<void> {
  const protections = await protectionsOfModel(tx, ctx.team.teamId, model);
  const closed = protections.find((one) => held.some((target) => isTarget(one, target)) && !mayDirectly(ctx, one));
  if (closed) throw isProtected(ctx, model, closed);
}
