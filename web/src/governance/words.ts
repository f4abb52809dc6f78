// What is asked for and what it takes, in words. Pure.
import type { ModelStage, PromotionRequestQuery, ProtectionRowFragment, RequestRowFragment } from '../api/documents.gen.ts';
import { plural } from '../format.ts';
import { stageName } from '../models/stages.ts';
import { roleName } from '../people/roles.ts';

/** An alias or a stage; the other is null. */
export type Target = { alias: string | null; stage: ModelStage | null };

export const targetName = ({ alias, stage }: Target): string => (alias === null ? stageName(stage ?? 'NONE') : `@${alias}`);

export type FullRequest = NonNullable<NonNullable<PromotionRequestQuery['team']>['promotionRequest']>;

type Actor = RequestRowFragment['requestedBy'];
export const actorName = (actor: Actor | undefined): string => actor?.name ?? 'somebody who is gone';

/** `one approval by a Maintainer and 2 conditions` */
export function takes(approvals: number, { approverRole, conditions }: Pick<ProtectionRowFragment, 'approverRole' | 'conditions'>): string {
  const by = approverRole === 'ADMIN' ? 'an Admin' : `a ${roleName(approverRole)}`;
  const voices = approvals === 1 ? `one approval by ${by}` : `${approvals} approvals, each by ${by}`;
  const held = plural(conditions.length, 'condition');
  if (approvals === 0) return conditions.length === 0 ? 'nothing beyond the role to move aliases' : held;
  return conditions.length === 0 ? voices : `${voices} and ${held}`;
}

export function whyLocked(protection: ProtectionRowFragment): string {
  const own = protection.viewerMovesDirectly && protection.approvals > 0 ? ' Your role moves it without approval.' : '';
  return `Protected: a move takes ${takes(protection.approvals, protection)}.${own}`;
}

/** The one that binds the viewer most. */
export function protectionOf(protections: ProtectionRowFragment[] | undefined, target: Target): ProtectionRowFragment | undefined {
  const all = (protections ?? []).filter(({ alias, stage }) =>
    target.alias === null ? stage === target.stage && stage !== null : alias === target.alias,
  );
  return all.find(({ viewerMovesDirectly }) => !viewerMovesDirectly) ?? all[0];
}

export const approvedBy = ({ votes }: Pick<RequestRowFragment, 'votes'>): number => votes.filter(({ approves }) => approves).length;

export const STATE_NAMES = { OPEN: 'Open', APPLIED: 'Applied', REJECTED: 'Rejected', WITHDRAWN: 'Taken back' } as const;
