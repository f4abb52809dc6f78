// Comparing runs, their files, and runs nested in a run: in a real browser, on data logged over the MLflow protocol.
import { readFile } from 'node:fs/promises';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { client, type Demo, picture, seedDemo } from '../../scripts/demo.mjs';
import { startApp, type TestApp } from '../support/app.ts';
import {
  audit,
  CHART,
  chromiumPath,
  ensureBuilt,
  FILES,
  MESSAGES,
  openBrowser,
  openPage,
  PATIENCE,
  PREVIEW,
  signIn,
  type Watched,
} from './browser.ts';

describe.skipIf(!chromiumPath)('comparing, and files', () => {
  let app: TestApp;
  let browser: Browser;
  let demo: Demo;
  let watched: Watched;
  const open = (hash: string) => watched.page.goto(`${app.url}/#/t/lab${hash}`);
  const compared = (more = '') => open(`/compare?runs=${demo.runIds.join(',')}${more}`);

  beforeAll(async () => {
    ensureBuilt();
    app = await startApp();
    browser = await openBrowser();
    const { token } = await app.seedTeam('lab');
    demo = await seedDemo({ url: app.url, token, runs: 24 });
    const api = client({ url: app.url, token });
    for (const [index, runId] of demo.runIds.entries()) {
      const root = `mlflow-artifacts:/${demo.experimentId}/${runId}/artifacts`;
      await api.upload(root, 'plots/confusion.png', picture());
      await api.upload(root, 'config.yaml', `model: xgb\nlr: 0.${index}\nthreads: 4\n`);
    }
    const root = `mlflow-artifacts:/${demo.experimentId}/${demo.bestRun}/artifacts`;
    await api.upload(root, 'data/trips.parquet', await readFile(new URL('./trips.parquet', import.meta.url)));
    await api.upload(root, 'train.py', 'import mlflow\n\ndef main():\n    return 1\n');
    let parent = demo.bestRun;
    for (const name of ['fold-0', 'seed-0']) {
      const made = (await api.post('runs/create', {
        experiment_id: demo.experimentId,
        run_name: name,
        tags: [{ key: 'mlflow.parentRunId', value: parent }],
      })) as unknown as { run: { info: { run_id: string } } };
      parent = made.run.info.run_id;
    }
    watched = await openPage(browser);
    await signIn(watched.page, app, '/t/lab/models');
  });
  afterAll(async () => {
    await browser?.close();
    await app?.close();
  });

  it('colours curves by a param and draws the mean of each group with its band', async () => {
    const { page } = watched;
    await compared();
    await page.waitForSelector(CHART);
    await page.getByRole('combobox', { name: 'Colour by' }).click();
    await page.getByRole('option', { name: 'params.features' }).click();
    await page.waitForSelector('role=list[name=/^Groups by/] >> text=base');
    await expect.poll(() => page.url(), PATIENCE).toContain('by=params.features');
    await page.click('text=Mean ± sd');
    await page.waitForSelector('[aria-label="val/loss"] [data-groups="2"] canvas');
    await page.locator('[aria-label="val/loss"] [role=img]').hover();
    await page.waitForSelector('role=tooltip >> text=±');
    expect(await audit(page)).toEqual([]);
    await page.click('[aria-label^="Leave out base+"]');
    await page.waitForSelector('role=list[name=/^Groups by/] >> text=base+weather', { state: 'detached' });
  });

  it('shows how a metric is spread over groups, and any two values against each other on log axes', async () => {
    const { page } = watched;
    await compared('&tab=box&bb=params.features');
    await page.waitForSelector('role=group[name="Box plot"] >> svg rect');
    await expect.poll(() => page.locator('[aria-label="Box plot"] svg rect').count(), PATIENCE).toBe(2);
    expect(await audit(page)).toEqual([]);
    await compared('&tab=scatter&sx=params.lr&sy=metrics.rmse');
    await page.locator('role=group[name="Scatter plot"] >> circle').first().hover();
    await page.waitForSelector('role=tooltip >> text=rmse');
    await page
      .getByRole('switch', { name: /^Log scale of/ })
      .first()
      .press('Space');
    await page.waitForSelector('svg text >> text=lr (log)');
    await expect.poll(() => page.url(), PATIENCE).toContain('slog=x');
    expect(await audit(page)).toEqual([]);
  });

  it('keeps the runs that pass a brush, and folds what is the same', async () => {
    const { page } = watched;
    await compared('&tab=parallel&axes=metrics.rmse,params.lr');
    const axis = (await page.locator('[aria-label="Parallel coordinates"] rect').first().boundingBox())!;
    await page.mouse.move(axis.x + axis.width / 2, axis.y + axis.height - 2);
    await page.mouse.down();
    await page.mouse.move(axis.x + axis.width / 2, axis.y + axis.height * 0.6, { steps: 4 });
    await page.mouse.up();
    await page.waitForSelector('text=/^[1-5] of 6 runs$/');
    await expect.poll(() => page.url(), PATIENCE).toContain('keep=metrics.rmse');
    expect(await audit(page)).toEqual([]);
    await page.click('text=Only these');
    await page.waitForSelector('h1 >> text=/Compare [1-5] runs?/');
    await compared('&tab=table');
    await page.waitForSelector('role=group[name="Differences, table"] >> text=rmse');
    await page.click('text=/with the same value in every run/');
    await expect.poll(() => page.url(), PATIENCE).toContain('all=1');
    expect(await audit(page)).toEqual([]);
  });

  it('lays pictures side by side, and texts by what differs', async () => {
    const { page } = watched;
    await compared('&tab=artifacts&path=plots/confusion.png');
    await expect.poll(() => page.locator('[aria-label="Preview"] img').count(), PATIENCE).toBe(6);
    expect(await audit(page)).toEqual([]);
    await page.click(`${FILES} >> text=config.yaml`);
    await page.waitForSelector('role=group[name=/^What differs from/] >> text=/^\\+ lr: 0.1/');
    await expect.poll(() => page.getByRole('group', { name: /^What differs from/ }).count(), PATIENCE).toBe(5);
    expect(await audit(page)).toEqual([]);
  });

  it('previews Parquet and code, downloads a folder, takes an upload and deletes it', async () => {
    const { page } = watched;
    await open(`/runs/${demo.bestRun}/artifacts?path=data/trips.parquet`);
    await page.waitForSelector(`${PREVIEW} >> td >> text=Queens, east`);
    await page.waitForSelector('text=500 rows, 7 columns');
    expect(await audit(page)).toEqual([]);
    await page.click(`${FILES} >> text=train.py`);
    await page.waitForSelector(`${PREVIEW} >> pre span >> text="def"`);
    await page.click(`${FILES} >> text=config.json`);
    await page.click(`${PREVIEW} >> role=button[name=/features/]`);
    expect(await audit(page)).toEqual([]);
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('text=Download all')]);
    expect(download.suggestedFilename()).toMatch(/\.zip$/);
    expect(await download.failure()).toBeNull();
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.click(`${FILES} >> text=Upload`)]);
    await chooser.setFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('sent from the page') });
    await page.waitForSelector(`${MESSAGES} >> text=Uploaded 1 file`);
    await page.click(`${FILES} >> li >> text=notes.txt`);
    await page.waitForSelector(`${PREVIEW} >> text=sent from the page`);
    await page.click('[aria-label="Delete notes.txt"]');
    await page.click('[role=dialog] >> text=/^Delete$/');
    await page.waitForSelector(`${FILES} >> li >> text=notes.txt`, { state: 'detached' });
  });

  it('opens nested runs in place', async () => {
    const { page } = watched;
    await open(`/runs/${demo.bestRun}/children`);
    await page.waitForSelector('table >> text=fold-0');
    await page.click('[aria-label="1 run nested in fold-0"]');
    await page.waitForSelector('table >> text=seed-0');
    expect(await audit(page)).toEqual([]);
  });

  it('fits 380 pixels in the dark, asked nobody else, and nothing went wrong unseen', async () => {
    const narrow = await openPage(browser, { width: 380, dark: true });
    await signIn(narrow.page, app, '/t/lab/models');
    for (const [hash, what] of [
      [`/compare?runs=${demo.runIds.join(',')}&by=params.features&shape=sd`, CHART],
      [`/compare?runs=${demo.runIds.join(',')}&tab=box`, 'role=group[name="Box plot"] >> svg rect'],
      [`/runs/${demo.bestRun}/artifacts?path=train.py`, `${PREVIEW} >> pre span`],
    ] as const) {
      await narrow.page.goto(`${app.url}/#/t/lab${hash}`);
      await narrow.page.waitForSelector(what);
      const overflow = await narrow.page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
      expect(overflow, hash).toBe(0);
      expect(await audit(narrow.page), hash).toEqual([]);
    }
    expect(narrow.faults).toEqual([]);
    await narrow.page.context().close();
    expect([...watched.hosts]).toEqual([new URL(app.url).host]);
    expect(watched.faults).toEqual([]);
  });
});
