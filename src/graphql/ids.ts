// Global ids: opaque to clients, made of the type, the number of the team and the key in it. Stable as long as the thing exists.
import { invalid } from '../lib/errors.ts';

export type NodeType =
  | 'Team'
  | 'User'
  | 'ApiToken'
  | 'Experiment'
  | 'Run'
  | 'LoggedModel'
  | 'RegisteredModel'
  | 'ModelVersion'
  | 'ServiceAccount'
  | 'Invitation'
  | 'Webhook'
  | 'SavedView'
  | 'Protection'
  | 'PromotionRequest';
export type NodeRef = { type: NodeType; parts: string[] };

const TYPES = new Set<string>([
  'Team',
  'User',
  'ApiToken',
  'Experiment',
  'Run',
  'LoggedModel',
  'RegisteredModel',
  'ModelVersion',
  'ServiceAccount',
  'Invitation',
  'Webhook',
  'SavedView',
  'Protection',
  'PromotionRequest',
] satisfies NodeType[]);

export const toId = (type: NodeType, ...parts: (string | number)[]): string => Buffer.from([type, ...parts].join(':')).toString('base64url');

/** Null for what no id of ours looks like. */
export function fromId(id: string): NodeRef | null {
  const [type = '', ...parts] = Buffer.from(id, 'base64url').toString('utf8').split(':');
  return TYPES.has(type) && parts.length > 0 && id.length < 300 ? { type: type as NodeType, parts } : null;
}

/** A number that Postgres's integer can hold, else undefined: such a row can't exist. */
export function toInt(text: string | undefined): number | undefined {
  const number = text && /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  return number <= 2_147_483_647 ? number : undefined;
}

/** Cursors of lists that are paged by a key of their own. */
export const keyCursor = (key: string | number): string => Buffer.from(`key:${key}`).toString('base64url');
export function cursorKey(cursor: string | null | undefined): string | null {
  if (cursor == null) return null;
  const [kind, key] = Buffer.from(cursor, 'base64url').toString('utf8').split(':');
  if (kind !== 'key' || !key)
    throw invalid("This isn't a cursor of this list. Give an `endCursor` or `cursor` that it returned.", { argument: 'after' });
  return key;
}
