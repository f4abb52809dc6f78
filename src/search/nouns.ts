// What can be searched and ordered, one table a noun: entities, keys, comparators, the columns behind them, default orders and tie-breaks.
// A comparator that MLflow lacks for a field is simply not listed under `mlflow`; the widened language uses one set for each type of value.
import type { Comparator, Dialect, Field } from './tree.ts';

export type Kind = Field['kind'];
export type ValueType = 'text' | 'integer' | 'float' | 'uuid';

export type Attribute = {
  type: ValueType;
  sql: string;
  /** Other ways to write it. */
  aliases?: readonly string[];
  nullable?: true;
  /** Which dialects filter by it; none if absent. */
  filter?: Dialect | 'both';
  order?: Dialect | 'both';
  /** Further names in order clauses only. */
  orderAliases?: readonly string[];
  /** The names that GraphQL's fields have, taken by the widened language beside MLflow's. */
  fieldNames?: readonly string[];
  /** What MLflow takes beyond the noun's comparators for the type. */
  more?: readonly Comparator[];
  /** Ids are shown with this before their 32 hex digits. */
  prefix?: string;
  /** Other spellings of the values that are stored. */
  values?: Readonly<Record<string, string>>;
};

/** Names and values kept in rows of their own. `owner`: the columns, beside team_id, that lead to the noun's row; `id`: the one that does so alone. */
export type Side = { table: string; owner: readonly string[]; id?: string };

export type Noun = {
  name: string;
  /** The alias of the noun's table in the statement around. */
  alias: string;
  /** Every way to write an entity. */
  entities: Readonly<Record<string, Kind>>;
  attributes: Readonly<Record<string, Attribute>>;
  sides: Partial<Record<'metric' | 'param' | 'tag', Side>>;
  /** True where side tables hold key_id of the dictionary `keys` instead of the key itself. */
  interned: boolean;
  /** Metrics have running statistics. */
  stats: boolean;
  /** MLflow's comparators. A text attribute takes those of `text`, a number those of NUMERIC. */
  mlflow: Readonly<Record<'text' | 'param' | 'tag' | 'dataset', readonly Comparator[]>>;
  /** Unquoted values count as strings, as in `params.depth = 5`. */
  looseStrings: boolean;
  /** What MLflow orders by beside bare attributes. */
  orderKinds: readonly Kind[];
  /** Whether `attribute.` may stand in MLflow's order clauses. */
  orderPrefix: boolean;
  /** MLflow drops a column given twice (true) or refuses it (false). */
  orderTwice: boolean;
  defaultOrder: readonly (readonly [string, 'asc' | 'desc'])[];
  /** Appended to a given order unless already in it; makes every order total. */
  tieBreak: readonly (readonly [string, 'asc' | 'desc'])[];
};

export const NUMERIC: readonly Comparator[] = ['=', '!=', '<', '<=', '>', '>='];
const STRING: readonly Comparator[] = ['=', '!=', 'LIKE', 'ILIKE'];
const LISTED: readonly Comparator[] = [...STRING, 'IN', 'NOT IN'];
const NULLABLE: readonly Comparator[] = [...STRING, 'IS NULL', 'IS NOT NULL'];

export const WIDENED_NUMBER: readonly Comparator[] = [...NUMERIC, 'IN', 'NOT IN', 'BETWEEN', 'NOT BETWEEN', 'IS NULL', 'IS NOT NULL'];
export const WIDENED_TEXT: readonly Comparator[] = [...LISTED, 'NOT LIKE', 'NOT ILIKE', 'BETWEEN', 'NOT BETWEEN', '=~', 'IS NULL', 'IS NOT NULL'];

/** The input tag that says what a dataset was used for. */
export const DATASET_CONTEXT = 'mlflow.data.context';

const REGISTRY_ENTITIES = { attribute: 'attribute', tag: 'tag', tags: 'tag' } as const;
const registryComparators = { text: STRING, param: [], tag: STRING, dataset: [] } as const;

export const RUNS: Noun = {
  name: 'runs',
  alias: 'r',
  entities: {
    metric: 'metric',
    metrics: 'metric',
    param: 'param',
    params: 'param',
    parameter: 'param',
    parameters: 'param',
    tag: 'tag',
    tags: 'tag',
    attribute: 'attribute',
    attributes: 'attribute',
    attr: 'attribute',
    run: 'attribute',
    dataset: 'dataset',
    datasets: 'dataset',
  },
  attributes: {
    run_id: { type: 'uuid', sql: 'r.run_id', fieldNames: ['runId'], filter: 'both', order: 'both', more: ['IN', 'NOT IN'] },
    run_name: {
      type: 'text',
      sql: 'r.name',
      fieldNames: ['name', 'runName'],
      aliases: ['run name', 'Run name', 'Run Name'],
      filter: 'both',
      order: 'both',
    },
    status: { type: 'text', sql: 'r.status', filter: 'both', order: 'both' },
    user_id: { type: 'text', sql: 'r.user_id', fieldNames: ['user', 'userId'], filter: 'both', order: 'both' },
    artifact_uri: { type: 'text', sql: 'r.artifact_uri', fieldNames: ['artifactUri'], filter: 'both', order: 'both' },
    start_time: {
      type: 'integer',
      sql: 'r.start_time',
      fieldNames: ['startedAt', 'startTime'],
      aliases: ['created', 'Created'],
      filter: 'both',
      order: 'both',
      orderAliases: ['created', 'Created'],
    },
    end_time: { type: 'integer', sql: 'r.end_time', fieldNames: ['endedAt', 'endTime'], nullable: true, filter: 'both', order: 'both' },
    experiment_id: { type: 'integer', sql: 'r.experiment_id', fieldNames: ['experimentId'], filter: 'widened', order: 'widened' },
    // Milliseconds. Clocks of clients say anything: what can't be a duration is none, and no subtraction overflows.
    duration: {
      type: 'integer',
      sql: '(case when r.start_time > 0 and r.end_time >= r.start_time then r.end_time - r.start_time end)',
      nullable: true,
      filter: 'widened',
      order: 'widened',
    },
  },
  sides: {
    // With the experiment, a search in one experiment can walk run_metrics_value_idx.
    metric: { table: 'run_metrics', owner: ['experiment_id', 'run_id'], id: 'run_id' },
    param: { table: 'run_params', owner: ['experiment_id', 'run_id'], id: 'run_id' },
    tag: { table: 'run_tags', owner: ['experiment_id', 'run_id'], id: 'run_id' },
  },
  interned: true,
  stats: true,
  mlflow: { text: STRING, param: NULLABLE, tag: NULLABLE, dataset: LISTED },
  looseStrings: false,
  orderKinds: ['metric', 'param', 'tag'],
  orderPrefix: true,
  orderTwice: false,
  defaultOrder: [],
  tieBreak: [
    ['start_time', 'desc'],
    ['run_id', 'asc'],
  ],
};

export const EXPERIMENTS: Noun = {
  name: 'experiments',
  alias: 'e',
  entities: REGISTRY_ENTITIES,
  attributes: {
    name: { type: 'text', sql: 'e.name', filter: 'both', order: 'both' },
    creation_time: { type: 'integer', sql: 'e.creation_time', filter: 'both', order: 'both' },
    last_update_time: { type: 'integer', sql: 'e.last_update_time', filter: 'both', order: 'both' },
    experiment_id: { type: 'integer', sql: 'e.experiment_id', filter: 'widened', order: 'both' },
  },
  sides: { tag: { table: 'experiment_tags', owner: ['experiment_id'] } },
  interned: false,
  stats: false,
  mlflow: { ...registryComparators, tag: NULLABLE },
  looseStrings: false,
  orderKinds: [],
  orderPrefix: true,
  orderTwice: true,
  defaultOrder: [
    ['creation_time', 'desc'],
    ['experiment_id', 'asc'],
  ],
  tieBreak: [['experiment_id', 'desc']],
};

export const REGISTERED_MODELS: Noun = {
  name: 'registeredModels',
  alias: 'rm',
  entities: REGISTRY_ENTITIES,
  attributes: {
    name: { type: 'text', sql: 'rm.name', filter: 'both', order: 'both' },
    last_updated_timestamp: { type: 'integer', sql: 'rm.last_update_time', filter: 'widened', order: 'both', orderAliases: ['timestamp'] },
    creation_timestamp: { type: 'integer', sql: 'rm.creation_time', filter: 'widened', order: 'widened' },
  },
  sides: { tag: { table: 'registered_model_tags', owner: ['registered_model_id'] } },
  interned: false,
  stats: false,
  mlflow: registryComparators,
  looseStrings: false,
  orderKinds: [],
  orderPrefix: false,
  orderTwice: false,
  defaultOrder: [],
  tieBreak: [['name', 'asc']],
};

/** Expects `model_versions mv` joined with its `registered_models rm`, which has the name. */
export const MODEL_VERSIONS: Noun = {
  name: 'modelVersions',
  alias: 'mv',
  entities: REGISTRY_ENTITIES,
  attributes: {
    name: { type: 'text', sql: 'rm.name', filter: 'both', order: 'both' },
    version_number: { type: 'integer', sql: 'mv.version', filter: 'both', order: 'both' },
    run_id: { type: 'text', sql: 'mv.run_id', nullable: true, filter: 'both', more: ['IN'] },
    source_path: { type: 'text', sql: 'mv.source', filter: 'both' },
    creation_timestamp: { type: 'integer', sql: 'mv.creation_time', filter: 'widened', order: 'both' },
    last_updated_timestamp: { type: 'integer', sql: 'mv.last_update_time', filter: 'widened', order: 'both' },
    stage: { type: 'text', sql: 'mv.stage', filter: 'widened', order: 'widened' },
    status: { type: 'text', sql: 'mv.status', filter: 'widened', order: 'widened' },
  },
  sides: { tag: { table: 'model_version_tags', owner: ['registered_model_id', 'version'] } },
  interned: false,
  stats: false,
  mlflow: registryComparators,
  looseStrings: false,
  orderKinds: [],
  orderPrefix: true,
  orderTwice: false,
  defaultOrder: [
    ['last_updated_timestamp', 'desc'],
    ['name', 'asc'],
    ['version_number', 'desc'],
  ],
  tieBreak: [
    ['name', 'asc'],
    ['version_number', 'desc'],
  ],
};

export const LOGGED_MODELS: Noun = {
  name: 'loggedModels',
  alias: 'lm',
  entities: { attributes: 'attribute', metrics: 'metric', params: 'param', tags: 'tag' },
  attributes: {
    name: { type: 'text', sql: 'lm.name', filter: 'both', order: 'both' },
    model_id: { type: 'uuid', sql: 'lm.model_id', prefix: 'm-', filter: 'both', order: 'both' },
    model_type: { type: 'text', sql: 'lm.model_type', nullable: true, filter: 'both', order: 'both' },
    status: {
      type: 'text',
      sql: 'lm.status',
      filter: 'both',
      order: 'both',
      values: {
        LOGGED_MODEL_PENDING: 'PENDING',
        LOGGED_MODEL_READY: 'READY',
        LOGGED_MODEL_UPLOAD_FAILED: 'UPLOAD_FAILED',
        // The numbers that the protocol gives them, which MLflow stores.
        1: 'PENDING',
        2: 'READY',
        3: 'UPLOAD_FAILED',
      },
    },
    source_run_id: { type: 'text', sql: 'lm.source_run_id', nullable: true, filter: 'both', order: 'both' },
    experiment_id: { type: 'text', sql: 'lm.experiment_id::text', filter: 'both', order: 'both' },
    creation_timestamp_ms: {
      type: 'integer',
      sql: 'lm.creation_time',
      aliases: ['creation_time', 'creation_timestamp'],
      filter: 'both',
      order: 'both',
      orderAliases: ['creation_time', 'creation_timestamp'],
    },
    last_updated_timestamp_ms: {
      type: 'integer',
      sql: 'lm.last_update_time',
      aliases: ['last_updated_timestamp'],
      filter: 'both',
      order: 'both',
      orderAliases: ['last_updated_timestamp'],
    },
  },
  sides: {
    metric: { table: 'logged_model_metrics', owner: ['model_id'] },
    param: { table: 'logged_model_params', owner: ['model_id'] },
    tag: { table: 'logged_model_tags', owner: ['model_id'] },
  },
  interned: false,
  stats: false,
  mlflow: { text: LISTED, param: LISTED, tag: LISTED, dataset: [] },
  looseStrings: true,
  orderKinds: ['metric'],
  orderPrefix: false,
  orderTwice: true,
  defaultOrder: [],
  tieBreak: [
    ['creation_timestamp_ms', 'desc'],
    ['model_id', 'asc'],
  ],
};
