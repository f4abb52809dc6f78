// How long names and values may be, and how many at once: the same in every door. MLflow's clients rely on these (mlflow/utils/validation.py).
import { LRUCache } from 'lru-cache';
import { invalid, limitExceeded } from '../lib/errors.ts';

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

/** Length in characters, not UTF-16 units. */
function longerThan(text: string, limit: number): boolean {
  return text.length > limit && [...text].length > limit;
}

/** Names that have passed; the same ones come with every step. */
const passed = new LRUCache<string, true>({ max: 20_000 });

export const isKnownKey = (name: string): boolean => passed.has(name);

/** Keys of metrics, params and tags. `argument`: the input at fault, e.g. `metrics[0].key`. */
export function checkKey(name: string, argument: string): void {
  if (isKnownKey(name)) return;
  if (name === '') throw invalid(`'${argument}' is empty. Give a key.`, { reason: 'key-empty', argument });
  checkLength(argument, LIMITS.keyLength, name);
  if (!NAME.test(name)) {
    throw invalid(`'${name}' can't be a key: use letters, digits, spaces and / _ . - : alone.`, { reason: 'key-invalid', argument, value: name });
  }
  const normal = normalPath(name);
  if (normal !== name || normal === '.' || normal.startsWith('..') || normal.startsWith('/')) {
    throw invalid(`'${name}' can't be a key: as the path of a file it would lead to '${normal}'.`, {
      reason: 'key-unsafe',
      argument,
      value: name,
      resolved: normal,
    });
  }
  passed.set(name, true);
}

/** `of`: whose it is, where the argument's name doesn't tell. */
export function checkLength(argument: string, limit: number, value: string, of?: 'run'): void {
  if (longerThan(value, limit)) {
    throw invalid(`'${argument}' has at most ${limit} characters. Shorten it.`, { reason: 'too-long', argument, limit, ...(of && { of }) });
  }
}

/** Long values of params and tags are cut rather than refused: autologging relies on that. */
export function truncate(value: string, limit: number): string {
  return longerThan(value, limit) ? [...value].slice(0, limit).join('') : value;
}

export function checkBatchSize(what: 'metrics' | 'params' | 'tags' | 'metrics, params, and tags', limit: number, length: number): void {
  if (length > limit) {
    const [argument] = what.split(',');
    throw invalid(`At most ${limit} ${what} can be logged at once, not ${length}. Split them up.`, {
      reason: 'batch-too-large',
      argument,
      what,
      limit,
      asked: length,
    });
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
export function checkPageSize(given: number | undefined, fallback: number, most: number): number {
  const size = given ?? fallback;
  if (!Number.isInteger(size) || size < 1 || size > most) {
    throw invalid(`A page has 1 to ${most} entries, not ${size}.`, { reason: 'page-size', argument: 'first', limit: most, asked: size });
  }
  return size;
}

const MAX_INT64 = 2n ** 63n - 1n;

/** Whole numbers that Postgres can keep. Throws INVALID_ARGUMENT outside the range. */
export function checkInt64(value: number | bigint, argument: string): void {
  const whole = typeof value === 'bigint' || Number.isInteger(value);
  if (!whole || BigInt(value) > MAX_INT64 || BigInt(value) < -MAX_INT64 - 1n) {
    throw invalid(`'${argument}' is not a 64-bit integer: ${value}.`, { reason: 'not-int64', argument, value: String(value) });
  }
}
