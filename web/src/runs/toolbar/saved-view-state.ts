// What of the address a saved view keeps.
import type { SavedViewsQuery } from '../../api/documents.gen.ts';

export type View = NonNullable<SavedViewsQuery['team']>['savedViews']['nodes'][number];

export type State = Record<string, string>;

/** What of the address a view keeps. */
const KEPT = ['filter', 'sort', 'cols', 'pin', 'group', 'stat', 'gsort', 'view', 'show', 'x', 'log', 'smooth', 'metrics'];

/** Which view was opened last; it may have been changed since. */
export const OPENED = 'saved';

/** Several experiments together: their numbers. */
export const TOGETHER = 'experiments';

export const stateOf = (query: URLSearchParams): State => Object.fromEntries(KEPT.flatMap((key) => (query.get(key) ? [[key, query.get(key)!]] : [])));

export const textOf = (state: State) => JSON.stringify([...KEPT, TOGETHER].map((key) => state[key] ?? ''));
