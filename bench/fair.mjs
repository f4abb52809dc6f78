// How much one team's flood slows another team's light reads: the goal is twice at most.
//   npm run bench:fair -- [--runs 5000] [--seconds 10] [--write]
// Starts a server as `npm start` would, on an empty folder, with two teams; and another, so that the same flood can be sent there: what it costs
// the reader then is the machine's share, which no server can take away. One floods: 32 clients that log a metric each, or four loops of the
// largest search. The other reads a run and a page of 20 runs, one request at a time; so does somebody who asks for /health. Each is measured
// before, during and after each flood, from a process of its own, and told as medians and ratios. `--write` puts the table into docs/bench.md.
import { fork } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { serveAside } from '../scripts/serve.mjs';

const ADMIN = 'F'.repeat(40);
const self = fileURLToPath(import.meta.url);
const root = path.resolve(path.dirname(self), '..');

/** Sends a call of the MLflow protocol, and reads the whole answer. */
async function call({ url, token }, method, at, body) {
  const query = method === 'GET' && body ? `?${new URLSearchParams(body)}` : '';
  const response = await fetch(`${url}${at}${query}`, {
    method,
    headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), 'content-type': 'application/json' },
    ...(method === 'GET' ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${at}: ${response.status} ${text.slice(0, 300)}`);
  return text;
}
const mlflow = async (to, method, at, body) => JSON.parse(await call(to, method, `/api/2.0/mlflow/${at}`, body));

const floods = {
  async log(to, { runIds }, stopped) {
    let step = 0;
    const one = async (client) => {
      while (!stopped()) {
        step += 1;
        await mlflow(to, 'POST', 'runs/log-metric', {
          run_id: runIds[client % runIds.length],
          key: 'loss',
          value: step,
          timestamp: Date.now(),
          step,
        });
      }
    };
    await Promise.all(Array.from({ length: 32 }, (_none, client) => one(client)));
  },
  async search(to, { experimentId, most }, stopped) {
    const one = async () => {
      while (!stopped()) await call(to, 'POST', '/api/2.0/mlflow/runs/search', { experiment_ids: [experimentId], max_results: most });
    };
    await Promise.all(Array.from({ length: 4 }, one));
  },
};

const reads = {
  health: (to) => call({ url: to.url }, 'GET', '/health'),
  run: (to, { runIds }) => mlflow(to, 'GET', 'runs/get', { run_id: runIds[0] }),
  page: (to, { experimentId }) => mlflow(to, 'POST', 'runs/search', { experiment_ids: [experimentId], max_results: 20 }),
};

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

async function readFor(to, facts, seconds) {
  const times = Object.fromEntries(Object.keys(reads).map((name) => [name, []]));
  for (const end = Date.now() + 1_000 * seconds; Date.now() < end; ) {
    for (const [name, read] of Object.entries(reads)) {
      const started = performance.now();
      await read(to, facts);
      times[name].push(performance.now() - started);
    }
  }
  return Object.fromEntries(Object.entries(times).map(([name, list]) => [name, median(list)]));
}

if (process.send) {
  // A child: floods until it is told to stop.
  process.once('message', ({ kind, to, facts }) => {
    let done = false;
    process.once('message', () => {
      done = true;
    });
    floods[kind](to, facts, () => done).then(
      () => process.exit(0),
      (error) => {
        process.stderr.write(`${error.stack}\n`);
        process.exit(1);
      },
    );
  });
} else {
  const option = (usual) => ({ type: 'string', default: String(usual) });
  const { values } = parseArgs({ options: { runs: option(5_000), seconds: option(10), write: { type: 'boolean', default: false } } });
  const [runs, seconds] = [Number(values.runs), Number(values.seconds)];
  const serve = () => serveAside({ token: ADMIN, email: 'fair@example.com', password: 'correct horse battery' });
  const server = await serve();
  const other = await serve();
  try {
    await measure(server.url, other.url, runs, seconds, values.write);
  } finally {
    await server.stop();
    await other.stop();
  }
}

/** Makes a team with so many runs: who to call as, and what is there. */
async function makeTeam(url, slug, count) {
  const admin = { url, token: ADMIN };
  const ask = async (query, variables) => {
    const { data, errors } = JSON.parse(await call(admin, 'POST', '/graphql', { query, variables }));
    if (errors) throw new Error(errors[0].message);
    return data;
  };
  await ask('mutation($i: CreateTeamInput!) { createTeam(input: $i) { team { slug } } }', { i: { slug } });
  const { createApiToken } = await ask('mutation($i: CreateApiTokenInput!) { createApiToken(input: $i) { secret } }', {
    i: { name: slug, team: slug },
  });
  const to = { url, token: createApiToken.secret };
  const { experiment_id: experimentId } = await mlflow(to, 'POST', 'experiments/create', { name: 'fair' });
  const runIds = [];
  const params = Array.from({ length: 20 }, (_none, index) => ({ key: `p${index}`, value: String(index) }));
  const metrics = Array.from({ length: 20 }, (_none, index) => ({ key: `m${index}`, value: index / 7, timestamp: 1, step: 0 }));
  const make = async () => {
    while (runIds.length < count) {
      const { run } = await mlflow(to, 'POST', 'runs/create', { experiment_id: experimentId, start_time: 1 });
      runIds.push(run.info.run_id);
      await mlflow(to, 'POST', 'runs/log-batch', { run_id: run.info.run_id, params, metrics });
      await mlflow(to, 'POST', 'runs/update', { run_id: run.info.run_id, status: 'FINISHED', end_time: 2 });
    }
  };
  await Promise.all(Array.from({ length: 16 }, make));
  return { to, facts: { experimentId, runIds: runIds.slice(0, 64), most: Math.min(count, 10_000) } };
}

async function measure(url, otherUrl, runs, seconds, write) {
  process.stderr.write(`making ${runs} runs …\n`);
  const loud = await makeTeam(url, 'loud', runs);
  const apart = await makeTeam(otherUrl, 'loud', runs);
  const quiet = await makeTeam(url, 'quiet', 200);

  const lines = ['| while another team … | GET /health | a run | a page of 20 runs |', '|---|---|---|---|'];
  const show = (label, times, alone) =>
    lines.push(
      `| ${label} | ${Object.entries(times)
        .map(([name, ms]) => `${ms.toFixed(2)} ms${alone ? ` (${(ms / alone[name]).toFixed(1)}×)` : ''}`)
        .join(' | ')} |`,
    );
  await readFor(quiet.to, quiet.facts, 3);
  for (const [kind, label] of [
    ['log', 'logs a metric from 32 clients'],
    ['search', `searches ${loud.facts.most} runs in four loops`],
  ]) {
    const alone = await readFor(quiet.to, quiet.facts, seconds);
    show('does nothing', alone);
    show(`${label} of another server`, await besides(apart), alone);
    show(label, await besides(loud), alone);

    async function besides({ to, facts }) {
      const child = fork(self);
      child.send({ kind, to, facts });
      await readFor(quiet.to, quiet.facts, 2);
      const during = await readFor(quiet.to, quiet.facts, seconds);
      child.send('stop');
      await new Promise((resolve) => child.once('exit', resolve));
      return during;
    }
  }
  const table = lines.join('\n');
  process.stdout.write(`${table}\n`);
  if (!write) return;
  const file = path.join(root, 'docs/bench.md');
  const text = readFileSync(file, 'utf8');
  const [begin, end] = ['<!-- fair:begin -->', '<!-- fair:end -->'];
  if (!text.includes(begin)) throw new Error(`docs/bench.md has no ${begin}`);
  const command = `\`npm run bench:fair -- --runs ${runs} --seconds ${seconds}\``;
  writeFileSync(file, `${text.slice(0, text.indexOf(begin) + begin.length)}\n\n${command}\n\n${table}\n\n${text.slice(text.indexOf(end))}`);
}
