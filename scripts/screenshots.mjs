// `node scripts/screenshots.mjs`: starts a server on an empty database, fills it with demo data, and draws each room, light and dark, into docs/images.
// With an address and a token (`node scripts/screenshots.mjs http://… <token>`) it draws a server that runs already, and seeds nothing.
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { seedDemo } from './demo.mjs';
import { serveAside } from './serve.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const out = path.join(root, 'docs/images');
const TOKEN = 'D'.repeat(40);
const PASSWORD = 'correct horse battery';
const EMAIL = 'ada@example.com';
/** What is waited for, by role and label. */
const RUN = '[role=row][aria-selected]';
const CHART = '[role=img] canvas';
const TAB = 'nav[aria-label^="Of this"] [aria-current=page]';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** `fresh`: nothing of the picture before is left, such as what was ticked. */
async function shoot(page, name, { hash, wait, act, url, fresh = false }) {
  if (fresh) await page.goto('about:blank');
  if (hash !== undefined) await page.goto(`${url}/#${hash}`);
  if (wait) await page.waitForSelector(wait);
  await page.waitForTimeout(700);
  if (act) await act(page);
  await page.waitForTimeout(400);
  await page.screenshot({ path: path.join(out, `${name}.png`) });
}

/** A program makes a version and asks for @champion, which is protected. Returns the request's id. */
async function seedRequest() {
  const post = async (path, token, body) => {
    const response = await fetch(`${url}/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return response.json();
  };
  const ask = async (query, token = TOKEN) => (await post('graphql', token, { query })).data;
  const { createServiceAccount } = await ask(
    'mutation { createServiceAccount(input: {name: "nightly", role: CONTRIBUTOR}) { serviceAccount { id } } }',
  );
  const account = createServiceAccount.serviceAccount.id;
  const { createApiToken } = await ask(`mutation { createApiToken(input: {name: "ci", serviceAccount: "${account}"}) { secret } }`);
  const version = { name: ids.model, source: `models:/${ids.modelId}`, run_id: ids.runIds[0], model_id: ids.modelId };
  const { model_version: made } = await post('api/2.0/mlflow/model-versions/create', createApiToken.secret, version);
  const conditions = ['metrics.rmse <= champion.metrics.rmse', 'signature present', "tags.review = 'done'"];
  await ask(
    `mutation { createProtection(input: {models: "taxi-*", alias: "champion", approvals: 2, conditions: ${JSON.stringify(conditions)}}) { protection { id } } }`,
  );
  const asked = await ask(
    `mutation { requestPromotion(input: {name: "${ids.model}", alias: "champion", version: ${made.version}, comment: "Deeper trees; a week of shadow traffic without an alarm."}) { promotionRequest { requestId } } }`,
    createApiToken.secret,
  );
  return asked.requestPromotion.promotionRequest.requestId;
}

const given = process.argv[2]
  ? { url: process.argv[2], stop: async () => undefined }
  : await serveAside({ token: TOKEN, email: EMAIL, password: PASSWORD });
const { url } = given;
const ids = process.argv[4] ? JSON.parse(process.argv[4]) : await seedDemo({ url, token: process.argv[3] ?? TOKEN });
const requestId = process.argv[2] ? null : await seedRequest();
const only = process.env.ONLY?.split(',');
mkdirSync(out, { recursive: true });
const executablePath = process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync);
const browser = await chromium.launch({ executablePath, args: FLAGS });
for (const scheme of ['light', 'dark']) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 860 }, colorScheme: scheme, deviceScaleFactor: 1 });
  const page = await context.newPage();
  page.on('pageerror', (error) => console.error('page:', error.message));
  page.on('console', (message) => message.type() === 'error' && console.error('console:', message.text()));
  const draw = async (name, options) => {
    if (only && !only.includes(name)) return;
    await shoot(page, `${name}-${scheme}`, { url, ...options });
  };
  await page.goto(url);
  await page.waitForSelector('input[name=email]');
  await draw('sign-in', {});
  await page.fill('input[name=email]', EMAIL);
  await page.fill('input[name=password]', PASSWORD);
  await page.click('button[type=submit]');
  await page.waitForSelector('role=banner');
  const t = '/t/default';
  await draw('runs', {
    hash: `${t}/experiments/${ids.experimentId}?sort=metrics.rmse&cols=attributes.start_time,metrics.rmse,metrics.val/loss@min,params.model,params.lr,params.max_depth,attributes.user_id`,
    wait: '[role=img] circle',
    act: async () => {
      for (const row of [0, 1, 2, 4]) await page.locator('[role=row][aria-selected] [role=checkbox]').nth(row).click();
      await page.waitForTimeout(900);
      const box = await page.locator('[role=img]').first().boundingBox();
      await page.mouse.move(box.x + box.width * 0.55, box.y + box.height * 0.5);
    },
  });
  await draw('runs-table', { fresh: true, hash: `${t}/experiments/${ids.experimentId}?view=table`, wait: RUN });
  await draw('filter', {
    fresh: true,
    hash: `${t}/experiments/${ids.experimentId}?filter=${encodeURIComponent("metrics.rmse < 5 and params.modle = 'xgb' andd status = 'FINISHED'")}`,
    wait: 'role=alert',
  });
  await draw('filter-form', {
    fresh: true,
    hash: `${t}/experiments/${ids.experimentId}?view=table&filter=${encodeURIComponent("metrics.rmse < 5 AND params.model = 'xgb'")}`,
    wait: RUN,
    act: async () => {
      await page.click('[aria-label="Build the filter"]');
      await page.waitForSelector('form[aria-label="Filter"]');
    },
  });
  await draw('views', {
    fresh: true,
    hash: `${t}/experiments/${ids.experimentId}?view=table&sort=metrics.rmse&pin=metrics.rmse`,
    wait: RUN,
    act: async () => {
      await page.click('button >> text=Views');
      await page.waitForSelector('[aria-label="Name of the view"]');
      await page.waitForTimeout(400);
    },
  });
  await draw('groups', {
    hash: `${t}/experiments/${ids.experimentId}?group=params.model,params.features&stat=ARG_MIN&gsort=m0`,
    wait: 'role=group[name="Groups of runs"]',
  });
  await draw('run', { hash: `${t}/runs/${ids.bestRun}`, wait: '[aria-label="Notes"] strong' });
  await draw('run-charts', { hash: `${t}/runs/${ids.bestRun}/charts?smooth=0.6`, wait: CHART });
  await draw('artifacts', { hash: `${t}/runs/${ids.bestRun}/artifacts?path=plots%2Fconfusion.png`, wait: '[aria-label="Preview"] img' });
  await draw('artifacts-table', { hash: `${t}/runs/${ids.bestRun}/artifacts?path=predictions.csv`, wait: '[aria-label="Preview"] table' });
  await draw('run-model', { hash: `${t}/runs/${ids.bestRun}/model`, wait: 'role=region[name="Signature"]' });
  await draw('compare', { hash: `${t}/compare?runs=${ids.runIds.join(',')}`, wait: CHART });
  await draw('compare-table', { hash: `${t}/compare?runs=${ids.runIds.join(',')}&tab=table`, wait: 'role=group[name="Differences, table"]' });
  await draw('compare-parallel', { hash: `${t}/compare?runs=${ids.runIds.join(',')}&tab=parallel`, wait: 'role=group[name="Parallel coordinates"]' });
  await draw('compare-scatter', { hash: `${t}/compare?runs=${ids.runIds.join(',')}&tab=scatter`, wait: 'role=group[name="Scatter plot"]' });
  await draw('compare-bands', { hash: `${t}/compare?runs=${ids.runIds.join(',')}&by=params.model&shape=sd`, wait: CHART });
  await draw('compare-box', { hash: `${t}/compare?runs=${ids.runIds.join(',')}&tab=box&by=params.model`, wait: TAB });
  await draw('compare-artifacts', { hash: `${t}/compare?runs=${ids.runIds.join(',')}&tab=artifacts`, wait: TAB });
  await draw('experiments', { hash: `${t}/experiments`, wait: 'table' });
  await draw('models', { hash: `${t}/models`, wait: 'table' });
  await draw('model', { hash: `${t}/models/${ids.model}`, wait: 'role=list[name="Versions"]' });
  await draw('version', { hash: `${t}/models/${ids.model}/versions/2`, wait: 'role=group[name=/^Lineage/]' });
  if (requestId) {
    await draw('request', { hash: `${t}/requests/${requestId}`, wait: 'role=group[name="Differences, table"]' });
    await draw('requests', { hash: `${t}/requests`, wait: 'role=list[name="Waiting for you"]' });
  }
  await draw('team', { hash: `${t}/team`, wait: 'table' });
  // Whatever other tabs the room has.
  const tabs = await page
    .locator('nav[aria-label^="Of this"] a:not([aria-current])')
    .evaluateAll((links) => links.map((link) => link.getAttribute('href').split('/').at(-1)));
  for (const tab of tabs) await draw(`team-${tab}`, { hash: `${t}/team/${tab}`, wait: TAB });
  await draw('me', { hash: `${t}/me`, wait: 'role=region[name="API tokens"]' });
  await draw('palette', {
    hash: `${t}/runs`,
    wait: RUN,
    act: async () => {
      await page.keyboard.press('Control+k');
      await page.waitForSelector('[role=combobox][aria-label="Search and commands"]');
      await page.keyboard.type('taxi');
      await page.waitForTimeout(500);
    },
  });
  await page.keyboard.press('Escape');
  await page.setViewportSize({ width: 380, height: 780 });
  await draw('narrow', { hash: `${t}/experiments/${ids.experimentId}?view=table`, wait: RUN });
  await draw('narrow-run', { hash: `${t}/runs/${ids.bestRun}`, wait: '[aria-label="Notes"] strong' });
  await context.close();
}
await browser.close();
await given.stop();
