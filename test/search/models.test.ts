// What only models have: prompts that hide among registered models, and metrics of logged models that belong to datasets.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SearchRequest, searchLoggedModels, searchModelVersions, searchRegisteredModels } from '../../src/search/search.ts';
import type { DatasetScope } from '../../src/search/where.ts';
import { type FreshDatabase, freshDatabase } from '../support/database.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
  const run = (text: string) => database.db.rows({ text });
  await run(`insert into teams (team_id, slug, name) overriding system value values (1, 't', 't')`);
  await run(
    `insert into registered_models (team_id, name, creation_time, last_update_time) select team_id, n, 1, 1 from teams, unnest(array['model', 'prompt', 'former']) n`,
  );
  await run(`insert into model_versions (team_id, registered_model_id, version, source, storage_location, creation_time, last_update_time)
             select team_id, registered_model_id, v, '', '', v, v from registered_models, generate_series(1, 2) v`);
  await run(`insert into registered_model_tags select team_id, registered_model_id, 'mlflow.prompt.is_prompt', case name when 'prompt' then 'true' else 'false' end
             from registered_models where name <> 'model'`);
  // Only the first version of the prompt has the tag, as when the other was made by hand.
  await run(
    `insert into model_version_tags select team_id, registered_model_id, 1, 'mlflow.prompt.is_prompt', 'true' from registered_models where name = 'prompt'`,
  );
  await run(
    `insert into experiments (team_id, experiment_id, name, artifact_location, creation_time, last_update_time) select team_id, 0, 'e', '', 0, 0 from teams`,
  );
  await run(`insert into logged_models (team_id, model_id, experiment_id, name, artifact_uri, status, creation_time, last_update_time)
             select team_id, lpad(n::text, 32, '0')::uuid, 0, 'm' || n, '', 'READY', n, n from teams, generate_series(1, 4) n`);
  await run(`insert into logged_model_metrics (team_id, model_id, key, run_id, dataset_name, dataset_digest, step, timestamp, value)
             select team_id, lpad(m::text, 32, '0')::uuid, 'acc', gen_random_uuid(), dataset, digest, step, step, value
             from teams, (values (1, 'train', 'd1', 1, 0.9), (1, 'test', 'd2', 2, 0.5), (2, 'train', 'd2', 1, 0.7), (3, '', '', 1, 0.8)) as v (m, dataset, digest, step, value)`);
});
afterAll(() => database?.drop());

describe('prompts', () => {
  const names = async (filter: string, dialect: SearchRequest['dialect'] = 'mlflow') => {
    const values: unknown[] = [1];
    const { where, orderBy } = searchRegisteredModels({ dialect, filter, now: 0 }).compile({ team: '$1', values });
    const rows = await database.db.rows<{ name: string }>(
      { text: `select rm.name from registered_models rm where rm.team_id = $1 and ${where} order by ${orderBy}` },
      values,
    );
    return rows.map((row) => row.name);
  };
  const versions = async (filter: string) => {
    const values: unknown[] = [1];
    const { where, orderBy } = searchModelVersions({ dialect: 'mlflow', filter, orderBy: ['name', 'version_number'], now: 0 }).compile({
      team: '$1',
      values,
    });
    const text = `select rm.name || mv.version as name from model_versions mv
      join registered_models rm on rm.team_id = mv.team_id and rm.registered_model_id = mv.registered_model_id where mv.team_id = $1 and ${where} order by ${orderBy}`;
    return (await database.db.rows<{ name: string }>({ text }, values)).map((row) => row.name);
  };
  const tag = 'tags.`mlflow.prompt.is_prompt`';

  test('are found only by who asks for them', async () => {
    expect(await names('')).toEqual(['former', 'model']);
    expect(await names("name LIKE '%'")).toEqual(['former', 'model']);
    expect(await names(`${tag} = 'true'`)).toEqual(['prompt']);
    expect(await names(`${tag} != 'false'`)).toEqual(['prompt']);
    // What MLflow's client adds to every search of models.
    expect(await names(`name LIKE '%o%' AND ${tag} != 'true'`)).toEqual(['former', 'model']);
    expect(await names(`${tag} = 'false'`)).toEqual(['former', 'model']);
    expect(await names(`NOT ${tag} = 'true'`, 'widened')).toEqual(['former', 'model']);
    expect(await names(`${tag} IS NULL`, 'widened')).toEqual(['model']);
  });

  test('have versions that hide together', async () => {
    expect(await versions('')).toEqual(['former1', 'former2', 'model1', 'model2']);
    expect(await versions(`${tag} = 'true'`)).toEqual(['prompt1']);
    expect(await versions(`name = 'prompt' and ${tag} != 'true'`)).toEqual([]);
  });
});

describe('metrics of logged models', () => {
  const names = async (request: Partial<SearchRequest> & { datasets?: DatasetScope[] }) => {
    const values: unknown[] = [1];
    const { joins, where, orderBy } = searchLoggedModels({ dialect: 'mlflow', now: 0, ...request }).compile({ team: '$1', values });
    const rows = await database.db.rows<{ name: string }>(
      { text: `select lm.name from logged_models lm ${joins} where lm.team_id = $1 and ${where} order by ${orderBy}` },
      values,
    );
    return rows.map((row) => row.name);
  };

  test('satisfy a filter by any point, or by those on the datasets of the scope', async () => {
    expect(await names({ filter: 'metrics.acc > 0.75' })).toEqual(['m3', 'm1']);
    expect(await names({ filter: 'metrics.acc > 0.6', datasets: [{ datasetName: 'train' }] })).toEqual(['m2', 'm1']);
    expect(await names({ filter: 'metrics.acc > 0.6', datasets: [{ datasetName: 'train', datasetDigest: 'd1' }] })).toEqual(['m1']);
    expect(await names({ filter: 'metrics.acc > 0.6', datasets: [{ datasetName: 'test' }, { datasetName: 'train', datasetDigest: 'd2' }] })).toEqual([
      'm2',
    ]);
    expect(await names({ datasets: [{ datasetName: 'test' }] })).toEqual(['m1']);
  });

  test('order by the newest, of one dataset if it is named; models without come last', async () => {
    expect(await names({ orderBy: [{ field: 'metrics.acc', ascending: false }] })).toEqual(['m3', 'm2', 'm1', 'm4']);
    expect(await names({ orderBy: [{ field: 'metrics.acc', ascending: true, datasetName: 'train' }] })).toEqual(['m2', 'm1', 'm4', 'm3']);
    expect(await names({ orderBy: [{ field: 'metrics.acc', datasetName: 'train', datasetDigest: 'd1' }] })).toEqual(['m1', 'm4', 'm3', 'm2']);
  });

  test('a scope needs names', () => {
    expect(() => searchLoggedModels({ dialect: 'mlflow', now: 0, datasets: [{ datasetName: '' }] })).toThrow('Give the name of each dataset.');
  });
});
