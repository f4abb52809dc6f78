// Limits and names that MLflow fixes (mlflow/utils/validation.py): the same in every door.
import { LRUCache } from 'lru-cache';
import { AppError, invalid, limitExceeded } from '../lib/errors.ts';

export const LIMITS = {
  metricsPerBatch: 1000,
  paramsPerBatch: 100,
  tagsPerBatch: 100,
  entitiesPerBatch: 1000,
  keyLength: 250,
  paramValueLength: 6000,
  tagValueLength: 8000,
  experimentNameLength: 500,
  experimentTagValueLength: 5000,
  artifactLocationLength: 2048,
  registryTagValueLength: 100_000,
  runNameLength: 1000,
  userLength: 256,
} as const;

const NAME = /^[/\p{L}\p{N}_.\- :]*$/u;
const NAME_HINT = 'Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).';

/** Whether Postgres can store it: its text has no NUL, and half of a surrogate pair is no character. */
export const isText = (value: string): boolean => !value.includes('\0') && value.isWellFormed();

/** Python's posixpath.normpath: what a name would resolve to if it were a file. */
function normalPath(name: string): string {
  const slashes = /^\/\/(?!\/)/.test(name) ? '//' : name.startsWith('/') ? '/' : '';
  const parts: string[] = [];
  for (const part of name.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..' || (!slashes && parts.length === 0) || parts.at(-1) === '..') parts.push(part);
    else if (parts.length > 0) parts.pop();
  }
  return slashes + parts.join('/') || '.';
}

const badValue = (path: string, value: unknown, hint: string) =>
  invalid(`Invalid value ${JSON.stringify(value)} for parameter '${path}' supplied: ${hint}`, { argument: path });

/** Length as MLflow counts it: in characters, not UTF-16 units. */
function longerThan(text: string, limit: number): boolean {
  return text.length > limit && [...text].length > limit;
}

/** Names that have passed; the same ones come with every step. */
const passed = new LRUCache<string, true>({ max: 20_000 });

export const isKnownKey = (name: string): boolean => passed.has(name);

/** Keys of metrics, params and tags. `path` names the argument in the message, e.g. `metrics[0].name`. */
export function checkKey(name: string, path: string): void {
  if (isKnownKey(name)) return;
  if (name === '') throw invalid(`Missing value for required parameter '${path}'. A key name must be provided.`, { argument: path });
  checkLength(path, LIMITS.keyLength, name);
  if (!NAME.test(name)) throw badValue(path, name, NAME_HINT);
  const normal = normalPath(name);
  if (normal !== name || normal === '.' || normal.startsWith('..') || normal.startsWith('/')) {
    throw badValue(
      path,
      name,
      `Names may be treated as files in certain cases, and must not resolve to other names when treated as such. This name would resolve to '${normal}'`,
    );
  }
  passed.set(name, true);
}

export function checkLength(path: string, limit: number, value: string): void {
  if (longerThan(value, limit)) throw invalid(`'${path}' exceeds the maximum length of ${limit} characters`, { argument: path });
}

/** MLflow cuts long param and tag values rather than refuse them, and its autologging relies on that. */
export function truncate(value: string, limit: number): string {
  return longerThan(value, limit) ? [...value].slice(0, limit).join('') : value;
}

export function checkBatchSize(what: string, limit: number, length: number): void {
  if (length > limit) {
    throw invalid(
      `A batch logging request can contain at most ${limit} ${what}. Got ${length} ${what}. Please split up ${what} across multiple requests and try again.`,
      { argument: what },
    );
  }
}

/** What one act on an experiment or a registered model may set and remove. */
export function checkTagChanges(changes: { setTags?: readonly unknown[] | null; deleteTags?: readonly string[] | null }): void {
  changes.deleteTags?.forEach((key, index) => {
    checkLength(`deleteTags[${index}]`, LIMITS.keyLength, key);
  });
  for (const [argument, list] of Object.entries(changes)) {
    if ((list?.length ?? 0) > LIMITS.tagsPerBatch)
      throw limitExceeded(`At most ${LIMITS.tagsPerBatch} tags can be changed at once, not ${list!.length}. Split them up.`, {
        argument,
        limit: LIMITS.tagsPerBatch,
        asked: list!.length,
      });
  }
}

/** Page sizes: `given` or `fallback`, from 1 to `most`. */
export function checkPageSize(given: number | undefined, fallback: number, most: number, name = 'max_results'): number {
  const size = given ?? fallback;
  if (!Number.isInteger(size) || size < 1 || size > most) {
    throw new AppError(
      'INVALID_ARGUMENT',
      `Invalid value ${size} for parameter '${name}' supplied: It must be at least 1 and at most ${most}, but got value ${size}`,
      { argument: name },
    );
  }
  return size;
}

const MAX_INT64 = 2n ** 63n - 1n;

/** 64-bit integers that doors other than MLflow's give; throws INVALID_ARGUMENT outside the range. */
export function checkInt64(value: number | bigint, path: string): void {
  const whole = typeof value === 'bigint' || Number.isInteger(value);
  if (!whole || BigInt(value) > MAX_INT64 || BigInt(value) < -MAX_INT64 - 1n) throw badValue(path, String(value), 'It must be a 64-bit integer.');
}
