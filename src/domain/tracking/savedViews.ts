// Saved views: a name for what a table of runs shows (filter, order, columns, groups, charts), for oneself or for the whole team.
// What the state means is the page's business; here it is a small set of texts.
import { requireCan } from '../../auth/policy.ts';
import type { TeamCtx } from '../../context.ts';
import {
  countViews,
  deleteViewRow,
  findView,
  insertView,
  listViewRows,
  type SavedView,
  updateViewRow,
  type ViewState,
} from '../../db/tracking/savedViews.ts';
import { alreadyExists, invalid, limitExceeded, notFound } from '../../lib/errors.ts';
import { isFault } from '../../lib/faults.ts';
import { isHexId } from '../../lib/ids.ts';
import { checkLength } from '../limits.ts';
import { getExperiment, parseExperimentId } from './experiments.ts';

export type { SavedView };

/** `views`: of a person in a team, and of a team. */
export const VIEW_LIMITS = { nameLength: 100, keys: 40, keyLength: 40, stateLength: 20_000, views: 500 } as const;

/** A team's view takes MAINTAINER; one's own takes no more than being able to read. */
const requireViews = (ctx: TeamCtx, shared: boolean) => requireCan(ctx, shared ? 'view:share' : 'team:read');

function checkName(name: string): string {
  const trimmed = name.trim();
  if (trimmed === '') throw invalid('Give the view a name.', { argument: 'name' });
  checkLength('name', VIEW_LIMITS.nameLength, trimmed);
  return trimmed;
}

function checkState(state: unknown): ViewState {
  const entries = typeof state === 'object' && state !== null && !Array.isArray(state) ? Object.entries(state) : null;
  if (!entries?.every((entry): entry is [string, string] => typeof entry[1] === 'string')) {
    throw invalid(`The state of a view is an object of texts, such as {"filter": "metrics.rmse < 5", "sort": "metrics.rmse"}.`, {
      argument: 'state',
    });
  }
  const size = entries.reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  if (entries.length > VIEW_LIMITS.keys || size > VIEW_LIMITS.stateLength || entries.some(([key]) => key.length > VIEW_LIMITS.keyLength)) {
    const { keys, keyLength, stateLength } = VIEW_LIMITS;
    throw limitExceeded(
      `The state of a view has at most ${keys} entries, keys of up to ${keyLength} and ${stateLength} characters in all; this has ${entries.length} entries and ${size} characters.`,
      { argument: 'state', limit: stateLength, asked: size },
    );
  }
  // Postgres stores no NUL in texts.
  if (entries.some((entry) => entry.join('').includes('\0'))) throw invalid('The state of a view holds no NUL characters.', { argument: 'state' });
  return Object.fromEntries(entries);
}

async function taken<T>(name: string, shared: boolean, write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (error) {
    if (isFault(error, 'taken'))
      throw alreadyExists(`${shared ? 'The team has' : 'You have'} a view '${name}' here already. Choose another name, or update that one.`);
    throw error;
  }
}

async function requireRoom(ctx: TeamCtx, ownerId: number | null): Promise<void> {
  const have = await countViews(ctx.prisma, ctx.team.teamId, ownerId);
  if (have < VIEW_LIMITS.views) return;
  throw limitExceeded(`${ownerId === null ? 'A team' : 'A person'} can have ${VIEW_LIMITS.views} saved views. Delete some first.`, {
    limit: VIEW_LIMITS.views,
    asked: have + 1,
  });
}

export type NewView = { name: string; state: unknown; shared: boolean; experimentId?: string | null };

/** Throws NOT_FOUND for an experiment that isn't there, ALREADY_EXISTS, LIMIT_EXCEEDED. */
export async function createSavedView(ctx: TeamCtx, given: NewView): Promise<SavedView> {
  requireViews(ctx, given.shared);
  const [name, state] = [checkName(given.name), checkState(given.state)];
  const experimentId = given.experimentId == null ? null : (await getExperiment(ctx, given.experimentId)).experimentId;
  const { userId } = ctx.viewer;
  const ownerId = given.shared ? null : userId;
  await requireRoom(ctx, ownerId);
  const made = { viewId: ctx.newId(), ownerId, experimentId, name, state, createdBy: userId, createdAt: new Date(ctx.now()) };
  return taken(name, given.shared, insertView(ctx.prisma, ctx.team.teamId, made));
}

export type ViewSearch = { experimentId?: string | null; after: string | null; limit: number };

/** The team's and the viewer's own, newest first. `experimentId`: of that one alone; null = of all runs; undefined = every view. */
export async function getSavedViews(ctx: TeamCtx, { experimentId, after, limit }: ViewSearch): Promise<SavedView[]> {
  requireCan(ctx, 'team:read');
  const number = experimentId == null ? experimentId : parseExperimentId(experimentId);
  // What is no experiment's number has no views.
  if (experimentId != null && number === undefined) return [];
  return listViewRows(ctx.prisma, ctx.team.teamId, ctx.viewer.userId, { experimentId: number, after, limit });
}

/** Throws NOT_FOUND, also for another person's. */
export async function getSavedView(ctx: TeamCtx, viewId: string): Promise<SavedView> {
  requireCan(ctx, 'team:read');
  const found = isHexId(viewId) ? await findView(ctx.prisma, ctx.team.teamId, ctx.viewer.userId, viewId) : undefined;
  if (!found) throw notFound('No such saved view exists.');
  return found;
}

export type ViewEdit = { name?: string | null; state?: unknown; shared?: boolean | null };

/** What is left out stays. A view that is no longer shared becomes the viewer's. Throws NOT_FOUND, ALREADY_EXISTS. */
export async function updateSavedView(ctx: TeamCtx, viewId: string, edit: ViewEdit): Promise<SavedView> {
  const before = await getSavedView(ctx, viewId);
  const wasShared = before.ownerId === null;
  const shared = edit.shared ?? wasShared;
  requireViews(ctx, wasShared || shared);
  const name = edit.name == null ? before.name : checkName(edit.name);
  const state = edit.state == null ? before.state : checkState(edit.state);
  const ownerId = shared ? null : (before.ownerId ?? ctx.viewer.userId);
  if (shared !== wasShared) await requireRoom(ctx, ownerId);
  const change = { ownerId, name, state, updatedAt: new Date(ctx.now()) };
  const after = await taken(name, shared, updateViewRow(ctx.prisma, ctx.team.teamId, viewId, change));
  if (!after) throw notFound('No such saved view exists.');
  return after;
}

/** Throws NOT_FOUND. */
export async function deleteSavedView(ctx: TeamCtx, viewId: string): Promise<void> {
  const { ownerId } = await getSavedView(ctx, viewId);
  requireViews(ctx, ownerId === null);
  await deleteViewRow(ctx.prisma, ctx.team.teamId, viewId);
}
