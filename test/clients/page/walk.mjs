// The page in a real browser on what a real MLflow client logs, live: usage in README.md. Prints a line per check; the last says how many passed.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const here = path.dirname(fileURLToPath(import.meta.url));
const { MLFLOW_TRACKING_URI: url = '', PAGE_EMAIL: email = '', PAGE_PASSWORD: password = '', PYTHON: python = 'python3' } = process.env;
const executablePath = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser'].find((file) => file && existsSync(file));
if (!url || !executablePath) {
  console.log(url ? 'No Chromium at /usr/bin/chromium or $CHROMIUM.' : 'MLFLOW_TRACKING_URI is not set.');
  console.log('0 passed, 1 failed');
  process.exit(1);
}

let passed = 0;
let failed = 0;
async function check(what, work) {
  try {
    await work();
    passed += 1;
    console.log(`ok: ${what}`);
  } catch (error) {
    failed += 1;
    console.log(
      `not ok: ${what}\n  ${String(error.message ?? error)
        .split('\n')
        .slice(0, 6)
        .join('\n  ')}`,
    );
  }
}

const script = spawn(python, [path.join(here, 'train.py')], { stdio: ['pipe', 'pipe', 'inherit'] });
const lines = createInterface({ input: script.stdout })[Symbol.asyncIterator]();
const ended = new Promise((resolve) => script.on('exit', resolve));
/** What the script says next that begins so; its other prints (links) are passed over. */
async function told(word) {
  for (;;) {
    const { value, done } = await lines.next();
    if (done) throw new Error(`The script ended before it said '${word}'.`);
    if (value.startsWith(`${word} `)) return value.split(' ').slice(1);
  }
}
const log = async (value) => {
  script.stdin.write(`${value}\n`);
  await told('logged');
};

const flags = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'];
const browser = await chromium.launch({ executablePath, args: flags });
try {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
  page.setDefaultTimeout(300_000);
  const faults = [];
  page.on('pageerror', (error) => faults.push(error.message));
  await page.goto(url);
  await page.fill('input[name=email]', email);
  await page.fill('input[name=password]', password);
  await page.click('button[type=submit]');
  await page.waitForSelector('role=banner');

  const [experimentId, finished] = await told('finished');
  const [running] = await told('running');
  const open = (hash) => page.goto(`${url}/#/t/default${hash}`);

  await check('the table shows what the client logged', async () => {
    await open(`/experiments/${experimentId}?view=table&cols=params.model,metrics.train/loss,metrics.train/loss@max,tags.stage,attributes.source`);
    const row = page.locator('[role=table][aria-label="Runs"] [role=row][aria-selected]', { hasText: 'finished' });
    for (const value of ['xgb', '0.04', '2', 'baseline', 'train.py']) await row.getByText(value, { exact: true }).first().waitFor();
  });
  await check('a filter finds it', async () => {
    await page.fill('[role=combobox][aria-label="Filter runs"]', "params.model = 'xgb' and metrics.`train/loss` < 1");
    await page.keyboard.press('Enter');
    await page.waitForSelector('role=status[name="How many runs"] >> text=/^1 run · /');
    await page.click('[aria-label="Clear the filter"]');
  });
  await check('the row of a running run moves by itself', async () => {
    const row = page.locator('[role=table][aria-label="Runs"] [role=row][aria-selected]', { hasText: 'going-on' });
    await row.waitFor();
    await log(0.875);
    await row.getByText('0.875', { exact: true }).first().waitFor();
    await log(0.4375);
    await row.getByText('0.4375', { exact: true }).first().waitFor();
  });
  await check('the overview has notes, params, last, least and greatest values', async () => {
    await open(`/runs/${finished}`);
    await page.waitForSelector('role=region[name="Notes"] >> strong >> text=the real client');
    await page.waitForSelector('role=region[name="Params"] >> text=xgb');
    const metric = page.locator('[aria-label="Metrics"] tr', { hasText: 'val/loss' });
    for (const value of ['0.044', '2.2', '49', '50']) await metric.getByText(value, { exact: true }).first().waitFor();
  });
  await check('charts draw its curves', async () => {
    await page.click('nav[aria-label^="Of this"] >> text=Charts');
    await page.waitForSelector('[aria-label="val/loss"] [role=img][data-points="50"] canvas');
  });
  await check('artifacts are shown as what they are', async () => {
    await page.click('nav[aria-label^="Of this"] >> text=Artifacts');
    await page.click('role=navigation[name=/^Artifacts/] >> text=report.md');
    await page.waitForSelector('role=region[name="Preview"] >> h1 >> text=Report');
  });
  await check('the curve of a running run grows, and its end is seen', async () => {
    await open(`/runs/${running}/charts`);
    await page.waitForSelector('[aria-label="train/loss"] [role=img][data-points="2"] canvas');
    for (let step = 0; step < 8; step += 1) await log(0.4 / (step + 1));
    await page.waitForSelector('[aria-label="train/loss"] [role=img][data-points="10"]', { state: 'attached' });
    script.stdin.end();
    await page.waitForSelector('h1 ~ span >> text=Finished');
  });
  await check('nothing went wrong unseen', async () => {
    if (faults.length > 0) throw new Error(faults.join('; '));
  });
} catch (error) {
  failed += 1;
  console.log(`not ok: ${error.stack ?? error}`);
} finally {
  script.stdin.end();
  await browser.close();
  await ended;
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
