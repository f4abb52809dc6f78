// The Prisma client over the same pool as the hand-written SQL. For small CRUD (people, teams, experiments, the registry);
// what is hot (runs, metrics, search) goes through pool.ts.
import { PrismaPg } from '@prisma/adapter-pg';
import type { DbPool } from './pool.ts';
import { PrismaClient } from './prisma/client.ts';

export const openPrisma = (db: DbPool): PrismaClient => new PrismaClient({ adapter: new PrismaPg(db.pool) });

/** True for a unique-key clash (Prisma P2002). */
export const isPrismaConflict = (error: unknown): boolean => (error as { code?: string } | null)?.code === 'P2002';
export type { PrismaClient };
