// Fills a server with what a small team would have after a week, over the MLflow protocol: for the screenshots and the page's tests.
import { drawn } from './demo-picture.mjs';

const HOUR = 3_600_000;
const MODELS = ['xgb', 'forest', 'linear', 'mlp'];
const ADJECTIVES = ['bold', 'calm', 'eager', 'fair', 'keen', 'lucky', 'mellow', 'noble', 'quiet', 'swift'];
const ANIMALS = ['fox', 'owl', 'lynx', 'heron', 'otter', 'wren', 'ibex', 'mole', 'crane', 'seal'];
const USERS = ['ada', 'grace', 'linus', 'ci'];

/** The same numbers every time. */
export function randomOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export function client({ url, token, team }) {
  const headers = { authorization: `Bearer ${token}`, ...(team ? { 'x-mlflow-workspace': team } : {}) };
  const call = async (method, path, body) => {
    const response = await fetch(`${url}/api/2.0/mlflow/${path}`, {
      method,
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
    return JSON.parse(text || '{}');
  };
  return {
    post: (path, body) => call('POST', path, body),
    patch: (path, body) => call('PATCH', path, body),
    async upload(artifactUri, path, content) {
      const at = artifactUri.replace(/^mlflow-artifacts:\/*/, '');
      const to = path.split('/').map(encodeURIComponent).join('/');
      const response = await fetch(`${url}/api/2.0/mlflow-artifacts/artifacts/${at}/${to}`, { method: 'PUT', headers, body: content });
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    },
  };
}

/** A PNG of a confusion matrix: eight by eight cells in shades of indigo. */
export function picture(random = randomOf(3)) {
  const shade = Array.from({ length: 64 }, (_, at) => (at % 9 === 0 ? 0.65 + random() * 0.35 : random() * 0.3));
  return drawn(320, (x, y) => {
    const dark = shade[Math.floor(y / 40) * 8 + Math.floor(x / 40)];
    return [245 - dark * 190, 247 - dark * 160, 255 - dark * 30];
  });
}

const TAXI_INPUTS = [
  ['double', 'distance_km'],
  ['long', 'hour'],
  ['string', 'pickup_zone'],
];
const MLMODEL = (run, size, inputs) => `artifact_path: model
flavors:
  python_function:
    env:
      conda: conda.yaml
      virtualenv: python_env.yaml
    loader_module: mlflow.sklearn
    model_path: model.pkl
    python_version: 3.11.7
  sklearn:
    code: null
    pickled_model: model.pkl
    serialization_format: cloudpickle
    sklearn_version: 1.5.2
mlflow_version: 3.12.0
model_size_bytes: ${size}
run_id: ${run}
saved_input_example_info:
  artifact_path: input_example.json
  pandas_orient: split
  type: dataframe
signature:
  inputs: '${JSON.stringify(inputs.map(([type, name]) => ({ type, name, required: true })))}'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1]}}]'
  params: null
utc_time_created: '2026-11-20 10:00:00.000000'
`;

export const pointsOf = (values, key, from, every) => values.map((value, step) => ({ key, value, timestamp: Math.round(from + step * every), step }));

export async function logPoints(api, runId, points) {
  for (let at = 0; at < points.length; at += 1_000) await api.post('runs/log-batch', { run_id: runId, metrics: points.slice(at, at + 1_000) });
}

/** One run with curves; the last few of an experiment are still running. Returns `{runId, artifactUri, rmse}`. */
export async function demoRun(api, { experimentId, index, now, running = false, random, steps = 200, failed = false }) {
  const model = MODELS[index % MODELS.length];
  const rate = [0.3, 0.1, 0.05, 0.01][Math.floor(random() * 4)];
  const depth = 3 + Math.floor(random() * 8);
  const user = USERS[Math.floor(random() * USERS.length)];
  const began = now - (running ? 0.4 * HOUR + index * 60_000 : (index + 1) * 3.1 * HOUR);
  const every = 9_000 + random() * 9_000;
  const done = running ? Math.floor(steps * (0.3 + random() * 0.4)) : failed ? Math.floor(steps * 0.35) : steps;
  const { run } = await api.post('runs/create', {
    experiment_id: experimentId,
    run_name: `${ADJECTIVES[Math.floor(index / 10) % 10]}-${ANIMALS[index % 10]}-${String(index).padStart(2, '0')}`,
    start_time: Math.round(began),
    user_id: user,
    tags: [
      { key: 'mlflow.source.name', value: '/home/ada/taxi/train.py' },
      { key: 'mlflow.source.type', value: 'LOCAL' },
      { key: 'mlflow.source.git.commit', value: `9f3c${index.toString(16).padStart(4, '0')}d1b7e64a0c5528ef3a7710b9d2c46e8f` },
      { key: 'mlflow.source.git.branch', value: index % 3 ? 'main' : 'deeper-trees' },
      { key: 'mlflow.user', value: user },
      { key: 'stage', value: index % 5 === 0 ? 'baseline' : 'search' },
    ],
  });
  const runId = run.info.run_id;
  const floor = 3.2 + MODELS.indexOf(model) * 0.55 + random() * 1.2;
  const curve = (low, high, noise) =>
    Array.from({ length: done }, (_, step) => low + (high - low) * Math.exp((-step / steps) * (4 + rate * 12)) + (random() - 0.5) * noise);
  const loss = curve(floor * 0.05, 2.4, 0.06);
  const valid = curve(floor * 0.07, 2.5, 0.11);
  const rmse = curve(floor, 14, 0.35);
  await api.post('runs/log-batch', {
    run_id: runId,
    params: Object.entries({
      model,
      lr: rate,
      max_depth: depth,
      batch_size: 2 ** (5 + (index % 4)),
      seed: index,
      features: index % 2 ? 'base+weather' : 'base',
    }).map(([key, value]) => ({
      key,
      value: String(value),
    })),
  });
  await logPoints(api, runId, [
    ...pointsOf(loss, 'train/loss', began, every),
    ...pointsOf(valid, 'val/loss', began, every),
    ...pointsOf(rmse, 'val/rmse', began, every),
    ...pointsOf(
      rmse.map((value) => Math.max(0.2, 0.97 - value / 24)),
      'val/r2',
      began,
      every,
    ),
    ...pointsOf(
      Array.from({ length: Math.ceil(done / 4) }, () => 30 + random() * 60),
      'system/cpu_utilization_percentage',
      began,
      every * 4,
    ),
    ...pointsOf(
      Array.from({ length: Math.ceil(done / 4) }, (_, at) => 40 + at * 0.1 + random() * 4),
      'system/system_memory_usage_percentage',
      began,
      every * 4,
    ),
    { key: 'rmse', value: rmse.at(-1), timestamp: Math.round(began + done * every), step: 0 },
  ]);
  if (!running) await api.post('runs/update', { run_id: runId, status: failed ? 'FAILED' : 'FINISHED', end_time: Math.round(began + done * every) });
  return { runId, artifactUri: run.info.artifact_uri, rmse: rmse.at(-1), name: run.info.run_name };
}

/** What one finished run has besides curves: notes, data, and files of every kind that has a preview. */
export async function demoArtifacts(api, { runId, artifactUri }) {
  const random = randomOf(11);
  await api.post('runs/set-tag', {
    run_id: runId,
    key: 'mlflow.note.content',
    value:
      '## Weather features\n\nAdding **rain and temperature** cuts the error on airport trips by a fifth.\n\n- holidays are still off\n- next: `max_depth` above 8\n',
  });
  await api.post('runs/log-inputs', {
    run_id: runId,
    datasets: [
      {
        dataset: {
          name: 'nyc-taxi-2026-09',
          digest: 'a81f22c0',
          source_type: 's3',
          source: '{"uri": "s3://data/taxi/2026-09.parquet"}',
          schema: '{}',
          profile: '{"num_rows": 1284114}',
        },
        tags: [{ key: 'mlflow.data.context', value: 'training' }],
      },
      {
        dataset: {
          name: 'nyc-taxi-2026-10',
          digest: '77be3d19',
          source_type: 's3',
          source: '{"uri": "s3://data/taxi/2026-10.parquet"}',
          schema: '{}',
          profile: '{"num_rows": 402771}',
        },
        tags: [{ key: 'mlflow.data.context', value: 'validation' }],
      },
    ],
  });
  const rows = Array.from(
    { length: 400 },
    (_, at) => `${at},${['Airport', 'Midtown', '"Queens, east"', 'Harbour'][at % 4]},${(random() * 30).toFixed(2)},${(4 + random() * 40).toFixed(1)}`,
  );
  await api.upload(artifactUri, 'predictions.csv', `trip,zone,distance_km,minutes\n${rows.join('\n')}\n`);
  await api.upload(
    artifactUri,
    'report.md',
    '# Report\n\n| split | rmse |\n|---|---|\n| train | 3.1 |\n| val | 3.6 |\n\nErrors are largest on *holidays*.\n',
  );
  await api.upload(artifactUri, 'config.json', JSON.stringify({ model: 'xgb', lr: 0.1, features: ['distance', 'hour', 'rain'] }));
  await api.upload(artifactUri, 'plots/confusion.png', picture(random));
  await api.upload(
    artifactUri,
    'plots/errors.html',
    '<!doctype html><body><h1 id="h">…</h1><script>document.getElementById("h").textContent = "Drawn by its own script"</script>',
  );
  await api.upload(
    artifactUri,
    'logs/train.log',
    Array.from({ length: 60 }, (_, at) => `12:${String(at).padStart(2, '0')}:00 INFO epoch ${at} done`).join('\n'),
  );
}

/** A logged model of a run, with its files. Returns its id. */
export async function demoModel(api, { experimentId, runId, name = 'taxi-xgb', kind = 'regressor', inputs = TAXI_INPUTS }) {
  const { model } = await api.post('logged-models', {
    experiment_id: experimentId,
    name,
    model_type: kind,
    source_run_id: runId,
    params: [{ key: 'max_depth', value: '8' }],
  });
  const { model_id: modelId, artifact_uri: uri } = model.info;
  const weights = Buffer.alloc(48_000, 7);
  await api.upload(uri, 'MLmodel', MLMODEL(runId, weights.length, inputs));
  await api.upload(uri, 'requirements.txt', 'mlflow==3.12.0\nscikit-learn==1.5.2\nxgboost==2.1.1\npandas==2.2.3\n');
  await api.upload(
    uri,
    'conda.yaml',
    'channels:\n- conda-forge\ndependencies:\n- python=3.11.7\n- pip:\n  - mlflow==3.12.0\n  - xgboost==2.1.1\nname: mlflow-env\n',
  );
  await api.upload(uri, 'python_env.yaml', 'python: 3.11.7\nbuild_dependencies:\n- pip==24.2\ndependencies:\n- -r requirements.txt\n');
  await api.upload(
    uri,
    'input_example.json',
    '{"columns": ["distance_km", "hour", "pickup_zone"], "data": [[4.2, 8, "Airport"], [1.1, 23, "Harbour"]]}',
  );
  await api.upload(uri, 'model.pkl', weights);
  await api.patch(`logged-models/${modelId}`, { model_id: modelId, status: 'LOGGED_MODEL_READY' });
  await api.post('runs/outputs', { run_id: runId, models: [{ model_id: modelId, step: 0 }] });
  return modelId;
}

/** Three versions of one model; @champion and @challenger point to two of them. */
export async function demoRegistry(api, { name, versions }) {
  await api.post('registered-models/create', {
    name,
    description: 'Minutes that a taxi trip takes, from what is known **before** it starts.\n\nRetrained weekly.',
    tags: [{ key: 'owner', value: 'mobility' }],
  });
  for (const { runId, modelId, description } of versions) {
    await api.post('model-versions/create', { name, source: `models:/${modelId}`, run_id: runId, model_id: modelId, description });
  }
  await api.post('registered-models/alias', { name, alias: 'champion', version: String(versions.length - 1) });
  await api.post('registered-models/alias', { name, alias: 'challenger', version: String(versions.length) });
  await api.post('model-versions/transition-stage', { name, version: '1', stage: 'Archived', archive_existing_versions: false });
}

/** Everything. Returns ids worth opening. */
export async function seedDemo({ url, token, team, now = Date.now(), runs = 42 }) {
  const api = client({ url, token, team });
  const random = randomOf(20_261);
  const { experiment_id: experimentId } = await api.post('experiments/create', {
    name: 'taxi-duration',
    tags: [{ key: 'mlflow.note.content', value: 'How long does a trip take?' }],
  });
  for (const name of ['churn-q4', 'vision-backbone']) {
    const { experiment_id: other } = await api.post('experiments/create', { name });
    for (let index = 0; index < 4; index += 1) await demoRun(api, { experimentId: other, index, now: now - 40 * HOUR, random, steps: 40 });
  }
  const made = [];
  for (let index = runs - 1; index >= 0; index -= 1)
    made.push(await demoRun(api, { experimentId, index, now, random, running: index < 3, failed: index === 7 || index === 19 }));
  const best = made.filter(({ name }) => !/-0[0-27]$|-19$/.test(name)).sort((a, b) => a.rmse - b.rmse);
  await demoArtifacts(api, best[0]);
  const versions = [];
  for (const [at, { runId }] of [best[2], best[1], best[0]].entries()) {
    versions.push({
      runId,
      modelId: await demoModel(api, { experimentId, runId }),
      description: ['First one in use.', 'Weather features.', 'Deeper trees; waits for a week of shadow traffic.'][at],
    });
  }
  await demoRegistry(api, { name: 'taxi-duration', versions });
  return {
    experimentId,
    bestRun: best[0].runId,
    runIds: best.slice(0, 6).map(({ runId }) => runId),
    running: made.at(-1).runId,
    model: 'taxi-duration',
    modelId: versions.at(-1).modelId,
  };
}
