// Random but repeatable rows of every searchable noun, in a real database and in memory.
import type { Db } from '../../src/postgres/pool.ts';
import { type Metric, type Order, type Row, scaledSum } from './evaluate.ts';
import { type Random, randomFrom } from './random.ts';

export type Kit = {
  noun: 'runs' | 'experiments' | 'registeredModels' | 'modelVersions' | 'loggedModels';
  from: string;
  id: string;
  rows: Row[];
  /** Attributes to filter and order by in both dialects, with values worth asking for. */
  text: Record<string, readonly string[]>;
  integers: Record<string, readonly (number | bigint)[]>;
  ordered: readonly string[];
  sides: readonly ('metric' | 'param' | 'tag')[];
  /** The order appended to any other, and the one when none is given. */
  tieBreak: Order[];
  defaultOrder?: Order[];
};

export const TEXTS = ['', 'a', 'A', 'ab', 'abc', 'b_c', 'b%c', 'bxc', 'Été', 'x\\y', '10', '9', '1e2', '.5', '-3', '1e400', 'new\nline', 'zz top'];
export const KEYS = ['a', 'b', 'x.max', 'lr rate', 'nowhere'];
const NUMBERS = [0, -0, 1, 1.5, -2, 0.1, 1e300, -1e-300, 5e-324, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
const TIMES = [0n, 1n, 2n, 1700000000000n, 9223372036854775807n, -9223372036854775808n];
const attribute = (key: string, descending = false): Order => ({ at: { entity: 'attribute', key }, descending });

const hexId = (random: Random) => Array.from({ length: 32 }, () => random.int(16).toString(16)).join('');
const texts = (random: Random, keys = KEYS.slice(0, 4)) => new Map(keys.filter(() => random.chance(0.6)).map((key) => [key, random.pick(TEXTS)]));

function metrics(random: Random): Map<string, Metric> {
  const found = new Map<string, Metric>();
  for (const key of KEYS.slice(0, 4)) {
    if (!random.chance(0.6)) continue;
    // Points of one metric differ, as they do where each is a row.
    const points = [...new Set(Array.from({ length: 1 + random.int(3) }, () => random.pick(NUMBERS)))];
    found.set(key, { points, value: points.at(-1)! });
  }
  return found;
}

/** Makes two teams with the same ids and other values; what comes back is the first one's. */
export async function makeKits(db: Db, seed: number, size: number): Promise<{ teamId: number; keyIds: Map<string, number>; kits: Kit[] }> {
  const random = randomFrom(seed);
  const ids = Array.from({ length: size }, () => hexId(random));
  const teams: { teamId: number; keyIds: Map<string, number>; kits: Kit[] }[] = [];
  for (const slug of ['searched', 'other']) {
    const team = await db.row<{ team_id: number }>({ text: 'insert into teams (slug, name) values ($1, $1) returning team_id' }, [slug]);
    const teamId = team!.team_id;
    const keys = await db.rows<{ name: string; key_id: number }>(
      { text: 'insert into keys (team_id, name) select $1, unnest($2::text[]) returning name, key_id' },
      [teamId, KEYS.slice(0, 4)],
    );
    const keyIds = new Map(keys.map(({ name, key_id }) => [name, key_id]));
    const kits = [await experiments(db, random, teamId), await runs(db, random, teamId, keyIds, ids), await loggedModels(db, random, teamId, ids)];
    kits.push(...(await registry(db, random, teamId)));
    teams.push({ teamId, keyIds, kits });
  }
  return teams[0]!;
}

/** Inserts rows of one table, column by column. */
async function insert(db: Db, table: string, columns: Record<string, string>, rows: unknown[][]): Promise<void> {
  if (rows.length === 0) return;
  const types = Object.values(columns);
  const lists = types.map((_, column) => rows.map((row) => (typeof row[column] === 'bigint' ? String(row[column]) : row[column])));
  const text = `insert into ${table} (${Object.keys(columns).join(', ')}) select * from unnest(${types.map((type, index) => `$${index + 1}::${type}[]`).join(', ')})`;
  await db.rows({ text }, lists);
}

const empty = () => ({ metrics: new Map(), params: new Map(), tags: new Map(), datasets: [] });

async function experiments(db: Db, random: Random, teamId: number): Promise<Kit> {
  const rows: Row[] = Array.from({ length: 40 }, (_, index) => ({
    ...empty(),
    id: String(index),
    attributes: {
      name: `${random.pick(TEXTS)}${index}`,
      creation_time: random.pick(TIMES),
      last_update_time: random.pick(TIMES),
      experiment_id: BigInt(index),
    },
    tags: texts(random),
  }));
  await insert(
    db,
    'experiments',
    { team_id: 'int', experiment_id: 'int', name: 'text', artifact_location: 'text', creation_time: 'bigint', last_update_time: 'bigint' },
    rows.map(({ id, attributes: a }) => [teamId, id, a.name, 'mlflow-artifacts:/', a.creation_time, a.last_update_time]),
  );
  const tags = rows.flatMap(({ id, tags }) => [...tags].map(([key, value]) => [teamId, id, key, value]));
  await insert(db, 'experiment_tags', { team_id: 'int', experiment_id: 'int', key: 'text', value: 'text' }, tags);
  return {
    noun: 'experiments',
    from: 'experiments e',
    id: 'e.experiment_id::text',
    rows,
    text: { name: ['a1', '%1%', 'A%', '_b%'] },
    integers: { creation_time: [0, 1.5, 9223372036854775807n, Number.POSITIVE_INFINITY], last_update_time: [1, -1] },
    ordered: ['name', 'creation_time', 'last_update_time', 'experiment_id'],
    sides: ['tag'],
    tieBreak: [attribute('experiment_id', true)],
    defaultOrder: [attribute('creation_time', true), attribute('experiment_id')],
  };
}

async function runs(db: Db, random: Random, teamId: number, keyIds: Map<string, number>, ids: string[]): Promise<Kit> {
  const names = ['train', 'test', 'Iris', ''];
  const rows: Row[] = ids.map((id) => ({
    id,
    attributes: {
      run_id: id,
      run_name: random.pick(TEXTS),
      status: random.pick(['RUNNING', 'FINISHED', 'FAILED', 'KILLED', 'SCHEDULED']),
      user_id: random.pick(['ada', 'Ada', '']),
      artifact_uri: `mlflow-artifacts:/0/${id}`,
      start_time: random.pick(TIMES),
      end_time: random.chance(0.7) ? random.pick(TIMES) : null,
    },
    metrics: metrics(random),
    params: texts(random),
    tags: texts(random),
    datasets: random.chance(0.4)
      ? [...new Set([random.pick(names), random.pick(names)])].map((name) => ({
          name,
          digest: `d${name}`,
          context: random.chance(0.6) ? random.pick(['train', 'eval']) : null,
        }))
      : [],
  }));
  await insert(
    db,
    'runs',
    {
      team_id: 'int',
      run_id: 'uuid',
      experiment_id: 'int',
      name: 'text',
      status: 'text',
      user_id: 'text',
      start_time: 'bigint',
      end_time: 'bigint',
      artifact_uri: 'text',
    },
    rows.map(({ id, attributes: a }) => [teamId, id, 0, a.run_name, a.status, a.user_id, a.start_time, a.end_time, a.artifact_uri]),
  );
  const owner = { team_id: 'int', run_id: 'uuid', key_id: 'int', experiment_id: 'int' };
  for (const [table, side] of [
    ['run_params', 'params'],
    ['run_tags', 'tags'],
  ] as const) {
    const values = rows.flatMap((row) => [...row[side]].map(([key, value]) => [teamId, row.id, keyIds.get(key), 0, value]));
    await insert(db, table, { ...owner, value: 'text' }, values);
  }
  const stats = rows.flatMap((row) =>
    [...row.metrics].map(([key, { points, value }]) => {
      const numbers = points.filter((point) => !Number.isNaN(point));
      const sum = scaledSum({ points, value });
      const [min, max] = numbers.length > 0 ? [Math.min(...numbers), Math.max(...numbers)] : [null, null];
      return [teamId, row.id, keyIds.get(key), 0, value, 0, 0, min, max, sum, points.length, points.length - numbers.length, points[0], 0, 0];
    }),
  );
  const floats = {
    min: 'float8',
    max: 'float8',
    scaled_sum: 'float8',
    count: 'bigint',
    nan_count: 'bigint',
    first_value: 'float8',
    first_step: 'bigint',
    first_timestamp: 'bigint',
  };
  await insert(db, 'run_metrics', { ...owner, value: 'float8', step: 'bigint', timestamp: 'bigint', ...floats }, stats);
  const made = await db.rows<{ name: string; dataset_id: number }>(
    {
      text: `insert into datasets (team_id, experiment_id, name, digest, source_type, source) select $1, 0, n, 'd' || n, '', '' from unnest($2::text[]) n returning name, dataset_id`,
    },
    [teamId, names],
  );
  const datasetIds = new Map(made.map(({ name, dataset_id }) => [name, dataset_id]));
  const inputs = rows.flatMap((row) =>
    row.datasets.map((dataset) => ({ key: [teamId, row.id, datasetIds.get(dataset.name)], context: dataset.context })),
  );
  const inputKey = { team_id: 'int', run_id: 'uuid', dataset_id: 'bigint' };
  await insert(
    db,
    'run_datasets',
    inputKey,
    inputs.map(({ key }) => key),
  );
  const contexts = inputs.flatMap(({ key, context }) => [
    [...key, 'note', 'eval'],
    ...(context === null ? [] : [[...key, 'mlflow.data.context', context]]),
  ]);
  await insert(db, 'run_dataset_tags', { ...inputKey, key: 'text', value: 'text' }, contexts);
  return {
    noun: 'runs',
    from: 'runs r',
    id: 'r.run_id',
    rows,
    text: {
      run_id: [ids[0]!, ids[1]!.toUpperCase(), '12', '%a%', `${ids[2]!.slice(0, 8)}%`],
      run_name: TEXTS,
      status: ['FINISHED', 'FAIL%', 'finished'],
      user_id: ['ada', 'a%', ''],
      artifact_uri: ['%/0/a%'],
    },
    integers: {
      start_time: [
        0,
        1.5,
        9223372036854775807n,
        -9223372036854775808n,
        9223372036854775808n,
        Number.POSITIVE_INFINITY,
        Number.NEGATIVE_INFINITY,
        1e-320,
      ],
      end_time: [1, 2, 1e19, -0.5],
    },
    ordered: ['run_id', 'run_name', 'status', 'user_id', 'artifact_uri', 'start_time', 'end_time'],
    sides: ['metric', 'param', 'tag'],
    tieBreak: [attribute('start_time', true), attribute('run_id')],
  };
}

async function loggedModels(db: Db, random: Random, teamId: number, runIds: string[]): Promise<Kit> {
  const rows: Row[] = Array.from({ length: 60 }, () => {
    const id = hexId(random);
    const attributes = {
      model_id: `m-${id}`,
      name: random.pick(TEXTS),
      model_type: random.chance(0.5) ? random.pick(['agent', 'Classifier']) : null,
      status: random.pick(['PENDING', 'READY', 'UPLOAD_FAILED']),
      source_run_id: random.chance(0.6) ? random.pick(runIds) : null,
      experiment_id: random.pick(['0', '1', '2']),
      creation_timestamp_ms: random.pick(TIMES),
      last_updated_timestamp_ms: random.pick(TIMES),
    };
    return {
      id: attributes.model_id,
      attributes,
      metrics: metrics(random),
      params: texts(random),
      tags: texts(random),
      datasets: [],
      everyPoint: true,
    };
  });
  const uuid = (row: Row) => row.id.slice(2);
  await insert(
    db,
    'logged_models',
    {
      team_id: 'int',
      model_id: 'uuid',
      experiment_id: 'int',
      name: 'text',
      model_type: 'text',
      artifact_uri: 'text',
      status: 'text',
      source_run_id: 'text',
      creation_time: 'bigint',
      last_update_time: 'bigint',
    },
    rows.map((row) => {
      const a = row.attributes;
      return [
        teamId,
        uuid(row),
        a.experiment_id,
        a.name,
        a.model_type,
        'mlflow-artifacts:/',
        a.status,
        a.source_run_id,
        a.creation_timestamp_ms,
        a.last_updated_timestamp_ms,
      ];
    }),
  );
  for (const [table, side] of [
    ['logged_model_params', 'params'],
    ['logged_model_tags', 'tags'],
  ] as const) {
    const values = rows.flatMap((row) => [...row[side]].map(([key, value]) => [teamId, uuid(row), key, value]));
    await insert(db, table, { team_id: 'int', model_id: 'uuid', key: 'text', value: 'text' }, values);
  }
  const points = rows.flatMap((row) =>
    [...row.metrics].flatMap(([key, metric]) => metric.points.map((value, step) => [teamId, uuid(row), key, runIds[0], step, step, value])),
  );
  const columns = { team_id: 'int', model_id: 'uuid', key: 'text', run_id: 'uuid', step: 'bigint', timestamp: 'bigint', value: 'float8' };
  await insert(db, 'logged_model_metrics', columns, points);
  return {
    noun: 'loggedModels',
    from: 'logged_models lm',
    id: `'m-' || replace(lm.model_id::text, '-', '')`,
    rows,
    text: {
      name: TEXTS,
      model_id: [rows[0]!.id, 'm-%', rows[1]!.id.slice(2), 'm-0%'],
      model_type: ['agent', 'c%'],
      status: ['READY', 'P%'],
      source_run_id: [runIds[0]!, 'x'],
      experiment_id: ['0', '1', '%'],
    },
    integers: { creation_timestamp_ms: [0, 1.5, 1e30], last_updated_timestamp_ms: [2] },
    ordered: ['name', 'model_id', 'model_type', 'status', 'source_run_id', 'experiment_id', 'creation_timestamp_ms', 'last_updated_timestamp_ms'],
    sides: ['metric', 'param', 'tag'],
    tieBreak: [attribute('creation_timestamp_ms', true), attribute('model_id')],
  };
}

async function registry(db: Db, random: Random, teamId: number): Promise<Kit[]> {
  const models: Row[] = Array.from({ length: 40 }, (_, index) => ({
    ...empty(),
    id: `${random.pick(TEXTS)}-${index}`,
    attributes: { last_updated_timestamp: random.pick(TIMES) },
    tags: texts(random),
  }));
  for (const model of models) model.attributes.name = model.id;
  const made = await db.rows<{ name: string; id: number }>(
    {
      text: `insert into registered_models (team_id, name, creation_time, last_update_time)
             select $1, * from unnest($2::text[], $3::bigint[], $3::bigint[]) returning name, registered_model_id as id`,
    },
    [teamId, models.map((model) => model.id), models.map((model) => String(model.attributes.last_updated_timestamp))],
  );
  const modelIds = new Map(made.map(({ name, id }) => [name, id]));
  const tags = models.flatMap((model) => [...model.tags].map(([key, value]) => [teamId, modelIds.get(model.id), key, value]));
  await insert(db, 'registered_model_tags', { team_id: 'int', registered_model_id: 'int', key: 'text', value: 'text' }, tags);

  const versions: Row[] = models.flatMap((model) =>
    Array.from({ length: 1 + random.int(3) }, (_, index) => ({
      ...empty(),
      id: `${model.id}/${index + 1}`,
      attributes: {
        name: model.id,
        version_number: BigInt(index + 1),
        run_id: random.chance(0.6) ? random.pick(['r1', 'R2', '']) : null,
        source_path: random.pick(['runs:/r1/model', 's3://b/x_y']),
        creation_timestamp: random.pick(TIMES),
        last_updated_timestamp: random.pick(TIMES),
      },
      tags: texts(random),
    })),
  );
  await insert(
    db,
    'model_versions',
    {
      team_id: 'int',
      registered_model_id: 'int',
      version: 'int',
      source: 'text',
      storage_location: 'text',
      run_id: 'text',
      creation_time: 'bigint',
      last_update_time: 'bigint',
    },
    versions.map(({ attributes: a }) => [
      teamId,
      modelIds.get(a.name as string),
      a.version_number,
      a.source_path,
      a.source_path,
      a.run_id,
      a.creation_timestamp,
      a.last_updated_timestamp,
    ]),
  );
  const versionTags = versions.flatMap((row) =>
    [...row.tags].map(([key, value]) => [teamId, modelIds.get(row.attributes.name as string), row.attributes.version_number, key, value]),
  );
  await insert(db, 'model_version_tags', { team_id: 'int', registered_model_id: 'int', version: 'int', key: 'text', value: 'text' }, versionTags);
  return [
    {
      noun: 'registeredModels',
      from: 'registered_models rm',
      id: 'rm.name',
      rows: models,
      text: { name: ['a-1', 'a%', 'A%', '%-1_'] },
      integers: {},
      ordered: ['name', 'last_updated_timestamp'],
      sides: ['tag'],
      tieBreak: [attribute('name')],
    },
    {
      noun: 'modelVersions',
      from: 'model_versions mv join registered_models rm on rm.team_id = mv.team_id and rm.registered_model_id = mv.registered_model_id',
      id: `rm.name || '/' || mv.version`,
      rows: versions,
      text: { name: ['a-1', 'a%', 'A%'], run_id: ['r1', 'R2', 'r%', ''], source_path: ['runs:/r1/model', '%x_y'] },
      integers: { version_number: [1, 2, 1.5, 1e10] },
      ordered: ['name', 'version_number', 'creation_timestamp', 'last_updated_timestamp'],
      sides: ['tag'],
      tieBreak: [attribute('name'), attribute('version_number', true)],
      defaultOrder: [attribute('last_updated_timestamp', true), attribute('name'), attribute('version_number', true)],
    },
  ];
}
