// Protected aliases and stages as rows. What they mean is in src/domain/governance.
import { hexId } from '../../lib/ids.ts';
import { type Db, sql } from '../../postgres/pool.ts';
import type { Prisma } from '../../postgres/prismaClient.ts';

export type TargetKind = 'alias' | 'stage';
export type Protection = {
  protectionId: string;
  /** A registered model's name; `*` stands for any text. */
  models: string;
  kind: TargetKind;
  /** The alias, or the stage. */
  target: string;
  approvals: number;
  approverRole: 'MAINTAINER' | 'ADMIN';
  /** From this role on no approvals are asked for; null = from everybody. */
  directRole: 'MAINTAINER' | 'ADMIN' | null;
  conditions: string[];
  freeRollback: boolean;
  askByMove: boolean;
  createdBy: number | null;
  createdAt: Date;
  updatedAt: Date;
};
const PROTECTION = {
  protectionId: true,
  models: true,
  kind: true,
  target: true,
  approvals: true,
  approverRole: true,
  directRole: true,
  conditions: true,
  freeRollback: true,
  askByMove: true,
  createdBy: true,
  createdAt: true,
  updatedAt: true,
} as const;
type Raw = { [K in keyof Protection]: K extends 'kind' | 'approverRole' ? string : K extends 'directRole' ? string | null : Protection[K] };
const asProtection = (row: Raw): Protection => ({ ...(row as Protection), protectionId: hexId(row.protectionId) });

export async function findProtection(db: Prisma, teamId: number, protectionId: string): Promise<Protection | undefined> {
  const row = await db.protection.findUnique({ where: { teamId_protectionId: { teamId, protectionId } }, select: PROTECTION });
  return row ? asProtection(row) : undefined;
}

export const countProtections = (db: Prisma, teamId: number): Promise<number> => db.protection.count({ where: { teamId } });

export const insertProtection = async (db: Prisma, teamId: number, made: Omit<Protection, 'updatedAt'>): Promise<Protection> =>
  asProtection(await db.protection.create({ data: { ...made, teamId, updatedAt: made.createdAt }, select: PROTECTION }));

export type ProtectionChange = Pick<
  Protection,
  'approvals' | 'approverRole' | 'directRole' | 'conditions' | 'freeRollback' | 'askByMove' | 'updatedAt'
>;
export async function updateProtectionRow(db: Prisma, teamId: number, protectionId: string, to: ProtectionChange): Promise<Protection | undefined> {
  const [row] = await db.protection.updateManyAndReturn({ where: { teamId, protectionId }, data: to, select: PROTECTION });
  return row && asProtection(row);
}

export const deleteProtectionRow = async (db: Prisma, teamId: number, protectionId: string): Promise<boolean> =>
  (await db.protection.deleteMany({ where: { teamId, protectionId } })).count > 0;

const OF_TEAM = sql(`/* protections.of_team */
  select replace(protection_id::text, '-', '') as "protectionId", models, kind, target, approvals, approver_role as "approverRole",
         direct_role as "directRole", conditions, free_rollback as "freeRollback", ask_by_move as "askByMove", created_by as "createdBy",
         created_at as "createdAt", updated_at as "updatedAt"
  from protections where team_id = $1::int order by models, kind, target`);

/** All of the team's, by model, kind and target; they are few. By SQL, since moves read them in their transaction. */
export const protectionsOf = (db: Db, teamId: number): Promise<Protection[]> => db.rows(OF_TEAM, [teamId]);

const LOCK_MODEL = sql(`/* protections.lock_model */
  select registered_model_id as "registeredModelId" from registered_models where team_id = $1::int and name = $2 for no key update`);

/** Until the transaction ends nobody else moves what is protected of the model: what a move is compared with stays as it is. Undefined: no such model. */
export const lockModel = async (tx: Db, teamId: number, name: string): Promise<number | undefined> =>
  (await tx.row<{ registeredModelId: number }>(LOCK_MODEL, [teamId, name]))?.registeredModelId;
