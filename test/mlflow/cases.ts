// One request for every route of the MLflow door, with every field it reads. The walks in isolation.test.ts and badInput.test.ts go over this table.
import { hashApiToken } from '../../src/auth/apiTokens.ts';
import { insertApiToken, insertTeam } from '../../src/db/people/teams.ts';
import { insertUser } from '../../src/db/people/users.ts';
import { artifactEndpoints } from '../../src/mlflow/artifacts.ts';
import { routes } from '../../src/mlflow/routes.ts';
import { ADMIN_TOKEN, type TestApp } from '../support/app.ts';

/** Somebody with a team of their own and nothing else. */
export type Person = { token: string; slug: string };

/** What the requests speak of. All of it belongs to one team, or none of it exists. */
export type Scene = {
  slug: string;
  experiment: string;
  experimentName: string;
  run: string;
  /** In the same experiment, to be given models. */
  otherRun: string;
  model: string;
  registered: string;
  version: string;
  alias: string;
  webhook: string;
  file: string;
};

export type Fields = Record<string, unknown>;
export type Case = {
  /** `at`: what is asked for. `own`: the caller's own things, where a request needs some. */
  fields: (at: Scene, own: Scene) => Fields;
  /** Fields without which the answer is 400. */
  required?: string[];
  /** Why a stranger may succeed: nothing of the team is named. */
  public?: string;
  /** What its owner is answered, where it isn't 2xx: 501 for what only an S3 store can do. */
  status?: number;
  body?: (at: Scene) => string;
};

let people = 0;

export async function seedPerson(app: TestApp): Promise<Person> {
  people += 1;
  const { prisma, newId, now } = app.deps;
  const slug = `team-of-${people}`;
  const name = `person-${people}`;
  const token = `${people}`.padStart(40, 'P');
  const { userId } = await insertUser(prisma, { email: `${name}@example.com`, name, passwordHash: '', isAdmin: false });
  const { teamId } = await insertTeam(prisma, { slug, name: slug, adminId: userId, now: now() });
  // Numbers that no other team has, so that they can be told apart in answers.
  await app.deps.db.pool.query('update team_counters set next_experiment_id = $2 where team_id = $1', [teamId, people * 1_000_001]);
  const tokenHash = new Uint8Array(hashApiToken(token));
  await insertApiToken(prisma, { tokenId: newId(), tokenHash, userId, teamId: null, name, role: null, createdAt: new Date(now()), expiresAt: null });
  return { slug, token };
}

/** An experiment with two runs, a logged model, a registered model with a version and an alias, a webhook and a file. */
export async function seedScene(app: TestApp, person: Person): Promise<Scene> {
  const call = async (method: string, path: string, body: Fields) => {
    const answer = await app.mlflow(method, `2.0/mlflow/${path}`, body, { token: person.token });
    if (answer.status !== 200) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const mark = Math.random().toString(36).slice(2, 10);
  const experimentName = `experiment ${mark}`;
  const registered = `registered ${mark}`;
  const tags = [{ key: 'tag', value: 'x' }];
  const { experiment_id: experiment } = await call('POST', 'experiments/create', { name: experimentName, tags });
  const newRun = async () => (await call('POST', 'runs/create', { experiment_id: experiment, start_time: 1, tags })).run.info.run_id;
  const run = await newRun();
  const otherRun = await newRun();
  await call('POST', 'runs/log-batch', {
    run_id: run,
    metrics: [1, 2, 3].map((step) => ({ key: 'loss', value: 1 / step, timestamp: step, step })),
    params: [{ key: 'lr', value: '0.1' }],
  });
  const logged = await call('POST', 'logged-models', {
    experiment_id: experiment,
    name: 'm',
    source_run_id: run,
    tags,
    params: [{ key: 'p', value: '1' }],
  });
  const model = logged.model.info.model_id;
  const dataset = { name: 'd', digest: '1', source_type: 'http', source: '{}' };
  await call('POST', 'runs/log-inputs', { run_id: run, datasets: [{ dataset, tags: [{ key: 'mlflow.data.context', value: 'train' }] }] });
  await call('POST', 'registered-models/create', { name: registered, tags });
  const source = `mlflow-artifacts:/${experiment}/${run}/artifacts/m`;
  await call('POST', 'model-versions/create', { name: registered, source, run_id: run, tags });
  await call('POST', 'registered-models/alias', { name: registered, alias: 'champion', version: '1' });
  const events = [{ entity: 'MODEL_VERSION', action: 'CREATED' }];
  const hook = await call('POST', 'webhooks', { name: 'hook', url: 'https://example.com/', events });
  const file = 'folder/a.txt';
  for (const home of [`${run}/artifacts/m/`, `${run}/artifacts/`, `models/${model}/artifacts/`]) {
    const url = `${app.url}/api/2.0/mlflow-artifacts/artifacts/${experiment}/${home}${file}`;
    const put = await fetch(url, { method: 'PUT', body: 'text', headers: { authorization: `Bearer ${person.token}` } });
    if (put.status !== 200) throw new Error(await put.text());
  }
  return {
    slug: person.slug,
    experiment,
    experimentName,
    run,
    otherRun,
    model,
    registered,
    version: '1',
    alias: 'champion',
    webhook: hook.webhook.webhook_id,
    file,
  };
}

/** Nobody's: the ids have the form of real ones. */
export function nowhere(): Scene {
  const hex = () => Array.from({ length: 32 }, () => Math.floor(Math.random() * 16).toString(16)).join('');
  return {
    slug: `no-team-${people}`,
    experiment: '987654',
    experimentName: 'no experiment',
    run: hex(),
    otherRun: hex(),
    model: `m-${hex()}`,
    registered: 'no registered model',
    version: '1',
    alias: 'champion',
    webhook: `${hex().slice(0, 8)}-${hex().slice(0, 4)}-4${hex().slice(0, 3)}-8${hex().slice(0, 3)}-${hex().slice(0, 12)}`,
    file: 'folder/a.txt',
  };
}

const tag = { key: 'tag', value: 'y' };
const page = { max_results: 5, page_token: '' };
const ofRun =
  (more: Fields = {}) =>
  (at: Scene): Fields => ({ run_id: at.run, run_uuid: at.run, ...more });
const ofModel =
  (more: Fields = {}) =>
  (at: Scene): Fields => ({ model_id: at.model, ...more });
const named =
  (more: Fields = {}) =>
  (at: Scene): Fields => ({ name: at.registered, ...more });
const ofVersion =
  (more: Fields = {}) =>
  (at: Scene): Fields => ({ name: at.registered, version: at.version, ...more });
const ofExperiment =
  (more: Fields = {}) =>
  (at: Scene): Fields => ({ experiment_id: at.experiment, ...more });
const metric = { key: 'loss', value: 0.5, timestamp: 9, step: 9, dataset_name: 'd', dataset_digest: '1' };
const runFolder = (at: Scene) => `${at.experiment}/${at.run}/artifacts`;
const webhookEvents = [{ entity: 'REGISTERED_MODEL', action: 'CREATED' }];
const proxy = '2.0/mlflow-artifacts';

/** By method and path of the route tables. */
export const CASES: Record<string, Case> = {
  'POST 2.0/mlflow/experiments/create': {
    fields: (at) => ({ name: `${at.experimentName} again`, artifact_location: '', tags: [tag] }),
    required: ['name'],
    public: 'names are free in each team',
  },
  'GET 2.0/mlflow/experiments/get': { fields: ofExperiment(), required: ['experiment_id'] },
  'GET 2.0/mlflow/experiments/get-by-name': { fields: (at) => ({ experiment_name: at.experimentName }), required: ['experiment_name'] },
  'POST 2.0/mlflow/experiments/search': {
    fields: (at) => ({ ...page, filter: `name = '${at.experimentName}'`, order_by: ['name'], view_type: 'ACTIVE_ONLY' }),
  },
  'GET 2.0/mlflow/experiments/search': {
    fields: (at) => ({ ...page, filter: `name = '${at.experimentName}'`, order_by: ['name'], view_type: 'ACTIVE_ONLY' }),
  },
  'GET 2.0/mlflow/experiments/list': { fields: () => ({ ...page, view_type: 'ALL' }) },
  'POST 2.0/mlflow/experiments/delete': { fields: ofExperiment(), required: ['experiment_id'] },
  'POST 2.0/mlflow/experiments/restore': { fields: ofExperiment(), required: ['experiment_id'] },
  'POST 2.0/mlflow/experiments/update': { fields: ofExperiment({ new_name: 'renamed' }), required: ['experiment_id'] },
  'POST 2.0/mlflow/experiments/set-experiment-tag': { fields: ofExperiment(tag), required: ['experiment_id', 'key', 'value'] },
  'POST 2.0/mlflow/experiments/delete-experiment-tag': { fields: ofExperiment({ key: 'tag' }), required: ['experiment_id', 'key'] },

  'POST 2.0/mlflow/runs/create': { fields: ofExperiment({ user_id: 'u', run_name: 'name', start_time: 5, tags: [tag] }) },
  'POST 2.0/mlflow/runs/update': { fields: ofRun({ status: 'FINISHED', end_time: 5, run_name: 'renamed' }), required: ['run_id+run_uuid'] },
  'POST 2.0/mlflow/runs/delete': { fields: ofRun(), required: ['run_id+run_uuid'] },
  'POST 2.0/mlflow/runs/restore': { fields: ofRun(), required: ['run_id+run_uuid'] },
  'GET 2.0/mlflow/runs/get': { fields: ofRun(), required: ['run_id+run_uuid'] },
  'POST 2.0/mlflow/runs/search': {
    fields: (at) => ({
      ...page,
      experiment_ids: [at.experiment],
      filter: `run_id = '${at.run}'`,
      order_by: ['metrics.loss'],
      run_view_type: 'ALL',
    }),
  },
  'POST 2.0/mlflow/runs/log-metric': {
    fields: (at) => ofRun({ ...metric, model_id: at.model })(at),
    required: ['run_id+run_uuid', 'key', 'value', 'timestamp'],
  },
  'POST 2.0/mlflow/runs/log-parameter': { fields: ofRun({ key: 'new', value: '1' }), required: ['run_id+run_uuid', 'key', 'value'] },
  'POST 2.0/mlflow/runs/log-batch': {
    fields: (at) => ofRun({ metrics: [{ ...metric, model_id: at.model }], params: [{ key: 'new', value: '1' }], tags: [tag] })(at),
    required: ['run_id+run_uuid'],
  },
  'POST 2.0/mlflow/runs/set-tag': { fields: ofRun(tag), required: ['run_id+run_uuid', 'key', 'value'] },
  'POST 2.0/mlflow/runs/delete-tag': { fields: ofRun({ key: 'tag' }), required: ['run_id+run_uuid', 'key'] },

  'GET 2.0/mlflow/metrics/get-history': { fields: ofRun({ metric_key: 'loss', ...page }), required: ['run_id+run_uuid', 'metric_key'] },
  'GET 2.0/mlflow/metrics/get-history-bulk': {
    fields: (at) => ({ run_id: [at.run], metric_key: 'loss', max_results: 5 }),
    required: ['run_id', 'metric_key'],
  },
  'GET 2.0/mlflow/metrics/get-history-bulk-interval': {
    fields: (at) => ({ run_ids: [at.run], metric_key: 'loss', start_step: 1, end_step: 2, max_results: 5 }),
    required: ['run_ids', 'metric_key', 'start_step', 'end_step'],
  },

  'POST 2.0/mlflow/runs/log-inputs': {
    fields: (at) => ({
      run_id: at.run,
      datasets: [{ dataset: { name: 'e', digest: '2', source_type: 'http', source: '{}', schema: '{}', profile: '{}' }, tags: [tag] }],
      models: [{ model_id: at.model }],
    }),
    required: ['run_id'],
  },
  'POST 2.0/mlflow/runs/outputs': { fields: (at) => ({ run_id: at.run, models: [{ model_id: at.model, step: 1 }] }), required: ['run_id', 'models'] },
  'POST 2.0/mlflow/runs/log-model': {
    fields: (at) => ({
      run_id: at.run,
      model_json: JSON.stringify({ artifact_path: 'm', flavors: {}, utc_time_created: '2026-01-01', run_id: at.run }),
    }),
    required: ['run_id', 'model_json'],
  },
  'POST 2.0/mlflow/experiments/search-datasets': { fields: (at) => ({ experiment_ids: [at.experiment] }), required: ['experiment_ids'] },

  'POST 2.0/mlflow/logged-models': {
    fields: ofExperiment({ name: 'new', model_type: 't', source_run_id: '', params: [{ key: 'p', value: '1' }], tags: [tag] }),
    required: ['experiment_id'],
  },
  'POST 2.0/mlflow/logged-models/search': {
    fields: (at) => ({
      ...page,
      experiment_ids: [at.experiment],
      filter: "name = 'm'",
      datasets: [],
      order_by: [{ field_name: 'name', ascending: true }],
    }),
    required: ['experiment_ids'],
  },
  'GET 2.0/mlflow/logged-models/:model_id': { fields: ofModel({ allow_deleted: true }) },
  'PATCH 2.0/mlflow/logged-models/:model_id': { fields: ofModel({ status: 'LOGGED_MODEL_READY' }), required: ['status'] },
  'DELETE 2.0/mlflow/logged-models/:model_id': { fields: ofModel() },
  'PATCH 2.0/mlflow/logged-models/:model_id/tags': { fields: ofModel({ tags: [tag] }) },
  'DELETE 2.0/mlflow/logged-models/:model_id/tags/:tag_key': { fields: ofModel({ tag_key: 'tag' }) },
  'POST 2.0/mlflow/logged-models/:model_id/params': { fields: ofModel({ params: [{ key: 'q', value: '1' }] }) },

  'POST 2.0/mlflow/registered-models/create': {
    fields: (at) => ({ name: `${at.registered} again`, description: 'd', tags: [tag] }),
    required: ['name'],
    public: 'names are free in each team',
  },
  'POST 2.0/mlflow/registered-models/rename': { fields: named({ new_name: 'renamed' }), required: ['name', 'new_name'] },
  'PATCH 2.0/mlflow/registered-models/update': { fields: named({ description: 'd' }), required: ['name'] },
  'DELETE 2.0/mlflow/registered-models/delete': { fields: named(), required: ['name'] },
  'GET 2.0/mlflow/registered-models/get': { fields: named(), required: ['name'] },
  'GET 2.0/mlflow/registered-models/search': { fields: (at) => ({ ...page, filter: `name = '${at.registered}'`, order_by: ['name'] }) },
  'GET 2.0/mlflow/registered-models/list': { fields: () => page },
  'POST 2.0/mlflow/registered-models/get-latest-versions': { fields: named({ stages: ['None'] }), required: ['name'] },
  'GET 2.0/mlflow/registered-models/get-latest-versions': { fields: named({ stages: ['None'] }), required: ['name'] },
  'POST 2.0/mlflow/registered-models/set-tag': { fields: named(tag), required: ['name', 'key'] },
  'DELETE 2.0/mlflow/registered-models/delete-tag': { fields: named({ key: 'tag' }), required: ['name', 'key'] },
  'POST 2.0/mlflow/registered-models/alias': { fields: ofVersion({ alias: 'other' }), required: ['name', 'alias', 'version'] },
  'DELETE 2.0/mlflow/registered-models/alias': { fields: (at) => ({ name: at.registered, alias: at.alias }), required: ['name', 'alias'] },
  'GET 2.0/mlflow/registered-models/alias': { fields: (at) => ({ name: at.registered, alias: at.alias }), required: ['name', 'alias'] },

  'POST 2.0/mlflow/model-versions/create': {
    fields: (at) => ({
      name: at.registered,
      source: `mlflow-artifacts:/${runFolder(at)}/m`,
      run_id: at.run,
      tags: [tag],
      run_link: 'https://example.com/',
      description: 'd',
      model_id: at.model,
    }),
    required: ['name', 'source'],
  },
  'PATCH 2.0/mlflow/model-versions/update': { fields: ofVersion({ description: 'd' }), required: ['name', 'version'] },
  'POST 2.0/mlflow/model-versions/transition-stage': {
    fields: ofVersion({ stage: 'Staging', archive_existing_versions: true }),
    required: ['name', 'version', 'stage'],
  },
  'DELETE 2.0/mlflow/model-versions/delete': { fields: ofVersion(), required: ['name', 'version'] },
  'GET 2.0/mlflow/model-versions/get': { fields: ofVersion(), required: ['name', 'version'] },
  'GET 2.0/mlflow/model-versions/search': { fields: (at) => ({ ...page, filter: `run_id = '${at.run}'`, order_by: ['name'] }) },
  'GET 2.0/mlflow/model-versions/get-download-uri': { fields: ofVersion(), required: ['name', 'version'] },
  'POST 2.0/mlflow/model-versions/set-tag': { fields: ofVersion(tag), required: ['name', 'version', 'key'] },
  'DELETE 2.0/mlflow/model-versions/delete-tag': { fields: ofVersion({ key: 'tag' }), required: ['name', 'version', 'key'] },

  'POST 2.0/mlflow/webhooks': {
    fields: () => ({ name: 'hook', description: 'd', url: 'https://example.com/', events: webhookEvents, secret: 's', status: 'DISABLED' }),
    required: ['name', 'url', 'events'],
    public: 'names nothing of the team',
  },
  'GET 2.0/mlflow/webhooks': { fields: () => page },
  'GET 2.0/mlflow/webhooks/:webhook_id': { fields: (at) => ({ webhook_id: at.webhook }) },
  'PATCH 2.0/mlflow/webhooks/:webhook_id': {
    fields: (at) => ({
      webhook_id: at.webhook,
      name: 'n',
      description: 'd',
      url: 'https://example.com/x',
      events: webhookEvents,
      secret: 's',
      status: 'DISABLED',
    }),
  },
  'DELETE 2.0/mlflow/webhooks/:webhook_id': { fields: (at) => ({ webhook_id: at.webhook }) },
  'POST 2.0/mlflow/webhooks/:webhook_id/test': {
    fields: (at) => ({ webhook_id: at.webhook, event: { entity: 'MODEL_VERSION', action: 'CREATED' } }),
  },

  'GET 3.0/mlflow/server-info': { fields: () => ({}) },
  'GET 3.0/mlflow/workspaces': { fields: () => ({}) },
  'POST 3.0/mlflow/workspaces': {
    fields: (at) => ({ name: `${at.slug}-x`, description: 'd', default_artifact_root: '' }),
    required: ['name'],
    status: 403,
  },
  'GET 3.0/mlflow/workspaces/:workspace_name': { fields: (at) => ({ workspace_name: at.slug }) },
  'PATCH 3.0/mlflow/workspaces/:workspace_name': {
    fields: (at) => ({ workspace_name: at.slug, description: 'd', default_artifact_root: '' }),
    required: ['description'],
  },
  // It is not empty.
  'DELETE 3.0/mlflow/workspaces/:workspace_name': { fields: (at) => ({ workspace_name: at.slug }), status: 400 },

  [`GET ${proxy}/artifacts`]: { fields: (at) => ({ path: `${runFolder(at)}/folder` }) },
  [`GET ${proxy}/artifacts/*`]: { fields: (at) => ({ '*': `${runFolder(at)}/${at.file}` }) },
  [`PUT ${proxy}/artifacts/*`]: { fields: (at) => ({ '*': `${runFolder(at)}/${at.file}` }), body: () => 'new text' },
  [`DELETE ${proxy}/artifacts/*`]: { fields: (at) => ({ '*': `${runFolder(at)}/${at.file}` }) },
  [`POST ${proxy}/mpu/create/*`]: {
    fields: (at) => ({ '*': runFolder(at), path: 'big.bin', num_parts: 2 }),
    required: ['path', 'num_parts'],
    status: 501,
  },
  [`POST ${proxy}/mpu/complete/*`]: {
    fields: (at) => ({ '*': runFolder(at), path: 'big.bin', upload_id: 'u', parts: [{ part_number: 1, etag: 'e', url: '' }] }),
    required: ['path', 'upload_id'],
    status: 501,
  },
  [`POST ${proxy}/mpu/abort/*`]: {
    fields: (at) => ({ '*': runFolder(at), path: 'big.bin', upload_id: 'u' }),
    required: ['path', 'upload_id'],
    status: 501,
  },
  [`GET ${proxy}/presigned/*`]: { fields: (at) => ({ '*': `${runFolder(at)}/${at.file}` }), status: 501 },
  'POST 2.0/mlflow/artifacts/presigned-upload-url': {
    fields: (at) => ({ run_id: at.run, path: 'new.txt', expiration: 60 }),
    required: ['run_id', 'path'],
    status: 501,
  },
  'POST 2.0/mlflow/artifacts/presigned-download-url': {
    fields: (at) => ({ run_id: at.run, path: at.file, expiration: 60 }),
    required: ['run_id', 'path'],
    status: 501,
  },
  'GET 2.0/mlflow/artifacts/list': { fields: ofRun({ path: 'folder', page_token: '' }), required: ['run_id+run_uuid'] },
  'GET 2.0/mlflow/logged-models/:model_id/artifacts/directories': { fields: ofModel({ artifact_directory_path: 'folder', page_token: '' }) },
  'GET /get-artifact': { fields: (at) => ({ run_id: at.run, path: at.file }), required: ['run_id', 'path'] },
  'GET /model-versions/get-artifact': {
    fields: (at) => ofVersion({ path: at.file })(at),
    required: ['name', 'version', 'path'],
  },
  'GET /ajax-api/2.0/mlflow/logged-models/:model_id/artifacts/files': {
    fields: (at) => ofModel({ artifact_file_path: at.file })(at),
    required: ['artifact_file_path'],
  },
  'POST /ajax-api/2.0/mlflow/upload-artifact': {
    fields: (at) => ({ run_uuid: at.run, path: 'small.txt' }),
    required: ['run_uuid', 'path'],
    body: () => 'small',
  },
};

export type Endpoint = { key: string; method: string; path: string; fields: string[]; case: Case };

/** Every row of the route tables. */
export const endpoints: Endpoint[] = [
  ...routes.map(({ method, path, shape }) => ({ method, path, fields: Object.keys(shape) })),
  ...artifactEndpoints.map(({ method, path }) => ({ method, path, fields: [] })),
].map((row) => {
  const key = `${row.method} ${row.path}`;
  return { ...row, key, case: CASES[key]! };
});

export type Sent = { status: number; text: string; body: { error_code?: string; message?: string } & Fields; headers: Headers };
export type SendOptions = { token?: string | null; headers?: Record<string, string>; prefix?: string; raw?: string };

/** Puts fields where the route reads them: path, query (GET, uploads) or JSON. `raw` is sent as the JSON body instead. */
export async function send(app: TestApp, endpoint: Endpoint, fields: Fields, options: SendOptions = {}): Promise<Sent> {
  const rest = { ...fields };
  const encode = (name: string) => {
    const value = String(rest[name] ?? '');
    delete rest[name];
    // What can't be encoded can't be in an address.
    return name === '*' ? value.split('/').map(encodeURIComponent).join('/') : encodeURIComponent(value);
  };
  const path = endpoint.path.replace(/:(\w+)|\*/g, (all, name) => encode(name ?? all));
  const address = new URL(`${app.url}${options.prefix ?? ''}${path.startsWith('/') ? path : `/api/${path}`}`);
  const upload = endpoint.case.body !== undefined;
  const inQuery = endpoint.method === 'GET' || upload;
  if (inQuery) for (const [name, value] of Object.entries(rest)) for (const one of [value].flat()) address.searchParams.append(name, String(one));
  const body = options.raw ?? (upload ? endpoint.case.body!({} as Scene) : inQuery ? undefined : JSON.stringify(rest));
  const token = options.token === undefined ? ADMIN_TOKEN : options.token;
  const response = await fetch(address, {
    method: endpoint.method,
    headers: {
      ...(token !== null && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': upload ? 'text/plain' : 'application/json' }),
      ...options.headers,
    },
    body,
    redirect: 'manual',
  });
  const text = await response.text();
  let read: Sent['body'] = {};
  try {
    read = JSON.parse(text);
  } catch {}
  return { status: response.status, text, body: read, headers: response.headers };
}

/** A fingerprint of every row of a team, by table: `3 rows, <hash>`. Without what is noted a moment after requests: when tokens were used, and that runs changed. */
export async function dumpTeam(app: TestApp, slug: string): Promise<Record<string, string>> {
  const { pool } = app.deps.db;
  const tables = await pool.query<{ table_name: string }>(
    `select table_name from information_schema.columns where table_schema = 'public' and column_name = 'team_id'
       and table_name not in ('api_tokens', 'run_changes') order by 1`,
  );
  const one = (table: string) =>
    `select '${table}' as name, count(*) || ' rows, ' || coalesce(md5(string_agg(t::text, '|' order by t::text collate "C")), '') as print
       from ${table} t where team_id = (select team_id from teams where slug = $1)`;
  const { rows } = await pool.query<{ name: string; print: string }>(tables.rows.map((row) => one(row.table_name)).join(' union all '), [slug]);
  return Object.fromEntries(rows.map((row) => [row.name, row.print]));
}
