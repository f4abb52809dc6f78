// `npm run demo`: fills a server with a believable team, by the same two variables that MLflow's clients take. `-- --live` goes on logging until Ctrl-C.
import { parseArgs } from 'node:util';
import { goOn, seedTeam } from './demo-team.mjs';

const { values: given } = parseArgs({
  options: { url: { type: 'string' }, token: { type: 'string' }, team: { type: 'string' }, live: { type: 'boolean', default: false } },
});
const url = (given.url ?? process.env.MLFLOW_TRACKING_URI ?? 'http://127.0.0.1:5000').replace(/\/+$/, '');
const token = given.token ?? process.env.MLFLOW_TRACKING_TOKEN;

function stop(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

if (!token)
  stop('Which token? Paste the two lines that the server printed (MLFLOW_TRACKING_URI, MLFLOW_TRACKING_TOKEN), or add -- --url … --token ….');

const began = performance.now();
try {
  const running = await seedTeam({ url, token, team: given.team, tell: (what) => process.stdout.write(`  ${what}\n`) });
  process.stdout.write(`Done in ${((performance.now() - began) / 1_000).toFixed(1)} s. Open ${url}\n`);
  if (given.live) {
    const ending = new AbortController();
    process.once('SIGINT', () => ending.abort());
    process.stdout.write('The run lora-r16 of support-llm goes on, a step a second. Ctrl-C ends it.\n');
    await goOn(running, ending.signal);
  }
} catch (error) {
  if (/RESOURCE_ALREADY_EXISTS/.test(error.message))
    stop('The team has an experiment or model of the demo already: choose another one with -- --team <its short name>.');
  if (error.cause?.code) stop(`No server answers at ${url} (${error.cause.code}). Is it running?`);
  stop(error.message);
}
