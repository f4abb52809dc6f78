// Conditions on what a protected alias or stage may be given to, in the language of searches: about the version's run (metrics, params, datasets,
// status), the version's own tags, and its model's signature. What the alias points at now stands right of a comparator: champion.metrics.rmse.
import type { Db, TeamCtx } from '../../context.ts';
import { holdForRun, holdForVersion } from '../../db/governance/holds.ts';
import type { ConditionResult } from '../../db/governance/requests.ts';
import type { VersionRow } from '../../db/registry/versions.ts';
import { invalid, limitExceeded } from '../../lib/errors.ts';
import { isHexId } from '../../lib/ids.ts';
import { parseFilter } from '../../search/parser.ts';
import { type Search, searchModelVersions, searchRuns } from '../../search/search.ts';
import type { Comparison, Literal, Syntax, Word } from '../../search/tree.ts';
import { describeVersion } from '../registry/modelFiles.ts';
import { runMetrics, runParams } from '../tracking/runData.ts';

export type { ConditionResult };

const MAX_CONDITIONS = 20;
const MAX_CONDITION_LENGTH = 500;

type About = 'run' | 'version';
/** What stands for a value of the present holder. */
type Reference = { kind: 'metric' | 'param' | 'tag'; key: string };
type Condition = { text: string; syntax: Syntax | 'signature' };

const SIGNATURE = /^\s*signature\s+(is\s+)?present\s*$/i;
const FINISHED = /^\s*run\s+(is\s+)?(finished|failed|killed|running|scheduled)\s*$/i;
const TAGS = new Set(['tag', 'tags']);

/** Throws INVALID_ARGUMENT for what can't be read. */
function readCondition(text: string, argument: string): Condition {
  if (SIGNATURE.test(text)) return { text, syntax: 'signature' };
  const [, , status] = FINISHED.exec(text) ?? [];
  return { text, syntax: parseFilter(status ? `status = '${status.toUpperCase()}'` : text, 'widened', argument)! };
}

/** Throws INVALID_ARGUMENT: what can't be read, makes no sense, or compares with something else than `target`. */
function checkCondition(text: string, target: string, argument: string): string {
  if (text.trim() === '') throw invalid('Write a condition, such as metrics.rmse < 6.', { argument });
  if (text.length > MAX_CONDITION_LENGTH) {
    throw limitExceeded(`A condition is at most ${MAX_CONDITION_LENGTH} characters long; this has ${text.length}.`, {
      argument,
      limit: MAX_CONDITION_LENGTH,
      asked: text.length,
    });
  }
  const { syntax } = readCondition(text, argument);
  if (syntax === 'signature') return text;
  const [word] = wordsOf(syntax);
  if (word) throw invalid(`'${word.text}' is no condition. Compare something, such as metrics.rmse < 6.`, { argument, position: word.position });
  // Whether each part makes sense is asked with any value where the holder's will stand.
  for (const leaf of leavesOf(syntax))
    searchOf(
      substituted(leaf, target, () => null, argument),
      argument,
    );
  return text;
}

/** Checked as a whole. `argument`: the input that holds them. */
export function checkConditions(texts: string[], target: string, argument = 'conditions'): string[] {
  if (texts.length > MAX_CONDITIONS) {
    throw limitExceeded(`At most ${MAX_CONDITIONS} conditions can be set, not ${texts.length}.`, {
      argument,
      limit: MAX_CONDITIONS,
      asked: texts.length,
    });
  }
  return texts.map((text, index) => checkCondition(text.trim(), target, `${argument}[${index}]`));
}

function leavesOf(syntax: Syntax): Comparison[] {
  if (syntax.kind === 'comparison') return [syntax];
  // A plain word would search names: checkCondition has refused it.
  if (syntax.kind === 'word') return [];
  return syntax.kind === 'not' ? leavesOf(syntax.item) : syntax.items.flatMap(leavesOf);
}

function wordsOf(syntax: Syntax): Word[] {
  if (syntax.kind === 'word') return [syntax];
  if (syntax.kind === 'comparison') return [];
  return syntax.kind === 'not' ? wordsOf(syntax.item) : syntax.items.flatMap(wordsOf);
}

const aboutOf = ({ name }: Comparison): About => (name.entity !== null && TAGS.has(name.entity.toLowerCase()) ? 'version' : 'run');

/** `champion.metrics.rmse`, also with a key in back quotes. Null for what names no holder. */
function referenceOf(value: Literal, target: string): Reference | null {
  if (value.kind !== 'word') return null;
  const [, holder = '', kind = '', key = ''] = /^([\w-]+)\.(metrics?|params?|tags?)\.(.+)$/i.exec(value.text) ?? [];
  if (key === '' || (holder !== 'holder' && holder.toLowerCase() !== target.toLowerCase())) return null;
  const bare = /^`(.*)`$/s.exec(key)?.[1] ?? key;
  return { kind: kind.toLowerCase().replace(/s$/, '') as Reference['kind'], key: bare };
}

/** With the holder's values in place of what names them. `read` answers null for any of its kind. */
function substituted(leaf: Comparison, target: string, read: (reference: Reference) => string | null, argument: string): Comparison {
  const values = leaf.values.map((value): Literal => {
    const reference = referenceOf(value, target);
    if (!reference) {
      if (value.kind === 'word' && /^[\w-]+\.(metrics?|params?|tags?)\./i.test(value.text)) {
        throw invalid(`'${value.text}' names no version. Compare with ${target}.${value.text.replace(/^[\w-]+\./, '')}.`, {
          argument,
          position: value.position,
        });
      }
      return value;
    }
    const given = read(reference);
    if (reference.kind === 'metric') return { kind: 'number', text: given ?? '0', position: value.position };
    return { kind: 'string', text: given ?? '', position: value.position };
  });
  return { ...leaf, values };
}

/** The search that a comparison is: about the run, or about the version. Throws INVALID_ARGUMENT. */
function searchOf(leaf: Comparison, argument: string): Search {
  const request = { dialect: 'widened' as const, where: leaf, argument, now: 0 };
  return aboutOf(leaf) === 'run' ? searchRuns(request) : searchModelVersions({ ...request, withPrompts: true });
}

/** What is moved, and what stands there now. `signed`: whether the model has a signature, where that was read before the transaction. */
export type Candidates = { candidate: VersionRow; holder: VersionRow | null; signed?: boolean | undefined };

export const asksForSignature = (texts: string[]): boolean => texts.some((text) => SIGNATURE.test(text));

export const isSigned = async (ctx: TeamCtx, name: string, version: number): Promise<boolean> =>
  (await describeVersion(ctx, name, version)).signature !== null;

/** What conditions say of a move, in the order in which they are written. Compares with what the transaction sees. */
export async function testConditions(
  ctx: TeamCtx,
  tx: Db,
  texts: string[],
  target: string,
  { candidate, holder, signed: given }: Candidates,
): Promise<ConditionResult[]> {
  if (texts.length === 0) return [];
  const here = { ...ctx, db: tx };
  const conditions = texts.map((text) => readCondition(text, 'conditions'));
  const leaves = conditions.flatMap(({ syntax }) => (syntax === 'signature' ? [] : leavesOf(syntax)));
  const references = leaves.flatMap(({ values }) => values.flatMap((value) => referenceOf(value, target) ?? []));
  const known = await valuesOf(here, holder, references);
  const own = await valuesOf(here, candidate, leaves.flatMap(metricOf));

  const answers = new Map<Comparison, boolean>();
  const asked = leaves.flatMap((leaf) => {
    const named = leaf.values.flatMap((value) => referenceOf(value, target) ?? []);
    if (named.length === 0) return [{ leaf, search: searchOf(leaf, 'conditions') }];
    // Where nothing stands yet, there is nothing to be better than; a holder without the value can't be compared with.
    if (holder === null) answers.set(leaf, true);
    else if (named.some((reference) => !isComparable(known, reference))) answers.set(leaf, false);
    else
      return [
        {
          leaf,
          search: searchOf(
            substituted(leaf, target, (one) => known.get(idOf(one))!, 'conditions'),
            'conditions',
          ),
        },
      ];
    return [];
  });
  const { teamId } = ctx.team;
  const ofRun = asked.filter(({ leaf }) => aboutOf(leaf) === 'run');
  const ofVersion = asked.filter(({ leaf }) => aboutOf(leaf) === 'version');
  const runId = candidate.runId && isHexId(candidate.runId) ? candidate.runId : null;
  const runSays = runId ? await holdForRun(tx, teamId, runId, pick(ofRun)) : ofRun.map(() => false);
  const versionSays = await holdForVersion(tx, teamId, candidate, pick(ofVersion));
  for (const [index, { leaf }] of ofRun.entries()) answers.set(leaf, runSays[index]!);
  for (const [index, { leaf }] of ofVersion.entries()) answers.set(leaf, versionSays[index]!);

  const holds = (syntax: Syntax): boolean => {
    if (syntax.kind === 'comparison') return answers.get(syntax)!;
    if (syntax.kind === 'word') return false;
    if (syntax.kind === 'not') return !holds(syntax.item);
    return syntax.kind === 'and' ? syntax.items.every(holds) : syntax.items.some(holds);
  };
  const results: ConditionResult[] = [];
  for (const { text, syntax } of conditions) {
    if (syntax === 'signature') {
      const signed = given ?? (await isSigned(ctx, candidate.name, candidate.version));
      results.push({ text, holds: signed, found: signed ? null : 'the model has no signature' });
    } else {
      results.push({ text, holds: holds(syntax), found: foundIn(leavesOf(syntax)) });
    }
  }
  return results;

  /** What was compared, for people: `metrics.rmse is 5.9, champion's 6.2`. */
  function foundIn(parts: Comparison[]): string | null {
    const said = parts.flatMap((leaf) => {
      if (aboutOf(leaf) === 'run' && !runId) return ['the version names no run'];
      const mine = metricOf(leaf).map((one) => `metrics.${one.key} is ${own.get(idOf(one)) ?? 'not logged'}`);
      const theirs = leaf.values.flatMap((value) => {
        const reference = referenceOf(value, target);
        if (!reference) return [];
        if (holder === null) return [`nothing is ${target} yet`];
        return [`${target} has ${known.get(idOf(reference)) ?? `no ${reference.kind} ${reference.key}`}`];
      });
      return [...mine, ...theirs].join(', ') || [];
    });
    return said.length > 0 ? [...new Set(said)].join('; ') : null;
  }
}

const pick = (asked: { search: Search }[]) => asked.map(({ search }) => search);
const idOf = ({ kind, key }: Reference) => `${kind} ${key}`;
const isComparable = (known: Map<string, string>, reference: Reference) => {
  const value = known.get(idOf(reference));
  return value !== undefined && (reference.kind !== 'metric' || Number.isFinite(Number(value)));
};

/** The metric that a comparison is about, if it is its last value. */
function metricOf({ name }: Comparison): Reference[] {
  return name.entity !== null && /^metrics?$/i.test(name.entity) && name.stat === null ? [{ kind: 'metric', key: name.key }] : [];
}

/** What a version has of these: metrics and params of its run, tags of its own. As texts, by `idOf`. */
async function valuesOf(ctx: TeamCtx, version: VersionRow | null, wanted: Reference[]): Promise<Map<string, string>> {
  const values = new Map<string, string>();
  if (!version) return values;
  const keysOf = (kind: Reference['kind']) => [...new Set(wanted.filter((one) => one.kind === kind).map(({ key }) => key))];
  const [metrics, params] = [keysOf('metric'), keysOf('param')];
  const { runId } = version;
  if (runId && isHexId(runId)) {
    if (metrics.length > 0)
      for (const { key, value } of (await runMetrics(ctx, [runId], { keys: metrics })).get(runId) ?? []) values.set(`metric ${key}`, String(value));
    if (params.length > 0)
      for (const { key, value } of (await runParams(ctx, [runId], { keys: params })).get(runId) ?? []) values.set(`param ${key}`, value);
  }
  for (const { key, value } of version.tags) values.set(`tag ${key}`, value);
  return values;
}
