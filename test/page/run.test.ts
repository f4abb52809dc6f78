// One run in a real browser: its overview, what can be changed there, and its charts.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { client } from '../../scripts/demo.mjs';
import { audit, COUNT, chromiumPath, FILTER, type Lab, MESSAGES, openLab, PATIENCE, RUN } from './browser.ts';

/** Of scripts and styles until the table stands, compressed. */
const FIRST_LOAD_BYTES = 280_000;

describe.skipIf(!chromiumPath)('a run', () => {
  let lab: Lab;
  let { app, demo, token, watched } = {} as Lab;
  const open = (hash: string) => watched.page.goto(`${app.url}/#/t/lab${hash}`);

  beforeAll(async () => {
    lab = await openLab(12);
    ({ app, demo, token, watched } = lab);
  });
  afterAll(() => lab?.close());

  it('loads at most 280 kB of scripts and styles, compressed, until the table stands', async () => {
    const { page } = watched;
    await page.waitForSelector(RUN);
    const loaded = await page.evaluate(() =>
      (performance.getEntriesByType('resource') as unknown as { name: string; encodedBodySize: number; decodedBodySize: number }[])
        .filter(({ name }) => /\.(js|css)$/.test(name))
        .map(({ name, encodedBodySize, decodedBodySize }) => ({ name, encodedBodySize, decodedBodySize })),
    );
    const total = loaded.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0);
    expect(total).toBeGreaterThan(50_000);
    expect(total, JSON.stringify(loaded)).toBeLessThan(FIRST_LOAD_BYTES);
    expect(loaded.every(({ encodedBodySize, decodedBodySize }) => decodedBodySize < 1_000 || encodedBodySize < decodedBodySize)).toBe(true);
  });

  it('shows source, commit with a link, data and system metrics apart; sorts and searches; changes tags', async () => {
    const { page } = watched;
    await client({ url: app.url, token }).post('runs/set-tag', {
      run_id: demo.bestRun,
      key: 'mlflow.source.git.repoURL',
      value: 'git@github.com:acme/taxi.git',
    });
    await open(`/runs/${demo.bestRun}`);
    const link = page.locator('section[aria-label="Source"] a');
    await expect.poll(() => link.getAttribute('href'), PATIENCE).toMatch(/^https:\/\/github\.com\/acme\/taxi\/commit\/[0-9a-f]{40}$/);
    await page.waitForSelector('[aria-label="Datasets"] >> text=s3://data/taxi/2026-09.parquet');
    const keys = () => page.locator('section[aria-label="Metrics"] tbody td:first-child').allTextContents();
    expect((await keys()).filter((key) => key.startsWith('system/'))).toEqual([]);
    await expect.poll(() => page.locator('section[aria-label="System metrics"] tbody tr').count(), PATIENCE).toBe(2);
    await page.click('role=region[name="Metrics"] >> role=button[name="Last"]');
    await page.click('role=region[name="Metrics"] >> role=button[name="Last"]');
    await expect.poll(async () => (await keys())[0], PATIENCE).toMatch(/rmse/);
    await page.getByLabel('Filter Params').fill('depth');
    await expect.poll(() => page.locator('section[aria-label="Params"] tbody tr').count(), PATIENCE).toBe(1);
    await page.getByLabel('Change tag stage').click();
    await page.getByLabel('Tag value').fill('accepted');
    await page.click('role=region[name="Tags"] >> role=button[name="Set"]');
    await page.waitForSelector('role=region[name="Tags"] >> text=accepted');
    await page.getByLabel('Remove tag stage').click();
    await page.click(`${MESSAGES} >> text=Undo`);
    await page.waitForSelector('role=region[name="Tags"] >> text=accepted');
    expect(await audit(page)).toEqual([]);
    // A metric leads to its own chart.
    await page.click('section[aria-label="Metrics"] >> text=val/r2');
    await page.waitForSelector('[aria-label="val/r2"] [role=img] canvas');
    await expect.poll(() => page.getByRole('button', { name: /^Enlarge / }).count(), PATIENCE).toBe(1);
  });

  it('zooms all charts together, refines, moves along, and keeps that in the address; smooths, and draws a log scale', async () => {
    const { page } = watched;
    await open(`/runs/${demo.bestRun}/charts`);
    const plot = page.locator('[aria-label="val/rmse"] [role=img]');
    await plot.locator('canvas').waitFor();
    const box = (await plot.boundingBox())!;
    const drag = async (from: number, to: number) => {
      await page.mouse.move(box.x + box.width * from, box.y + 60);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width * to, box.y + 60, { steps: 4 });
      await page.mouse.up();
    };
    await drag(0.4, 0.7);
    await page.waitForSelector('text=Zoom out');
    const zoom = () => new URLSearchParams(page.url().split('?')[1]).get('zoom')!.split('~').map(Number) as [number, number];
    const [from, to] = zoom();
    for (const key of ['val/rmse', 'train/loss'])
      await expect
        .poll(async () => Number(await page.locator(`[aria-label="${key}"] [role=img]`).getAttribute('data-points')), PATIENCE)
        .toBeLessThan(150);
    await page.keyboard.down('Shift');
    await drag(0.6, 0.3);
    await page.keyboard.up('Shift');
    await expect.poll(() => zoom()[0], PATIENCE).toBeGreaterThan(from);
    expect(zoom()[1] - zoom()[0]).toBeCloseTo(to - from, 3);
    await page.getByLabel('Earlier').click();
    await expect.poll(() => zoom()[0], PATIENCE).toBeLessThan(from);
    await page.reload();
    await page.click('text=Zoom out');
    expect(page.url()).not.toContain('zoom=');

    await page.getByLabel('Smoothing').focus();
    for (let times = 0; times < 5; times += 1) await page.keyboard.press('ArrowRight');
    await expect.poll(() => page.url(), PATIENCE).toContain('smooth=0.05');
    await page.click('text=Relative');
    await page.waitForSelector('[aria-label^="val/rmse over relative"] canvas');
    await page.keyboard.press('l');
    await expect.poll(() => page.url(), PATIENCE).toContain('log=1');
    await page.getByLabel('Filter charts').fill('loss$');
    await expect.poll(() => page.getByRole('button', { name: /^Enlarge / }).count(), PATIENCE).toBe(2);
    expect(await audit(page)).toEqual([]);
    await page.locator('body').click({ position: { x: 5, y: 400 } });
    await page.keyboard.press('e');
    await page.waitForSelector('[role=dialog] [role=img] canvas');
    await page.keyboard.press('Escape');
    await page.waitForSelector('[role=dialog]', { state: 'detached' });
  });

  it('finds people by ⌘K', async () => {
    const { page } = watched;
    await page.keyboard.press('Control+k');
    await page.waitForSelector('[role=combobox][aria-label="Search and commands"]:focus');
    await page.keyboard.type('admin@example');
    await page.waitForSelector('role=option[selected] >> text=Person');
    await page.keyboard.press('Enter');
    await page.waitForSelector(COUNT);
    await expect.poll(() => page.inputValue(FILTER), PATIENCE).toContain('admin@example.com');
    expect(watched.faults).toEqual([]);
  });
});
