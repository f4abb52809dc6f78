// What the names in a filter mean: attributes of runs, and what runs have logged. Pure.
import { fieldText } from '../../api/filter-text.ts';
import type { KeyUse, RunKeys } from '../table/columns.ts';
import { parseField } from './filter-reader.ts';

export type Kind = 'metrics' | 'params' | 'tags';
export const KINDS: readonly Kind[] = ['metrics', 'params', 'tags'];
export const ATTRIBUTES = ['status', 'run_name', 'start_time', 'end_time', 'duration', 'user_id', 'run_id'];
/** Other names that the server takes for them. */
const ALIASES: Record<string, string> = {
  name: 'run_name',
  runName: 'run_name',
  user: 'user_id',
  userId: 'user_id',
  startedAt: 'start_time',
  startTime: 'start_time',
  created: 'start_time',
  endedAt: 'end_time',
  endTime: 'end_time',
  runId: 'run_id',
};
/** Attributes of no use in completions. */
const REST = ['experiment_id', 'experimentId', 'artifact_uri', 'artifactUri'];

export const has = (keys: readonly KeyUse[] | undefined, key: string): boolean => keys?.some((one) => one.key === key) ?? false;

/** A column's id (`params.lr`, `metrics.loss@min`, `attributes.user_id`) of a name as it is typed; null where nobody is known to have it. */
export function fieldOf(name: string, keys: RunKeys | undefined): string | null {
  const id = parseField(name.trim());
  if (id === null) return null;
  if (!id.startsWith('attributes.')) return id;
  const bare = id.slice('attributes.'.length);
  const attribute = ALIASES[bare] ?? bare;
  if (ATTRIBUTES.includes(attribute) || REST.includes(attribute)) return `attributes.${attribute}`;
  const kind = (['params', 'tags', 'metrics'] as const).find((one) => has(keys?.[one], bare));
  if (kind) return `${kind}.${bare}`;
  const metric = parseField(`metrics.${bare}`);
  return metric?.includes('@') && has(keys?.metrics, metric.slice('metrics.'.length, metric.lastIndexOf('@'))) ? metric : null;
}

/** How well a name fits what is typed, the best first; null for not at all. */
export function fit(name: string, wanted: string): number | null {
  const text = name.toLowerCase();
  const at = text.indexOf(wanted);
  if (at === 0) return text.length === wanted.length ? 0 : 1;
  if (at > 0) return /[/._:\s-]/.test(text[at - 1]!) ? 2 : 3;
  return null;
}

/** What fits, the nearest first, and of equals those that come first. */
export function nearest<T>(all: readonly T[], wanted: string, namesOf: (one: T) => readonly string[]): T[] {
  if (wanted === '') return [...all];
  return all
    .flatMap((one) => {
      const fits = namesOf(one).flatMap((name) => fit(name, wanted) ?? []);
      return fits.length > 0 ? [{ one, rank: Math.min(...fits) }] : [];
    })
    .sort((a, b) => a.rank - b.rank)
    .map(({ one }) => one);
}

/** How many letters have to be put in, left out, changed or swapped to make one of the other. */
export function distance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) next[j] = Math.min(next[j]!, before[j - 2]! + 1);
    }
    [before, row] = [row, next];
  }
  return row[b.length]!;
}

/** The most alike of some texts, if one is alike at all. */
export function alike(text: string, all: readonly string[]): string | null {
  const wanted = text.toLowerCase();
  let best: string | null = null;
  let least = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const one of all) {
    const other = one.toLowerCase();
    // A part of the name, such as loss of val/loss, is as good as one wrong letter.
    const far = other !== wanted && wanted.length > 2 && fit(other, wanted) === 2 ? 1 : distance(wanted, other);
    if (far < least) [best, least] = [one, far];
  }
  return best;
}

export type Unknown = { text: string; start: number; end: number /** What may have been meant, as it is written. */; meant: string | null };

const COMPARED =
  /((?:\b(?:metrics?|params?|parameters?|tags?|attributes?|attr)\.)?(?:`(?:[^`]|``)+`(?:\.\w+)?|[\w][\w/:.-]*))(?=\s*(?:[=!<>]|\b(?:not\s+)?(?:i?like|in|between|contains)\b|\bis\b))/gi;

/** Names in a filter that no run has. `whole`: whether the keys are all that there are. */
export function unknownNames(filter: string, keys: RunKeys | undefined, whole: boolean): Unknown[] {
  if (!keys || !whole) return [];
  const plain = filter.replaceAll(/'(?:[^']|'')*'?/g, (text) => ' '.repeat(text.length));
  const every = [
    ...KINDS.flatMap((kind) => keys[kind].map(({ key }) => ({ name: key, text: fieldText(kind, key) }))),
    ...ATTRIBUTES.map((name) => ({ name, text: name })),
  ];
  return [...plain.matchAll(COMPARED)].flatMap((found) => {
    const text = found[1]!;
    const id = fieldOf(text, keys);
    const [, kind, key = ''] = /^(\w+)\.(.*)$/s.exec(id ?? '') ?? [];
    const bare = key.replace(/@\w+$/, '');
    if (kind === 'attributes' || bare.startsWith('mlflow.') || (kind && has(keys[kind as Kind], bare))) return [];
    const written = (parseField(text) ?? text).replace(/^\w+\./, '').replace(/@\w+$/, '');
    const name = alike(
      written,
      every.map((one) => one.name),
    );
    const start = found.index;
    return [{ text, start, end: start + text.length, meant: every.find((one) => one.name === name)?.text ?? null }];
  });
}
