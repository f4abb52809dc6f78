// Measures the page in a browser: how soon rows and curves stand, and how long frames take while scrolling, pointing and zooming.
//   node bench/page.mjs [--runs 20000] [--curves 100] [--points 100000] [--write]
// starts a server on an empty data folder as `npm start` would, fills it, measures, and stops it. `--write` puts the table into docs/page.md.
//   node bench/page.mjs --url http://… --token … --email … --password …
// measures a server that is up, and logs only what is missing there. Numbers depend on the machine; compare them only with others of the same one.
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { serveAside } from '../scripts/serve.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const option = (usual) => ({ type: 'string', default: usual });
const { values: options } = parseArgs({
  options: {
    runs: option('20000'),
    curves: option('100'),
    points: option('100000'),
    url: option(''),
    token: option('P'.repeat(40)),
    email: option('bench@example.com'),
    password: option('correct horse battery'),
    write: { type: 'boolean', default: false },
  },
});
const [runs, curves, points] = [options.runs, options.curves, options.points].map(Number);
const tell = (text) => process.stderr.write(`${text}\n`);

const server = options.url ? { url: options.url, stop: async () => undefined } : await serveAside(options);

async function ask(query, variables = {}) {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${options.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(JSON.stringify(errors[0]));
  return data;
}

async function each(count, work) {
  let next = 0;
  const one = async () => {
    for (let index = next++; index < count; index = next++) await work(index);
  };
  await Promise.all(Array.from({ length: 6 }, one));
}

async function experimentOf(name) {
  const { team } = await ask('query($n: String) { team(slug: "default") { experiment(name: $n) { experimentId } } }', { n: name });
  if (team.experiment) return { id: team.experiment.experimentId, fresh: false };
  const { createExperiment } = await ask('mutation($n: String!) { createExperiment(input: {name: $n}) { experiment { experimentId } } }', {
    n: name,
  });
  return { id: createExperiment.experiment.experimentId, fresh: true };
}

/** As a search over hyperparameters leaves them: 12 metrics, 8 params and 3 tags each. */
async function fillRuns(experimentId) {
  const PART = 40;
  const names = Array.from({ length: PART }, (_, at) => at);
  const document = `mutation(${names.map((at) => `$c${at}: CreateRunInput!, $l${at}: LogBatchInput!, $u${at}: UpdateRunInput!`).join(', ')}) {
    ${names.map((at) => `c${at}: createRun(input: $c${at}) { run { id } } l${at}: logBatch(input: $l${at}) { run { id } } u${at}: updateRun(input: $u${at}) { run { id } }`).join('\n')} }`;
  const now = Date.now();
  await each(Math.ceil(runs / PART), async (part) => {
    const variables = {};
    for (const at of names) {
      const index = part * PART + at;
      const runId = randomBytes(16).toString('hex');
      const began = now - index * 60_000;
      const params = {
        lr: (0.001 * (1 + (index % 300))).toFixed(4),
        depth: index % 12,
        model: ['xgb', 'mlp', 'linear'][index % 3],
        batch: 2 ** (index % 7),
      };
      for (const more of ['dropout', 'decay', 'warmup', 'seed']) params[more] = Math.round(Math.random() * 1e4) / 1e4;
      variables[`c${at}`] = {
        experimentId,
        runId,
        name: `trial-${index}`,
        startedAt: new Date(began).toISOString(),
        user: ['ada', 'grace', 'ci'][index % 3],
      };
      variables[`l${at}`] = {
        runId,
        params: Object.entries(params).map(([key, value]) => ({ key, value: String(value) })),
        tags: ['stage', 'owner', 'data'].map((key) => ({ key, value: `${key}-${index % 9}` })),
        metrics: Array.from({ length: 12 }, (_, key) => ({
          key: key === 0 ? 'loss' : `eval/metric-${key}`,
          value: Math.random(),
          timestamp: new Date(began).toISOString(),
        })),
      };
      variables[`u${at}`] = {
        runId,
        status: index % 17 ? 'FINISHED' : 'FAILED',
        endedAt: new Date(began + 40_000 + (index % 900) * 1_000).toISOString(),
      };
    }
    await ask(document, variables);
    if (part % 50 === 0) tell(`${part * PART} of ${runs} runs`);
  });
}

async function fillCurves(experimentId) {
  const LOG = 'mutation($i: LogMetricsInput!) { logMetrics(input: $i) { run { id } } }';
  const PART = 10_000;
  await each(curves, async (index) => {
    const runId = randomBytes(16).toString('hex');
    await ask('mutation($i: CreateRunInput!) { createRun(input: $i) { run { id } } }', { i: { experimentId, runId, name: `curve-${index}` } });
    const floor = Math.random() * 0.3;
    for (let from = 0; from < points; from += PART) {
      const steps = Array.from({ length: Math.min(PART, points - from) }, (_, at) => from + at);
      const values = steps.map((step) => floor + 1 / (1 + step / (points / 20)) + Math.random() * 0.05);
      await ask(LOG, { i: { runId, keys: steps.map(() => 'loss'), steps, timestamps: steps.map((step) => 1_700_000_000_000 + step * 100), values } });
    }
    await ask('mutation($i: UpdateRunInput!) { updateRun(input: $i) { run { id } } }', { i: { runId, status: 'FINISHED' } });
    if (index % 10 === 0) tell(`${index} of ${curves} curves`);
  });
}

/** A cell of the table of runs that has its value. */
const ROW = '[role=row][data-run] .mono';

const results = [];
const note = (what, value, goal = '') => {
  results.push([what, value, goal]);
  tell(`${what}: ${value}${goal ? ` (goal ${goal})` : ''}`);
};
const ms = (value) => `${value < 20 ? value.toFixed(1) : Math.round(value)} ms`;
const middle = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
const high = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length * 0.95)];
const frameText = (frames) =>
  `median ${ms(middle(frames))}, 95% under ${ms(high(frames))}, longest ${ms(Math.max(...frames))} (${frames.length} frames)`;

async function measure() {
  const [wide, long] = [await experimentOf(`page-bench-${runs}-runs`), await experimentOf(`page-bench-${curves}-curves-${points}`)];
  if (wide.fresh) await fillRuns(wide.id);
  if (long.fresh) await fillCurves(long.id);
  const executablePath = process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync);
  const flags = [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
  ];
  const browser = await chromium.launch({ executablePath, args: flags });
  try {
    const page = await (await browser.newContext({ viewport: { width: 1440, height: 860 } })).newPage();
    page.setDefaultTimeout(60_000);
    await page.goto(server.url);
    await page.fill('input[name=email]', options.email);
    await page.fill('input[name=password]', options.password);
    await page.click('button[type=submit]');
    await page.waitForSelector('role=banner');

    // CPU time of the page's process, all threads: other work on the machine hardly adds to it.
    const cdp = await browser.newBrowserCDPSession();
    const busy = async () => {
      const { processInfo } = await cdp.send('SystemInfo.getProcessInfo');
      return 1_000 * processInfo.filter(({ type }) => type === 'renderer').reduce((sum, { cpuTime }) => sum + cpuTime, 0);
    };

    /** From a reload to the frame that shows it; the median of five. */
    const opened = async (hash, selector) => {
      const times = [];
      const worked = [];
      for (let turn = 0; turn < 5; turn += 1) {
        await page.goto(`${server.url}/#${hash}`);
        await page.waitForSelector(selector);
        const before = await busy();
        await page.reload({ waitUntil: 'commit' });
        times.push(
          await page.evaluate(
            (wanted) =>
              new Promise((resolve) => {
                const look = () =>
                  document.querySelector(wanted) ? requestAnimationFrame(() => resolve(performance.now())) : requestAnimationFrame(look);
                look();
              }),
            selector,
          ),
        );
        worked.push((await busy()) - before);
      }
      return `${ms(middle(times))}; CPU of the page ${ms(middle(worked))}`;
    };
    const room = `/t/default/experiments/${wide.id}?view=table`;
    note(`first paint of rows, ${runs} runs, newest first`, await opened(room, ROW), '< 1 s');
    note(`the same by a metric`, await opened(`${room}&sort=metrics.loss`, ROW), '< 1 s');
    note(`the same with a filter`, await opened(`${room}&filter=${encodeURIComponent("metrics.loss < 0.5 and params.model = 'xgb'")}`, ROW), '< 1 s');

    await page.goto('about:blank');
    await page.goto(`${server.url}/#${room}`);
    await page.waitForSelector(ROW);
    await page.waitForTimeout(1_500);
    const beforeScroll = await busy();
    const scrolled = await page.evaluate(async () => {
      const table = document.querySelector('[role=table][aria-label="Runs"]');
      const box = table.getBoundingClientRect();
      const frames = [];
      let blank = 0;
      let looked = 0;
      let last = await new Promise(requestAnimationFrame);
      const until = last + 10_000;
      while (last < until) {
        table.scrollTop += 280;
        const now = await new Promise(requestAnimationFrame);
        frames.push(now - last);
        last = now;
        for (const part of [0.15, 0.5, 0.9]) {
          looked += 1;
          if (!document.elementFromPoint(box.left + 300, box.top + box.height * part)?.closest('[role=row][data-run]')) blank += 1;
        }
      }
      return { frames, blank, looked, at: Math.round(table.scrollTop / 28) };
    });
    const scrollWork = ((await busy()) - beforeScroll) / scrolled.frames.length;
    note('frames while scrolling ten rows a frame', `${frameText(scrolled.frames)}; CPU of the page ${ms(scrollWork)} a frame`, 'work < 16 ms');
    note('of these looks at three heights, without a row', `${scrolled.blank} of ${scrolled.looked} (came to row ${scrolled.at})`, '0');

    await page.goto('about:blank');
    await page.goto(`${server.url}/#/t/default/experiments/${long.id}?view=both&metrics=loss`);
    await page.waitForSelector('[data-points] canvas');
    await page.waitForTimeout(1_000);
    const drawn = await page.evaluate(async (wanted) => {
      const began = performance.now();
      document.querySelector('[aria-label="Select all that are loaded"]').click();
      const label = () => document.querySelector('[data-points]')?.getAttribute('aria-label') ?? '';
      while (!label().includes(`${wanted} runs`)) {
        await new Promise(requestAnimationFrame);
        if (performance.now() - began > 60_000) throw new Error(`The chart says: ${label()}`);
      }
      await new Promise(requestAnimationFrame);
      return { took: performance.now() - began, points: Number(document.querySelector('[data-points]').getAttribute('data-points')) };
    }, curves);
    note(
      `${curves} curves of ${points.toLocaleString('en-US')} points: ticked to drawn`,
      `${ms(drawn.took)} (${drawn.points.toLocaleString('en-US')} points drawn)`,
      '< 2 s',
    );
    const box = await page.locator('[data-points]').first().boundingBox();
    const framesDuring = async (act) => {
      await page.evaluate(() => {
        window.frames_ = [];
        let last = performance.now();
        const tick = (now) => {
          window.frames_.push(now - last);
          last = now;
          if (window.frames_ !== null) window.ticking = requestAnimationFrame(tick);
        };
        window.ticking = requestAnimationFrame(tick);
      });
      await act();
      return page.evaluate(() => {
        cancelAnimationFrame(window.ticking);
        return window.frames_;
      });
    };
    const beforePointing = await busy();
    const pointing = await framesDuring(async () => {
      for (let at = 0; at < 120; at += 1) await page.mouse.move(box.x + 60 + ((box.width - 80) * at) / 120, box.y + 60 + (at % 30));
    });
    const pointWork = ((await busy()) - beforePointing) / pointing.length;
    note(`frames while pointing along ${curves} curves`, `${frameText(pointing)}; CPU of the page ${ms(pointWork)} a frame`, 'work < 16 ms');
    await page.mouse.move(box.x + box.width * 0.4, box.y + 80);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.6, box.y + 80, { steps: 5 });
    const refined = page.waitForResponse(
      (response) => response.url().endsWith('/graphql') && (response.request().postData() ?? '').includes('"range":{'),
    );
    const zoomBegan = performance.now();
    await page.mouse.up();
    await refined;
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    note('zoomed in to refined from the server', ms(performance.now() - zoomBegan), '< 2 s');
  } finally {
    await browser.close();
  }
}

function table() {
  const memory = Math.round(totalmem() / 2 ** 30);
  const head = `\`node bench/page.mjs\` with ${runs.toLocaleString('en-US')} runs (12 metrics, 8 params, 3 tags each) and ${curves} curves of ${points.toLocaleString('en-US')} points; ${cpus().length} cores (${cpus()[0].model.trim()}), ${memory} GB, Node ${process.versions.node}, Chromium without a GPU, server and database on the same machine, which had a load of ${loadavg()[0].toFixed(0)} at the end.`;
  return [head, '', '| what | measured | goal |', '| --- | --- | --- |', ...results.map((row) => `| ${row.join(' | ')} |`)].join('\n');
}

try {
  await measure();
  process.stdout.write(`${table()}\n`);
  if (options.write) {
    const file = path.join(root, 'docs/page.md');
    const [begin, end] = ['<!-- page-bench:begin -->', '<!-- page-bench:end -->'];
    const text = readFileSync(file, 'utf8');
    const [from, to] = [text.indexOf(begin), text.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`docs/page.md has no ${begin} … ${end}.`);
    writeFileSync(file, `${text.slice(0, from)}${begin}\n\n${table()}\n\n${text.slice(to)}`);
  }
} finally {
  await server.stop();
}
