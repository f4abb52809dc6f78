// The entry to the filter language, one function a noun. First it checks a request: all of the user's mistakes come up here, before any statement.
// Then it compiles the request into fragments of one statement a page. Pure: touches no database.
//
//   const search = searchRuns({ dialect, filter, orderBy, after, now, scope: [experimentIds, lifecycle] });
//   const keyIds = …select name, key_id from keys where team_id = $1 and name = any($2), with search.keys…
//   const values: unknown[] = [teamId, experimentIds, limit + 1];
//   const { joins, where, orderBy, cursorColumns } = search.compile({ team: '$1', values, keyIds });
//   sql: /* runs.search */ select r.run_id, …, ${cursorColumns} from runs r ${joins}
//        where r.team_id = $1 and r.experiment_id = any($2) and r.deleted_at is null and ${where} order by ${orderBy} limit $3
//        (for each of search.partitions, if speed matters)
//   next page: rows.length > limit ? search.cursorOf(rows[limit - 1]) : null
//
// The other nouns stand in `experiments e`, `registered_models rm`, `logged_models lm`, and
// `model_versions mv join registered_models rm on rm.team_id = mv.team_id and rm.registered_model_id = mv.registered_model_id`.
// Counting, grouping and live matching take `search.condition(…)`, which is `where` without the page.

import { type Candidates, candidatesOf, type Horizon, horizonOf, isWalkable } from './accessPaths.ts';
import { checkFilter } from './check.ts';
import { type Cursor, decodeCursor, encodeCursor, fingerprint } from './cursor.ts';
import { beyondInPartition, canSplit, compileOrder, FIRST_JOIN, PARTITIONS, type Partition, partitionOf } from './keyset.ts';
import { EXPERIMENTS, LOGGED_MODELS, MODEL_VERSIONS, type Noun, REGISTERED_MODELS, RUNS } from './nouns.ts';
import { nulInDataset, type OrderInput, parseOrder, sortTypes } from './order.ts';
import { parseFilter } from './parser.ts';
import { refusal } from './refusals.ts';
import { type Dialect, type Expr, eachClause, type Field, type OrderTerm, type Syntax } from './tree.ts';
import { compileExpr, type DatasetScope, onDatasets, type Target } from './where.ts';

export type SearchRequest = {
  dialect: Dialect;
  filter?: string | null | undefined;
  /** The same said by typed inputs; joined to `filter` by AND. */
  where?: Syntax | null | undefined;
  /** What refusals of `where` call it. */
  argument?: string;
  /** Of the registry: prompts are found beside models, whatever the filter says. */
  withPrompts?: boolean;
  orderBy?: readonly OrderInput[] | null | undefined;
  /** Cursors of this search: rows after the one, before the other. Empty text is none. */
  after?: string | null | undefined;
  before?: string | null | undefined;
  /** Turns the order round, for the last rows of a list: the caller turns the page round again. */
  backward?: boolean;
  /** JSON of what else decides the list (experiment ids, lifecycle): a cursor of another scope is refused. */
  scope?: unknown;
  /** Milliseconds since 1970, for `now()`. Later pages keep the first page's. */
  now: number;
};

export type CompileInput = {
  /** The placeholder of the team's id, e.g. `$1`. */
  team: string;
  /** The statement's parameters so far; those of the search are appended. */
  values: unknown[];
  /** key_id by name, for the names in `keys`. Only runs need it. */
  keyIds?: ReadonlyMap<string, number>;
  /** One of the search's `partitions`; all of it if left out. */
  partition?: Partition;
  /** See Target. */
  rowByRow?: boolean;
  /** The page is found by a walk along its order. */
  walks?: boolean;
  /** See Target. */
  experiment?: string | undefined;
  satisfied?: ReadonlySet<Expr>;
};

export type CompiledSearch = {
  /** Left joins, or ''. */
  joins: string;
  /** The filter, and where the page starts. At least `true`. */
  where: string;
  orderBy: string;
  /** Columns to select for cursorOf. */
  cursorColumns: string;
  /** The row's id as the index has it that is walked in this order: known there before the row is looked up. */
  walkedId: string;
  /** What is walked in this order if it isn't the noun's own rows: `table alias where …`. The noun's row is to be looked up from each. */
  walked: string | null;
};

export type Search = {
  /** The checked filter: what it says, for who wants to read it. */
  filter: Expr | null;
  order: readonly OrderTerm[];
  backward: boolean;
  /**
   * Statements that give the page faster than one. Each fills what is left of the limit, one after the other until the page is full. Usually just
   * `all`. The order by a metric has three; the first walks an index and is nearly always enough.
   */
  partitions: readonly Partition[];
  /** The names of params, tags and metrics whose key_ids `compile` needs. */
  keys: string[];
  compile(input: CompileInput): CompiledSearch;
  /** The filter alone, without order and page. */
  condition(input: CompileInput): string;
  /** Queries that may name the few runs that can match. Only of runs. */
  candidates: readonly (Omit<Candidates, 'select'> & { select(input: CompileInput, experiments: string): string })[];
  /** How far a walk in the order of the page reaches in so many steps; null where no index holds the order. */
  horizon(input: CompileInput & { experiments: string; steps: number }): Horizon | null;
  /** The cursor that stands for a row of the compiled statement. */
  cursorOf(row: Readonly<Record<string, unknown>>): string;
};

export const searchRuns = (request: SearchRequest): Search => prepare(RUNS, request, []);
export const searchExperiments = (request: SearchRequest): Search => prepare(EXPERIMENTS, request, []);
export const searchRegisteredModels = (request: SearchRequest): Search => prepare(REGISTERED_MODELS, request, []);
export const searchModelVersions = (request: SearchRequest): Search => prepare(MODEL_VERSIONS, request, []);

/**
 * `datasets` restricts every metric clause to metrics logged on one of them; without a metric clause it keeps the models that have any.
 */
export function searchLoggedModels(request: SearchRequest & { datasets?: readonly DatasetScope[] | null | undefined }): Search {
  const datasets = request.datasets ?? [];
  const argument = 'datasets';
  if (datasets.some((dataset) => !dataset.datasetName)) {
    throw refusal('Give the name of each dataset.', { reason: 'dataset-name-missing', argument });
  }
  if (datasets.some((dataset) => `${dataset.datasetName}${dataset.datasetDigest ?? ''}`.includes('\0'))) throw nulInDataset(argument);
  return prepare(LOGGED_MODELS, request, datasets);
}

const NONE: ReadonlySet<Expr> = new Set();
/**
 * Postgres makes a join of each clause on a side table. The time to plan them grows faster than the square of their number: 100 took it 1.4 to 7
 * seconds. Beyond this many they are looked up row by row, which needs no plan.
 */
const MOST_JOINED = 6;

function countSideClauses(filter: Expr | null): number {
  let count = 0;
  eachClause(filter, ({ field }) => {
    if (field.kind !== 'attribute') count += 1;
  });
  return count;
}

function prepare(noun: Noun, request: SearchRequest, datasets: readonly DatasetScope[]): Search {
  const { dialect, backward = false } = request;
  const parsed = parseFilter(request.filter ?? '', dialect);
  const filter = joined([
    parsed ? checkFilter(parsed, { noun, dialect, argument: 'filter' }) : null,
    request.where ? checkFilter(request.where, { noun, dialect, argument: request.argument ?? 'where' }) : null,
  ]);
  const order = parseOrder(request.orderBy ?? [], { noun, dialect, argument: 'orderBy' });

  const types = order.flatMap((term) => sortTypes(term, { noun, dialect }));
  const print = fingerprint([noun.name, dialect, request.filter ?? '', request.where ?? null, order, datasets, request.scope ?? null]);
  const decode = (token: string | null | undefined, argument: string): Cursor | null => (token ? decodeCursor(token, print, types, argument) : null);
  const after = decode(request.after, 'after');
  const before = decode(request.before, 'before');
  const now = after?.now ?? before?.now ?? request.now;
  const hides = (noun === REGISTERED_MODELS || noun === MODEL_VERSIONS) && !request.withPrompts;
  const prompts = hides ? { asked: asksForPrompts(filter) } : null;

  const joins = countSideClauses(filter) <= MOST_JOINED;
  const targetOf = ({ team, values, keyIds, rowByRow = false, satisfied = NONE, experiment }: CompileInput): Target => ({
    noun,
    rowByRow: rowByRow || !joins,
    experiment,
    satisfied,
    team,
    parameters: { values, now },
    keyIds: keyIds ?? new Map(),
    datasets,
    ignoreTag: prompts && !prompts.asked ? IS_PROMPT : null,
  });
  const conditions = (target: Target): string[] => [
    ...(filter ? [compileExpr(filter, target)] : []),
    ...(prompts && !prompts.asked ? [noPrompts(noun, target.team)] : []),
    ...(datasets.length > 0 && !hasMetric(filter) ? [onAnyDataset(target)] : []),
  ];
  const all = (list: string[]) => (list.length > 0 ? list.join(' and ') : 'true');
  let names: string[] = types.map((_, index) => `cursor_${index}`);

  return {
    filter,
    order,
    backward,
    partitions: noun.stats && canSplit(order) ? splitPartitions(backward, backward ? before : after) : ['all'],
    keys: noun.interned ? keysOf(filter, order) : [],
    condition: (input) => all(conditions(targetOf(input))),
    candidates: noun.interned
      ? candidatesOf(filter).map((candidates) => ({ ...candidates, select: (input, experiments) => candidates.select(targetOf(input), experiments) }))
      : [],
    horizon({ experiments, steps, ...input }) {
      const partition = input.partition ?? 'all';
      // Runs without the metric are in the order of what comes after it.
      const at = partition === 'missing' ? 1 : 0;
      const along = order[at]!;
      if (!noun.interned || !isWalkable(along) || (at > 0 && along.field.kind === 'metric')) return null;
      const target = targetOf(input);
      const { keys } = compileOrder(order, dialect, backward, partition, { ...target, parameters: { values: [], now } });
      const cursor = backward ? before : after;
      const from = cursor && (partition !== 'missing' || partitionOf(cursor.values[0] ?? null) === partition) ? cursor.values.slice(at) : null;
      return horizonOf(keys[at]!, along, { from, backward, partition }, { target, experiments, steps });
    },
    compile(input) {
      const target = targetOf(input);
      const partition = input.partition ?? 'all';
      // Only where every run of the partition has the first value: a walk of the values never meets a run without one.
      const valued = partition === 'valued' || partition === 'nan';
      const walked = input.walks && valued ? FIRST_JOIN : undefined;
      const compiled = compileOrder(order, dialect, backward, partition, { ...target, walked });
      names = compiled.cursorNames;
      // The first metric's row is read before the run's where an index of it is walked.
      const isJoined = !target.rowByRow && valued && compiled.keys[0]!.sql !== null;
      const owner = compiled.walked || isJoined ? FIRST_JOIN : noun.alias;
      const where = [...conditions({ ...target, owner }), ...compiled.where];
      if (after) where.push(beyondInPartition(compiled.keys, after.values, 'after', target.parameters, partition));
      if (before) where.push(beyondInPartition(compiled.keys, before.values, 'before', target.parameters, partition));
      return {
        joins: compiled.joins,
        where: all(where),
        orderBy: compiled.orderBy,
        cursorColumns: compiled.cursorColumns,
        walkedId: `${owner}.run_id`,
        walked: compiled.walked,
      };
    },
    cursorOf: (row) => encodeCursor({ values: names.map((name) => (row[name] as string | null | undefined) ?? null), now }, print),
  };
}

/** Where the cursor is beyond a partition already, that partition is left out. */
function splitPartitions(backward: boolean, from: Cursor | null): readonly Partition[] {
  const partitions = backward ? PARTITIONS.toReversed() : PARTITIONS;
  return from === null ? partitions : partitions.slice(partitions.indexOf(partitionOf(from.values[0] ?? null)));
}

function joined(exprs: (Expr | null)[]): Expr | null {
  const items = exprs.filter((expr) => expr !== null);
  return items.length > 1 ? { kind: 'and', items } : (items[0] ?? null);
}

/** Every name whose key_id matters to a filter and an order. */
export function keysOf(filter: Expr | null, order: readonly OrderTerm[]): string[] {
  const names = new Set<string>();
  const add = (field: Field) => {
    if ('key' in field) names.add(field.key);
    if (field.kind === 'metric' && field.whole !== undefined) names.add(field.whole);
  };
  eachClause(filter, (clause) => add(clause.field));
  for (const term of order) add(term.field);
  return [...names];
}

function hasMetric(filter: Expr | null): boolean {
  let found = false;
  eachClause(filter, (clause) => {
    found ||= clause.field.kind === 'metric';
  });
  return found;
}

function onAnyDataset(target: Target): string {
  return `exists (select 1 from logged_model_metrics s where s.team_id = ${target.team} and s.model_id = lm.model_id and ${onDatasets(target, 's')})`;
}

const IS_PROMPT = 'mlflow.prompt.is_prompt';

/** Prompts are registered models with a tag. As in MLflow, the first comparison of that tag says whether they are wanted. */
function asksForPrompts(filter: Expr | null): boolean {
  let asked: boolean | null = null;
  eachClause(filter, ({ field, op, values }) => {
    if (asked !== null || field.kind !== 'tag' || field.key !== IS_PROMPT) return;
    const value = values[0]?.text.toLowerCase();
    asked = (op === '=' && value === 'true') || (op === '!=' && value === 'false');
  });
  return asked === true;
}

/** As in MLflow, a model is a prompt by its own tag, a version by the tag on any version of its model. */
function noPrompts(noun: Noun, team: string): string {
  const side = noun.sides.tag!;
  const owner = `s.registered_model_id = ${noun.alias}.registered_model_id`;
  return `not exists (select 1 from ${side.table} s where s.team_id = ${team} and ${owner} and s.key = '${IS_PROMPT}' and s.value = 'true')`;
}
