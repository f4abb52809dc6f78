// What every rule is given: who asks, and the parts it may use. Built once per request and the same for every door.

import type { Role } from './auth/policy.ts';
import type { Config } from './config.ts';
import type { Log } from './lib/log.ts';
import type { Bus } from './live/bus.ts';
import type { Db } from './postgres/pool.ts';
import type { Prisma, PrismaClient } from './postgres/prismaClient.ts';
import type { Store } from './storage/store.ts';

/** The parts of the process, made by main.ts (or a test) and handed to buildApp. */
export type Deps = {
  config: Config;
  db: Db;
  prisma: PrismaClient;
  store: Store;
  bus: Bus;
  log: Log;
  /** Milliseconds since 1970. Tests put their own clock here. */
  now: () => number;
  /** A new UUIDv7 as 32 hex digits: unguessable enough to name a run, ordered enough for a B-tree. */
  newId: () => string;
};

/** The database's handles: the pool, or a transaction. Rules hand them on and ask nothing of them. */
export type { Db, Prisma };

export type Membership = { teamId: number; slug: string; name: string; role: Role };

/** Whoever was authenticated. `memberships` is already narrowed by the token: its team and its role are applied. */
export type Viewer = {
  /** A service account is a program: it belongs to one team and can't sign in. */
  kind: 'USER' | 'SERVICE_ACCOUNT';
  userId: number;
  email: string;
  name: string;
  /** False for a token narrowed to a team, whoever owns it. */
  isServerAdmin: boolean;
  /** By default team first. */
  memberships: Membership[];
  /** `teamId` and `role` are its limits; null = none. */
  token: { id: string; name: string; teamId: number | null; role: Role | null; expiresAt: Date | null } | null;
  sessionId: string | null;
};

/** Where a request came from, for the audit log: the address of the connection, and what the client calls itself. */
export type Origin = { address: string | null; userAgent: string | null };

export type Ctx = Deps & { viewer: Viewer; requestId: string; origin?: Origin };

/** A Ctx that acts in one team. Rules about a team's data take this, so a statement without a team_id can't be written by accident. */
export type TeamCtx = Ctx & { team: Membership };
