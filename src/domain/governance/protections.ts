// Protected aliases and stages: who may move them, by how many approvals of whom, under which conditions. Set by ADMINs, read by everyone in the team.
import { requireCan } from '../../auth/policy.ts';
import type { TeamCtx } from '../../context.ts';
import {
  countProtections,
  deleteProtectionRow,
  findProtection,
  insertProtection,
  type Protection,
  protectionsOf,
  type TargetKind,
  updateProtectionRow,
} from '../../db/governance/protections.ts';
import { alreadyExists, invalid, limitExceeded, notFound } from '../../lib/errors.ts';
import { isFault } from '../../lib/faults.ts';
import { isHexId } from '../../lib/ids.ts';
import { checkLength, isText } from '../limits.ts';
import { record } from '../people/audit.ts';
import { checkNewAlias, parseStage } from '../registry/checks.ts';
import { checkConditions } from './conditions.ts';
import { matchesPattern } from './guard.ts';

export type { Protection };

export const PROTECTION_LIMITS = { protections: 200, patternLength: 256, approvals: 10 } as const;

export type NewProtection = {
  /** A registered model's name; `*` stands for any text. */
  models: string;
  kind: TargetKind;
  /** Stages in any case. */
  target: string;
} & ProtectionRules;
export type ProtectionRules = {
  approvals?: number | null;
  approverRole?: Protection['approverRole'] | null;
  directRole?: Protection['directRole'];
  conditions?: string[] | null;
  freeRollback?: boolean | null;
  askByMove?: boolean | null;
};

function checkPattern(models: string): string {
  const argument = 'models';
  if (models.trim() === '') throw invalid('Say which models: a name, or a pattern such as fraud-*.', { argument });
  checkLength(argument, PROTECTION_LIMITS.patternLength, models);
  if (!isText(models) || /[/:]/.test(models)) throw invalid(`'${models}' names no models: leave out '/' and ':'.`, { argument });
  return models;
}

function checkTarget(kind: TargetKind, target: string): string {
  if (kind === 'stage') {
    const stage = parseStage(target);
    if (stage === 'None') throw invalid('The stage None is where every version begins: protect another.', { argument: 'stage' });
    return stage;
  }
  checkNewAlias(target);
  return target;
}

function checkApprovals(approvals: number): number {
  const limit = PROTECTION_LIMITS.approvals;
  if (!Number.isInteger(approvals) || approvals < 0 || approvals > limit) {
    throw limitExceeded(`A move takes between 0 and ${limit} approvals, not ${approvals}.`, { argument: 'approvals', limit, asked: approvals });
  }
  return approvals;
}

const facts = ({ models, kind, target, approvals, approverRole, directRole, conditions, freeRollback, askByMove }: Protection) => ({
  models,
  [kind]: target,
  approvals,
  approverRole,
  directRole,
  conditions,
  freeRollback,
  askByMove,
});
const said = ({ models, kind, target }: Pick<Protection, 'models' | 'kind' | 'target'>) => `${kind} ${target} of models ${models}`;

/** Throws INVALID_ARGUMENT, ALREADY_EXISTS, LIMIT_EXCEEDED. ADMIN. */
export async function createProtection(ctx: TeamCtx, given: NewProtection): Promise<Protection> {
  requireCan(ctx, 'protection:manage');
  const [models, target] = [checkPattern(given.models), checkTarget(given.kind, given.target)];
  const made = {
    protectionId: ctx.newId(),
    models,
    kind: given.kind,
    target,
    approvals: checkApprovals(given.approvals ?? 1),
    approverRole: given.approverRole ?? 'MAINTAINER',
    directRole: given.directRole ?? null,
    conditions: checkConditions(given.conditions ?? [], target),
    freeRollback: given.freeRollback ?? false,
    askByMove: given.askByMove ?? false,
    createdBy: ctx.viewer.userId,
    createdAt: new Date(ctx.now()),
  };
  const limit = PROTECTION_LIMITS.protections;
  const have = await countProtections(ctx.prisma, ctx.team.teamId);
  if (have >= limit) throw limitExceeded(`A team can have ${limit} protections. Delete some first.`, { limit, asked: have + 1 });
  try {
    return await ctx.prisma.$transaction(async (tx) => {
      const row = await insertProtection(tx, ctx.team.teamId, made);
      await record(ctx, tx, { action: 'PROTECTION_SET', target: said(row), after: facts(row) });
      return row;
    });
  } catch (error) {
    if (!isFault(error, 'taken')) throw error;
    throw alreadyExists(`The ${said(made)} is protected already. Change that protection.`, { argument: 'models' });
  }
}

/** What is left out stays; `directRole` null takes it away. Throws NOT_FOUND. ADMIN. */
export async function updateProtection(ctx: TeamCtx, protectionId: string, edit: ProtectionRules): Promise<Protection> {
  requireCan(ctx, 'protection:manage');
  const before = await getProtection(ctx, protectionId);
  const to = {
    approvals: edit.approvals == null ? before.approvals : checkApprovals(edit.approvals),
    approverRole: edit.approverRole ?? before.approverRole,
    directRole: edit.directRole === undefined ? before.directRole : edit.directRole,
    conditions: edit.conditions == null ? before.conditions : checkConditions(edit.conditions, before.target),
    freeRollback: edit.freeRollback ?? before.freeRollback,
    askByMove: edit.askByMove ?? before.askByMove,
    updatedAt: new Date(ctx.now()),
  };
  return ctx.prisma.$transaction(async (tx) => {
    const row = await updateProtectionRow(tx, ctx.team.teamId, protectionId, to);
    if (!row) throw noProtection();
    await record(ctx, tx, { action: 'PROTECTION_SET', target: said(row), before: facts(before), after: facts(row) });
    return row;
  });
}

/** Requests that are open stay open, and are applied by hand or withdrawn. Throws NOT_FOUND. ADMIN. */
export async function deleteProtection(ctx: TeamCtx, protectionId: string): Promise<void> {
  requireCan(ctx, 'protection:manage');
  const before = await getProtection(ctx, protectionId);
  await ctx.prisma.$transaction(async (tx) => {
    if (!(await deleteProtectionRow(tx, ctx.team.teamId, protectionId))) throw noProtection();
    await record(ctx, tx, { action: 'PROTECTION_DELETED', target: said(before), before: facts(before) });
  });
}

const noProtection = () => notFound('No such protection exists.', { reason: 'protection-not-found' });

/** Throws NOT_FOUND. */
export async function getProtection(ctx: TeamCtx, protectionId: string): Promise<Protection> {
  requireCan(ctx, 'team:read');
  const found = isHexId(protectionId) ? await findProtection(ctx.prisma, ctx.team.teamId, protectionId) : undefined;
  if (!found) throw noProtection();
  return found;
}

/** By model, kind and target: they are few. */
export async function getProtections(ctx: TeamCtx): Promise<Protection[]> {
  requireCan(ctx, 'team:read');
  return protectionsOf(ctx.db, ctx.team.teamId);
}

/** Of these models, in their order, by one statement. */
export async function protectionsByModels(ctx: TeamCtx, names: readonly string[]): Promise<Protection[][]> {
  requireCan(ctx, 'team:read');
  const all = await protectionsOf(ctx.db, ctx.team.teamId);
  return names.map((name) => all.filter(({ models }) => matchesPattern(models, name)));
}
