// Which params, tags and metrics runs have: what a picker offers.
import { requireCan } from '../../auth/policy.ts';
import type { TeamCtx } from '../../context.ts';
import { countKeys, type FoundKey, type KeyCount, type KeyKind, keysOf } from '../../db/tracking/runKeys.ts';
import { checkLength } from '../limits.ts';
import { experimentNumbers } from './runSearch.ts';

export type { FoundKey, KeyCount };

const COUNTED_RUNS = 1_000;
const SEARCH_LENGTH = 250;

type KeySearch = { experimentIds?: string[] | null; kind: KeyKind };

/** By name, exact: every key that any run of the experiments has, deleted runs included. */
export async function listRunKeys(ctx: TeamCtx, given: KeySearch & { search?: string | null; limit: number }): Promise<FoundKey[]> {
  requireCan(ctx, 'team:read');
  const { kind, limit } = given;
  const search = given.search ?? '';
  checkLength('search', SEARCH_LENGTH, search);
  return keysOf(ctx.db, ctx.team.teamId, kind, { experimentIds: experimentNumbers(given.experimentIds), search, limit });
}

/** How many of the newest 1,000 active runs have each key, and how many different values. By key id; absent where none has it. */
export async function countRunKeys(ctx: TeamCtx, { experimentIds, kind }: KeySearch, keyIds: number[]): Promise<Map<number, KeyCount>> {
  requireCan(ctx, 'team:read');
  const query = { experimentIds: experimentNumbers(experimentIds), keyIds, runs: COUNTED_RUNS };
  return new Map((await countKeys(ctx.db, ctx.team.teamId, kind, query)).map((count) => [count.keyId, count]));
}
