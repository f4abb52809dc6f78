// From commit to subscriber: how long a new point takes to reach those who follow its run. Runs against a server that is up:
//   node bench/live.mjs <address> <API token> [--subscribers 200] [--points 1000] [--runs 20] [--seconds 20]
// `points` are logged a second over all runs, five a request. Two times are told of each batch of points: since its request was sent (the
// write included), and since its answer came back (the commit was before that).
import { parseArgs } from 'node:util';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

const option = (usual) => ({ type: 'string', default: String(usual) });
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { subscribers: option(200), points: option(1_000), runs: option(20), seconds: option(20) },
});
const [address, token] = positionals;
if (!address || !token) throw new Error('usage: node bench/live.mjs <address> <API token>');
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
  console.log(`${name}: median ${at(list, 0.5)} ms, 90 % ${at(list, 0.9)} ms, 99 % ${at(list, 0.99)} ms`);
};
console.log(
  `${subscribers} subscribers, ${runs} runs, ${(logged / took).toFixed(0)} points/s logged, ${(received / took).toFixed(0)} points/s received`,
);
console.log(received === expected ? 'every point reached every subscriber once' : `expected ${expected} points, received ${received}`);
line('since sent', sinceSent);
line('since answered', sinceAnswer);
