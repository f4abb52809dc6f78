// What a believable team has after a month, over the MLflow protocol alone: sweeps within sweeps, pictures and tables by step, failures, models with versions
// and aliases, a run that goes on. The same numbers every time; only ids are the server's, and times lie before `now`.
import { client, demoArtifacts, demoModel, demoRegistry, demoRun, logPoints, pointsOf, randomOf } from './demo.mjs';
import { drawn } from './demo-picture.mjs';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Requests at a time: a server on the same machine is busy with as many. */
const AT_ONCE = 8;

/** As Promise.all, some at a time. */
async function each(items, act) {
  const made = [];
  let next = 0;
  const one = async () => {
    for (let at = next++; at < items.length; at = next++) made[at] = await act(items[at], at);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  return made;
}

const pairs = (values) => Object.entries(values).map(([key, value]) => ({ key, value: String(value) }));
const experiment = async (api, name, note) =>
  (await api.post('experiments/create', { name, tags: [{ key: 'mlflow.note.content', value: note }] })).experiment_id;

/** A run that is over, or not: what a script logs. `curves`: values by metric, a step each. */
async function logRun(
  api,
  { experimentId, name, user, start, every = 20_000, status = 'FINISHED', parent, params = {}, tags = {}, curves = {}, last = {} },
) {
  const { run } = await api.post('runs/create', {
    experiment_id: experimentId,
    run_name: name,
    user_id: user,
    start_time: Math.round(start),
    tags: pairs({
      'mlflow.user': user,
      'mlflow.source.name': 'train.py',
      'mlflow.source.type': 'LOCAL',
      ...(parent ? { 'mlflow.parentRunId': parent } : {}),
      ...tags,
    }),
  });
  const runId = run.info.run_id;
  const steps = Math.max(1, ...Object.values(curves).map((values) => values.length));
  const end = Math.round(start + steps * every);
  const numbers = Object.entries(last).map(([key, value]) => ({ key, value, timestamp: end, step: 0 }));
  await api.post('runs/log-batch', { run_id: runId, params: pairs(params), metrics: numbers });
  for (const [key, values] of Object.entries(curves)) await logPoints(api, runId, pointsOf(values, key, start, every));
  if (status !== 'RUNNING') await api.post('runs/update', { run_id: runId, status, end_time: end });
  return { runId, artifactUri: run.info.artifact_uri, end };
}

const falling = (steps, from, to, noise, random) =>
  Array.from({ length: steps }, (_, at) => to + (from - to) * Math.exp((-4 * at) / steps) + (random() - 0.5) * noise);
const rising = (steps, from, to, noise, random) => falling(steps, from, to, noise, random).map((value) => Math.min(0.999, value));

/** Random search over gradient boosting: three sweeps of eight trials, and the best trial of each in five folds. */
async function sweeps(api, now) {
  const random = randomOf(71);
  const experimentId = await experiment(api, 'churn-q4', 'Who leaves next quarter? Random search, the best trial of each sweep in five folds.');
  const best = [];
  for (const [at, user] of ['grace', 'ada', 'ci'].entries()) {
    const start = now - (20 - at * 6) * DAY;
    const trials = Array.from({ length: 8 }, (_, index) => {
      const lr = Number((10 ** (-3 + random() * 2)).toPrecision(3));
      const depth = 3 + Math.floor(random() * 7);
      return {
        index,
        lr,
        depth,
        trees: 100 * (1 + Math.floor(random() * 9)),
        auc: 0.78 + at * 0.02 + 0.1 * Math.exp(-((Math.log10(lr) + 1.7) ** 2)) - Math.abs(depth - 6) * 0.008,
      };
    });
    const top = trials.reduce((one, other) => (other.auc > one.auc ? other : one));
    const sweep = await logRun(api, {
      experimentId,
      name: `sweep-${at + 1}`,
      user,
      start,
      every: 4 * HOUR,
      params: { trials: trials.length, sampler: 'random', objective: 'val/auc' },
      tags: { kind: 'sweep' },
      last: { 'val/auc': top.auc },
    });
    const made = await each(trials, (trial) =>
      logRun(api, {
        experimentId,
        name: `trial-${at + 1}.${trial.index}`,
        user,
        parent: sweep.runId,
        start: start + trial.index * 0.4 * HOUR,
        status: at === 1 && trial.index === 5 ? 'FAILED' : 'FINISHED',
        params: { lr: trial.lr, max_depth: trial.depth, trees: trial.trees, features: at === 2 ? 'base+usage' : 'base' },
        tags: { kind: 'trial' },
        curves: {
          'train/logloss': falling(60, 0.69, 0.3 - trial.auc * 0.1, 0.01, randomOf(trial.index * 97 + at)),
          'val/auc': rising(60, 0.55, trial.auc, 0.006, randomOf(trial.index * 89 + at)),
        },
      }),
    );
    const chosen = made[top.index];
    await each([0, 1, 2, 3, 4], (fold) =>
      logRun(api, {
        experimentId,
        name: `fold-${fold}`,
        user,
        parent: chosen.runId,
        start: start + 4 * HOUR + fold * 0.1 * HOUR,
        params: { fold, lr: top.lr, max_depth: top.depth },
        tags: { kind: 'fold' },
        last: { 'val/auc': top.auc + [0.004, -0.007, 0.001, 0.006, -0.003][fold] },
      }),
    );
    best.push(chosen);
  }
  return { experimentId, best };
}

/** A sample as the network paints it: noise that turns into rings as training goes on. */
const sample = (share, seed) => {
  const random = randomOf(seed);
  return drawn(72, (x, y) => {
    const ring = (Math.sin(Math.hypot(x - 36, y - 36) / (2.4 + (seed % 5))) + 1) / 2;
    const value = ring * share + random() * (1 - share);
    return [60 + value * 60, 80 + value * 120, 140 + value * 110];
  });
};

/** As `mlflow.log_image(image, key, step)` names its files. */
const imagePath = (key, step, time, id) => `images/${key}%step%${step}%timestamp%${Math.round(time)}%${id}.png`;
const idOf = (number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

/** Pictures by step, a table of predictions, and a configuration that is longer than anybody reads. */
async function vision(api, now) {
  const random = randomOf(5);
  const experimentId = await experiment(api, 'vision-backbone', 'Which backbone for the defect camera? Samples are logged every ten epochs.');
  const plans = [
    ['resnet18-baseline', 'ada', 0.86],
    ['resnet50-aug', 'ada', 0.91],
    ['vit-s16', 'linus', 0.93],
    ['vit-s16-long-warmup', 'linus', 0.94],
    ['convnext-tiny', 'grace', 0.935],
  ];
  return {
    experimentId,
    runs: await each(plans, async ([name, user, accuracy], at) => {
      const start = now - (9 - at) * DAY;
      const epochs = 60;
      const made = await logRun(api, {
        experimentId,
        name,
        user,
        start,
        every: 240_000,
        params: {
          backbone: name.split('-')[0],
          optimizer: at > 1 ? 'adamw' : 'sgd',
          lr: [0.1, 0.05, 0.0005, 0.0003, 0.001][at],
          batch_size: 128,
          config: JSON.stringify(
            { augment: Array.from({ length: 120 }, (_, step) => ({ step, flip: random() > 0.5, crop: Number((0.6 + random() * 0.4).toFixed(3)) })) },
            null,
            1,
          ),
        },
        tags: { stage: at === 0 ? 'baseline' : 'search' },
        curves: {
          'train/loss': falling(epochs, 2.3, 0.2 + at * 0.01, 0.05, random),
          'val/loss': falling(epochs, 2.4, 0.35 - at * 0.02, 0.07, random),
          'val/accuracy': rising(epochs, 0.1, accuracy, 0.01, random),
          lr: Array.from({ length: epochs }, (_, epoch) => 0.0005 * (1 + Math.cos((Math.PI * epoch) / epochs))),
        },
      });
      for (const step of [0, 10, 20, 30, 40, 50])
        for (const key of ['defect', 'clean'])
          await api.upload(
            made.artifactUri,
            imagePath(key, step, start + step * 240_000, idOf(at * 1_000 + step * 10 + (key === 'clean' ? 1 : 0))),
            sample((step + 8) / 70, at * 7 + (key === 'clean' ? 3 : 1)),
          );
      const classes = ['scratch', 'dent', 'stain', 'clean'];
      const rows = Array.from({ length: 60 }, (_, row) => {
        const label = classes[row % 4];
        const right = random() < accuracy;
        return [
          `cam-${1 + (row % 3)}/${1_000 + row}.jpg`,
          label,
          right ? label : classes[(row + 1) % 4],
          Number((right ? 0.7 + random() * 0.3 : 0.4 + random() * 0.2).toFixed(3)),
        ];
      });
      await api.upload(made.artifactUri, 'predictions.json', JSON.stringify({ columns: ['image', 'label', 'predicted', 'confidence'], data: rows }));
      await api.post('runs/set-tag', { run_id: made.runId, key: 'mlflow.loggedArtifacts', value: '[{"path": "predictions.json", "type": "table"}]' });
      return made;
    }),
  };
}

const OOM = `step 412 loss 1.871
step 413 loss 1.866
Traceback (most recent call last):
  File "/home/linus/llm/finetune.py", line 118, in <module>
    loss.backward()
torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.50 GiB. GPU 0 has a total capacity of 79.15 GiB.
`;

/** A fine-tuning that failed twice, was stopped once, and runs now. Returns the run that goes on. */
async function tuning(api, now) {
  const random = randomOf(12);
  const experimentId = await experiment(api, 'support-llm', 'Answers for the support desk. Watch the loss after step 400: it diverged with lr 3e-4.');
  const params = (lr, batch) => ({ base: 'llama-3.1-8b', method: 'lora', rank: 16, lr, batch_size: batch, context: 4096, gpus: 'a100,a100' });
  const crashed = await logRun(api, {
    experimentId,
    name: 'lora-r16-batch32',
    user: 'linus',
    start: now - 3.2 * DAY,
    status: 'FAILED',
    params: params(1e-4, 32),
    tags: { reason: 'out of memory' },
    curves: { 'train/loss': falling(414, 3.1, 1.8, 0.04, random) },
  });
  await api.upload(crashed.artifactUri, 'logs/stderr.log', OOM);
  const diverged = falling(400, 3.1, 1.9, 0.04, random);
  await logRun(api, {
    experimentId,
    name: 'lora-r16-hot',
    user: 'linus',
    start: now - 2.4 * DAY,
    status: 'FAILED',
    params: params(3e-4, 16),
    tags: { reason: 'diverged' },
    curves: {
      'train/loss': [...diverged, ...Array.from({ length: 60 }, (_, at) => 1.9 * 1.06 ** at), Number.NaN].map((value) =>
        Number.isNaN(value) ? 'NaN' : value,
      ),
    },
  });
  await logRun(api, {
    experimentId,
    name: 'lora-r16-stopped',
    user: 'grace',
    start: now - 1.5 * DAY,
    status: 'KILLED',
    params: params(5e-5, 16),
    curves: { 'train/loss': falling(210, 3.1, 2.2, 0.04, random), 'val/loss': falling(21, 3.1, 2.3, 0.03, random) },
  });
  const steps = 380;
  const running = await logRun(api, {
    experimentId,
    name: 'lora-r16',
    user: 'linus',
    start: now - steps * 20_000,
    status: 'RUNNING',
    params: params(1e-4, 16),
    curves: { 'train/loss': falling(steps, 3.1, 1.75, 0.04, random), 'val/loss': falling(steps / 10, 3.1, 1.9, 0.03, random) },
  });
  return { runId: running.runId, steps };
}

/** A model of some versions, each from its own run. */
async function register(api, { name, experimentId, runs, aliases, tags, description, notes, model }) {
  await api.post('registered-models/create', { name, description, tags: pairs(tags) });
  for (const [at, { runId }] of runs.entries()) {
    const modelId = await demoModel(api, { experimentId, runId, ...model });
    await api.post('model-versions/create', {
      name,
      source: `models:/${modelId}`,
      run_id: runId,
      model_id: modelId,
      description: notes[at],
      tags: pairs({ reviewed: at < runs.length - 1 ? 'yes' : 'waiting' }),
    });
  }
  for (const [alias, version] of Object.entries(aliases)) await api.post('registered-models/alias', { name, alias, version: String(version) });
}

/** Everything. `tell` is given what is being made. Returns the run that goes on. Throws where the team has it already. */
export async function seedTeam({ url, token, team, now = Date.now(), tell = () => undefined }) {
  const api = client({ url, token, team });
  const random = randomOf(20_261);
  tell('taxi-duration: 30 runs with curves, and their files');
  const taxi = await experiment(api, 'taxi-duration', 'How long does a trip take?');
  const plans = Array.from({ length: 30 }, (_, index) => ({ index, seed: 1 + Math.floor(random() * 1e9) }));
  const made = await each(plans, ({ index, seed }) =>
    demoRun(api, { experimentId: taxi, index, now, random: randomOf(seed), running: index < 2, failed: index === 7 || index === 19 }),
  );
  const best = made.filter((_, index) => index > 1 && index !== 7 && index !== 19).sort((a, b) => a.rmse - b.rmse);
  await demoArtifacts(api, best[0]);
  tell('churn-q4: three sweeps of trials, the best ones in folds');
  const churn = await sweeps(api, now);
  tell('vision-backbone: pictures and tables by step');
  const seen = await vision(api, now);
  tell('support-llm: two failures, one stopped, one that runs');
  const running = await tuning(api, now);
  tell('models: taxi-duration, churn-classifier, defect-camera');
  const versions = [];
  for (const [at, { runId }] of [best[2], best[1], best[0]].entries())
    versions.push({
      runId,
      modelId: await demoModel(api, { experimentId: taxi, runId }),
      description: ['First one in use.', 'Weather features.', 'Deeper trees; waits for a week of shadow traffic.'][at],
    });
  await demoRegistry(api, { name: 'taxi-duration', versions });
  await register(api, {
    name: 'churn-classifier',
    experimentId: churn.experimentId,
    runs: churn.best,
    aliases: { champion: 2, challenger: 3 },
    tags: { owner: 'growth', task: 'classification' },
    model: {
      name: 'churn-gbm',
      kind: 'classifier',
      inputs: [
        ['long', 'tenure_months'],
        ['double', 'monthly_charges'],
        ['string', 'plan'],
      ],
    },
    description: 'Who is likely to leave within the quarter.',
    notes: ['Baseline.', 'Tuned.', 'With usage features.'],
  });
  await register(api, {
    name: 'defect-camera',
    experimentId: seen.experimentId,
    runs: [seen.runs[1], seen.runs[3]],
    aliases: { production: 1, candidate: 2 },
    tags: { owner: 'factory', task: 'vision' },
    model: { name: 'defect-vit', kind: 'image-classifier', inputs: [['binary', 'image']] },
    description: 'Finds scratches, dents and stains on the belt.',
    notes: ['ResNet-50.', 'ViT, two points better, twice as slow.'],
  });
  return { ...running, api };
}

/** Goes on logging to the run that runs, a step a second, until `signal` ends it. */
export async function goOn({ api, runId, steps }, signal) {
  const random = randomOf(3);
  for (let step = steps; !signal.aborted; step += 1) {
    await api.post('runs/log-metric', {
      run_id: runId,
      key: 'train/loss',
      value: 1.75 + Math.exp(-step / 200) * 0.3 + (random() - 0.5) * 0.04,
      step,
      timestamp: Date.now(),
    });
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, 1_000);
      signal.addEventListener('abort', () => [clearTimeout(timer), resolve()], { once: true });
    });
  }
}
