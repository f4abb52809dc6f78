// The Prisma client over the same pool as the hand-written SQL: for what is one row by key or a short list. Its errors become faults with names.
import { PrismaPg } from '@prisma/adapter-pg';
import { named } from './errors.ts';
import type { DbPool } from './pool.ts';
import { PrismaClient } from './prisma/client.ts';

/** Also of a transaction: what can be done with rows. */
export type Prisma = Omit<PrismaClient, '$on' | '$connect' | '$disconnect' | '$transaction' | '$extends' | '$use'>;

export function openPrisma(db: DbPool): PrismaClient {
  const client = new PrismaClient({ adapter: new PrismaPg(db.pool), transactionOptions: { maxWait: 10_000, timeout: 30_000 } });
  const extended = client.$extends({
    query: {
      async $allOperations({ args, query }) {
        try {
          return await query(args);
        } catch (error) {
          throw named(error);
        }
      },
    },
  });
  // The extension adds nothing to the client's shape.
  return extended as unknown as PrismaClient;
}

export type { PrismaClient };
