// From commit to subscriber: how long a new point takes to reach those who follow its run. Starts a server with its own Postgres for it:
//   npm run bench:live -- [--write] [--subscribers 200] [--points 1000] [--runs 20] [--seconds 20]
// or takes one that is up, with `--address <address> --token <API token>`. `--write` puts the result into docs/bench.md.
// `points` are logged a second over all runs, five a request. Two times are told of each batch of points: since its request was sent (the
// write included), and since its answer came back (the commit was before that).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

const option = (usual) => ({ type: 'string', default: String(usual) });
const { values } = parseArgs({
  options: {
    address: { type: 'string' },
    token: { type: 'string' },
    write: { type: 'boolean', default: false },
    subscribers: option(200),
    points: option(1_000),
    runs: option(20),
    seconds: option(20),
  },
});

/** As `npm start` does, on a free port and an empty folder. */
async function startServer() {
  const folder = mkdtempSync(path.join(tmpdir(), 'runledger-live-'));
  chmodSync(folder, 0o755);
  const token = 'L'.repeat(40);
  const settings = { RUNLEDGER_DATA_DIR: folder, RUNLEDGER_PORT: '0', RUNLEDGER_ADMIN_TOKEN: token, RUNLEDGER_LOG: 'info' };
  const child = spawn(process.execPath, ['scripts/start.mjs'], { env: { ...process.env, ...settings }, stdio: ['ignore', 'pipe', 'inherit'] });
  process.once('exit', () => child.kill('SIGTERM'));
  let output = '';
  const address = await new Promise((resolve, reject) => {
    child.stdout.on('data', (data) => {
      output += data;
      const [, found] = /serving at (http:[^"\s]+)/.exec(output) ?? [];
      if (found) resolve(found);
    });
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${output}`)));
  });
  return {
    address,
    token,
    async stop() {
      child.kill('SIGTERM');
      await once(child, 'exit');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const server = values.address ? { address: values.address, token: values.token, stop: async () => {} } : await startServer();
const { address, token } = server;
// A fault must not leave it behind.
process.on('uncaughtException', (error) => {
  console.error(error);
  void server.stop().finally(() => process.exit(1));
});
const [subscribers, rate, runs, seconds] = ['subscribers', 'points', 'runs', 'seconds'].map((name) => Number(values[name]));
const PER_REQUEST = 5;

const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
const post = async (path, body) => {
  const answer = await fetch(address + path, { method: 'POST', headers, body: JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${answer.status} ${text}`);
  return JSON.parse(text);
};

const runIds = [];
for (let index = 0; index < runs; index++) runIds.push((await post('/api/2.0/mlflow/runs/create', { experiment_id: '0' })).run.info.run_id);

const sent = new Map();
const answered = new Map();
const sinceSent = [];
const sinceAnswer = [];
let received = 0;
const clients = [];
const subscribed = [];
for (let index = 0; index < subscribers; index++) {
  // One connection each, as browsers are.
  const client = createClient({
    url: `${address.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { token },
    lazy: false,
  });
  clients.push(client);
  const query = 'subscription($r: [String!]!) { metricPoints(runIds: $r) { cursor points { runId key step timestamp value } } }';
  subscribed.push(
    new Promise((resolve, reject) => {
      const next = ({ data, errors }) => {
        if (errors) return reject(new Error(JSON.stringify(errors)));
        resolve();
        const now = performance.now();
        received += data.metricPoints.points.length;
        const batches = new Set(data.metricPoints.points.map((point) => `${point.runId} ${Math.floor(point.step / PER_REQUEST)}`));
        for (const batch of batches) {
          sinceSent.push(now - sent.get(batch));
          // The event may be quicker than the answer.
          sinceAnswer.push(Math.max(0, now - (answered.get(batch) ?? now)));
        }
      };
      client.subscribe({ query, variables: { r: [runIds[index % runs]] } }, { next, error: reject, complete: () => {} });
    }),
  );
}
await Promise.all(subscribed);

let logged = 0;
const writes = [];
const began = performance.now();
const requests = Math.floor((rate * seconds) / PER_REQUEST);
for (let request = 0; request < requests; request++) {
  const due = began + (request * 1_000 * PER_REQUEST) / rate;
  if (due > performance.now()) await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
  const runId = runIds[request % runs];
  const nth = Math.floor(request / runs);
  const metrics = Array.from({ length: PER_REQUEST }, (_, index) => ({
    key: 'loss',
    value: Math.random(),
    timestamp: Date.now(),
    step: nth * PER_REQUEST + index,
  }));
  const batch = `${runId} ${nth}`;
  sent.set(batch, performance.now());
  const write = post('/api/2.0/mlflow/runs/log-batch', { run_id: runId, metrics }).then(() => answered.set(batch, performance.now()));
  writes.push(write);
  logged += PER_REQUEST;
}
await Promise.all(writes);
const took = (performance.now() - began) / 1_000;
await new Promise((resolve) => setTimeout(resolve, 1_500));
for (const client of clients) await client.dispose();

const expected = logged * (subscribers / runs);
const at = (list, share) => list[Math.min(list.length - 1, Math.floor(list.length * share))].toFixed(0);
const line = (name, list) => {
  list.sort((a, b) => a - b);
  return `| ${name} | ${at(list, 0.5)} ms | ${at(list, 0.9)} ms | ${at(list, 0.99)} ms |`;
};
await server.stop();
const right = received === expected;
const summary = `${subscribers} subscribers of ${runs} runs, ${(logged / took).toFixed(0)} points/s logged, ${(received / took).toFixed(0)} points/s received`;
const result = [
  `${summary}; ${right ? 'every point reached every subscriber once' : `expected ${expected} points, received ${received}`}. ${cpus().length} cores, Node ${process.version}, with the clients and Postgres on them.`,
  '',
  '| a new point reaches a subscriber | median | 90 % | 99 % |',
  '| --- | --- | --- | --- |',
  line('since its request was sent', sinceSent),
  line('since its request was answered', sinceAnswer),
].join('\n');
process.stdout.write(`${result}\n`);
if (values.write) {
  const page = readFileSync('docs/bench.md', 'utf8');
  writeFileSync(
    'docs/bench.md',
    page.replace(/(<!-- live:begin -->\n)[\s\S]*?(<!-- live:end -->)/, (_all, begin, end) => `${begin}\n${result}\n\n${end}`),
  );
}
process.exitCode = right ? 0 : 1;
