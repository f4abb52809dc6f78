// What a door is: a protocol's routes, how it tells faults, and what it answers on addresses that doors share. app.ts has the list of them.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { DocumentNode } from 'graphql';
import type { Deps, TeamCtx } from '../context.ts';
import type { AppError } from '../lib/errors.ts';

export type House = { deps: Deps; doors: readonly Door[] };

export type Door = {
  name: string;
  /** The version of its protocol, for clients that ask. */
  version?: string;
  /** Whether an address, routed or not, is of this door: its faults are told by it, and the page leaves it alone. Without team prefix and query. */
  owns(path: string): boolean;
  /** Registers its routes on a scope of its own. */
  routes(app: FastifyInstance, house: House): void | Promise<void>;
  /** A fault as the JSON that its clients read; as in plainError where it is left out. */
  renderError?(error: AppError, request: FastifyRequest): object;
  /** Addresses of old clients as today's. Called for every request. */
  rewrite?(url: string): string;
  /** The header by which its clients name a team. It holds for every door. */
  teamHeader?: string;
  /** Documents that it answers at the address of the GraphQL door, which other documents are for. */
  documents?: SharedDocuments;
};

export type SharedDocuments = {
  answers(document: DocumentNode): boolean;
  /** The whole answer, faults included. */
  execute(ctx: TeamCtx, sent: { query: string; variables?: unknown; operationName?: unknown }): Promise<unknown>;
};

/** Without host (proxies send it along) and query. */
export const pathOf = (url: string): string => url.replace(/^https?:\/\/[^/]*/, '').split('?', 1)[0]!;

export const doorOf = (doors: readonly Door[], url: string): Door | undefined => {
  const path = pathOf(url);
  return doors.find((door) => door.owns(path));
};
