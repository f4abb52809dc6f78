// Measures the page in a browser against a running server: `node bench/page.mjs <address> <API token> <email> <password> [runs] [curves] [points]`.
// Logs what is missing of an experiment with so many runs, and of one with so many long curves; then says how soon rows and curves stand, and how
// long frames take while scrolling. Numbers depend on the machine; compare them only with others of the same one.
import { chromium } from 'playwright-core';
import { client } from '../scripts/demo.mjs';

const [url = '', token = '', email = '', password = '', runs = '20000', curves = '50', points = '100000'] = process.argv.slice(2);
const api = client({ url, token });
const PARALLEL = 12;

async function experimentOf(name) {
  const found = await api.post('experiments/search', { filter: `name = '${name}'`, max_results: 1 });
  return found.experiments?.[0]?.experiment_id ?? (await api.post('experiments/create', { name })).experiment_id;
}

async function each(count, work) {
  let next = 0;
  const one = async () => {
    for (let index = next++; index < count; index = next++) await work(index);
  };
  await Promise.all(Array.from({ length: PARALLEL }, one));
}

async function begin(experimentId, name, startTime) {
  return (await api.post('runs/create', { experiment_id: experimentId, run_name: name, start_time: startTime })).run.info.run_id;
}

async function fill() {
  const wide = await experimentOf(`page-bench-${runs}-runs`);
  const have = await api.post('runs/search', { experiment_ids: [wide], max_results: 1 });
  if (!have.runs?.length) {
    await each(Number(runs), async (index) => {
      const runId = await begin(wide, `trial-${index}`, Date.now() - index * 60_000);
      const params = { lr: Math.random(), depth: index % 12, model: ['xgb', 'mlp', 'linear'][index % 3], batch: 2 ** (index % 7) };
      await api.post('runs/log-batch', {
        run_id: runId,
        params: Object.entries(params).map(([key, value]) => ({ key, value: String(value) })),
        metrics: ['loss', 'acc', 'rmse'].map((key) => ({ key, value: Math.random(), timestamp: Date.now(), step: 0 })),
      });
      await api.post('runs/update', { run_id: runId, status: 'FINISHED', end_time: Date.now() });
    });
  }
  const long = await experimentOf(`page-bench-${curves}-curves-${points}`);
  const drawn = await api.post('runs/search', { experiment_ids: [long], max_results: 1000 });
  const ids = (drawn.runs ?? []).map(({ info }) => info.run_id);
  if (ids.length === 0) {
    await each(Number(curves), async (index) => {
      const runId = await begin(long, `curve-${index}`, Date.now());
      ids.push(runId);
      for (let at = 0; at < Number(points); at += 1_000) {
        const metrics = Array.from({ length: Math.min(1_000, Number(points) - at) }, (_, more) => ({
          key: 'loss',
          value: 1 / (1 + (at + more) / 5_000) + Math.random() * 0.05,
          timestamp: Date.now(),
          step: at + more,
        }));
        await api.post('runs/log-batch', { run_id: runId, metrics });
      }
    });
  }
  return { wide, ids };
}

const { wide, ids } = await fill();
const flags = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'];
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: flags });
const page = await (await browser.newContext({ viewport: { width: 1440, height: 860 } })).newPage();
page.setDefaultTimeout(60_000);
await page.goto(url);
await page.fill('input[name=email]', email);
await page.fill('input[name=password]', password);
await page.click('button[type=submit]');
await page.waitForSelector('.top');

const timed = async (name, hash, selector) => {
  await page.goto('about:blank');
  const began = performance.now();
  await page.goto(`${url}/#${hash}`);
  await page.waitForSelector(selector);
  console.log(`${name}: ${Math.round(performance.now() - began)} ms`);
};
await timed(`rows of ${runs} runs, newest first`, `/t/default/experiments/${wide}?view=table`, '.runs-item');
await timed(`rows of ${runs} runs, by a metric`, `/t/default/experiments/${wide}?view=table&sort=metrics.loss`, '.runs-item');
await page.waitForTimeout(1_000);
const frames = await page.evaluate(async () => {
  const table = document.querySelector('.runs-scroll');
  const box = table.getBoundingClientRect();
  const times = [];
  let blank = 0;
  let last = performance.now();
  const until = last + 6_000;
  while (last < until) {
    table.scrollTop += 240;
    await new Promise(requestAnimationFrame);
    times.push(performance.now() - last);
    last = performance.now();
    if (!document.elementFromPoint(box.left + 300, box.top + 400)?.closest('.runs-item')) blank += 1;
  }
  times.sort((a, b) => a - b);
  return { count: times.length, median: times[times.length >> 1], p95: times[Math.floor(times.length * 0.95)], blank };
});
console.log(
  `scrolling: ${frames.count} frames, median ${frames.median.toFixed(1)} ms, 95% under ${frames.p95.toFixed(1)} ms, ${frames.blank} without a row in the middle`,
);
await timed(`${Math.min(50, ids.length)} curves of ${points} points`, `/t/default/compare?runs=${ids.slice(0, 50).join(',')}`, '.plot canvas');
await browser.close();
