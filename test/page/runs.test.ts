// The room of runs in a real browser: views, the filter's form, columns, several experiments, bulk work and exports.
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { client } from '../../scripts/demo.mjs';
import { audit, COUNT, chromiumPath, FILTER, type Lab, MESSAGES, openLab, PATIENCE, RUN } from './browser.ts';

describe.skipIf(!chromiumPath)('the room of runs', () => {
  let lab: Lab;
  let { app, demo, token, watched } = {} as Lab;
  const open = async (hash: string) => {
    await watched.page.goto(`${app.url}/#/t/lab${hash}`);
    await watched.page.waitForSelector(RUN);
  };
  const names = () => watched.page.locator(`${RUN} >> a`).allTextContents();

  beforeAll(async () => {
    lab = await openLab(24);
    ({ app, demo, token, watched } = lab);
  });
  afterAll(() => lab?.close());

  it('builds a filter by form, completes values, and opens what is typed as a form', async () => {
    const { page } = watched;
    await open(`/experiments/${demo.experimentId}?view=table`);
    await page.click('[aria-label="Build the filter"]');
    await page.getByRole('combobox', { name: 'Field 1' }).fill('model');
    await page.getByRole('option', { name: 'model', exact: true }).click();
    await page.getByRole('combobox', { name: 'Value 1' }).click();
    await page.getByRole('option', { name: 'xgb' }).click();
    await page.click('form[aria-label="Filter"] >> text=Condition');
    await page.getByRole('combobox', { name: 'Field 2' }).fill('val/rmse');
    await page.getByRole('option', { name: 'val/rmse', exact: true }).click();
    await page.getByRole('combobox', { name: 'Value 2' }).fill('100');
    expect(await audit(page)).toEqual([]);
    await page.click('form[aria-label="Filter"] >> text=Apply');
    await page.waitForSelector(`${COUNT} >> text=/^6 runs · \\d/`);
    await expect.poll(() => page.inputValue(FILTER), PATIENCE).toBe("params.model = 'xgb' AND metrics.`val/rmse` < 100");
    await page.click('[aria-label="Build the filter"]');
    await expect.poll(() => page.getByRole('combobox', { name: 'Value 1' }).inputValue(), PATIENCE).toBe('xgb');
    await page.click('form[aria-label="Filter"] >> text=Clear');
    await page.waitForSelector(`${COUNT} >> text=24 runs`);
    // Typing offers the values that runs have.
    await page.locator(FILTER).pressSequentially("params.model = 'fo");
    await page.waitForSelector('role=listbox[name="Completions"] >> text=forest');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await page.waitForSelector(`${COUNT} >> text=/^6 runs · /`);
    await page.click('[aria-label="Clear the filter"]');
  });

  it('saves a view under a name, says when it has changed, updates, shares and deletes it with undo', async () => {
    const { page } = watched;
    await open(`/experiments/${demo.experimentId}?view=table&sort=metrics.rmse&cols=metrics.rmse,params.model`);
    // What the table is to show first; read from it, it could be what it showed before.
    const { runs } = (await client({ url: app.url, token }).post('runs/search', {
      experiment_ids: [demo.experimentId],
      order_by: ['metrics.rmse ASC'],
      max_results: 1,
    })) as unknown as { runs: { info: { run_name: string } }[] };
    const first = runs[0]!.info.run_name;
    await expect.poll(async () => (await names())[0], PATIENCE).toBe(first);
    await page.click('button >> text=Views');
    await page.getByLabel('Name of the view').fill('Best first');
    await page.getByLabel('For the whole team').check();
    expect(await audit(page)).toEqual([]);
    await page.click('role=dialog >> role=button[name="Save"]');
    await page.waitForSelector('role=button[name="Best first"]');
    await open(`/experiments/${demo.experimentId}?view=table`);
    await page.click('button >> text=Views');
    await page.click('role=dialog >> role=button[name="Best first"]');
    await page.waitForSelector('[aria-sort=ascending]');
    await expect.poll(async () => (await names())[0], PATIENCE).toBe(first);
    await page.click('role=table[name="Runs"] >> role=button[name="rmse"]');
    await page.waitForSelector('role=button[name=/changed$/]');
    await page.click('button >> text=Best first');
    await page.click('text=Update “Best first”');
    await page.waitForSelector('role=button[name=/changed$/]', { state: 'detached' });
    await page.click('button >> text=Best first');
    await page.getByLabel('Delete Best first').click();
    await page.getByText('Deleted Best first').locator('..').getByRole('button', { name: 'Undo' }).click();
    await page.click('button >> text=Views');
    await page.waitForSelector('role=dialog >> role=button[name="Best first"]');
    await page.keyboard.press('Escape');
  });

  it('asks only for the columns that are shown, sorts by any of them, pins and remembers them', async () => {
    const { page } = watched;
    const asked: { columns: string[]; orderBy: { by: string }[] | null }[] = [];
    page.on('request', (request) => {
      const body = request.url().endsWith('/graphql') ? (request.postDataJSON() as { query: string; variables: (typeof asked)[number] }) : null;
      if (body?.query.includes('query RunTable')) asked.push(body.variables);
    });
    await open(`/experiments/${demo.experimentId}?view=table&cols=params.lr,metrics.val/loss@min,attributes.commit`);
    await expect
      .poll(() => asked.at(-1)?.columns.slice(4), PATIENCE)
      .toEqual(['params.`lr`', 'metrics.`val/loss`.min', 'tags.`mlflow.source.git.commit`']);
    await page.click('role=table[name="Runs"] >> role=button[name="Commit"]');
    await page.waitForSelector('[aria-sort=ascending] >> text=Commit');
    await page.getByLabel('Column val/loss min').click();
    await page.click('text=Pin beside the name');
    await expect
      .poll(() => page.locator('[role=table][aria-label="Runs"] [role=columnheader]').allTextContents(), PATIENCE)
      .toEqual(['', 'Name', 'val/loss min', 'lr', 'Commit']);
    await expect.poll(() => page.url(), PATIENCE).toContain('pin=metrics');
    expect(await audit(page)).toEqual([]);
    // The address says nothing of columns: those of the last time come back.
    await open('/runs?view=table');
    await open(`/experiments/${demo.experimentId}?view=table`);
    await expect.poll(() => page.getByRole('columnheader').nth(2).textContent(), PATIENCE).toBe('val/loss min');
    await page.click('button >> text=Columns');
    await page.click('text=Back to the usual');
    await page.waitForSelector('role=columnheader >> text=Started');
    await page.keyboard.press('Escape');
  });

  it('shows several experiments together', async () => {
    const { page } = watched;
    await page.click('h1 >> role=button');
    await page.getByLabel('Show churn-q4 too').check();
    await page.click('text=Show 2 together');
    await page.waitForSelector(`${COUNT} >> text=28 runs`);
    await page.waitForSelector('role=columnheader >> text=Experiment');
    expect(await audit(page)).toEqual([]);
  });

  it('tags many and takes it back to what was there, selects all, and exports what is shown', async () => {
    const { page } = watched;
    const stages = async () => {
      const { runs } = (await client({ url: app.url, token }).post('runs/search', {
        experiment_ids: [demo.experimentId],
        max_results: 100,
      })) as unknown as {
        runs: { data: { tags: { key: string; value: string }[] } }[];
      };
      return runs.map(({ data }) => data.tags.find(({ key }) => key === 'stage')?.value).sort();
    };
    const before = await stages();
    await open(`/experiments/${demo.experimentId}?view=table&cols=metrics.rmse,tags.stage,attributes.start_time`);
    await page.getByLabel('Select all that are loaded').check();
    await page.click('role=toolbar >> text=Tag');
    await page.getByRole('textbox', { name: 'Key' }).fill('stage');
    await page.getByRole('textbox', { name: 'Value' }).fill('done');
    await page.click('text=Set the tag');
    await page.waitForSelector(`${MESSAGES} >> text=Tagged 24 runs`);
    expect(await stages()).toEqual(before.map(() => 'done'));
    await page.getByText('Tagged').locator('..').getByRole('button', { name: 'Undo' }).click();
    await expect.poll(stages, PATIENCE).toEqual(before);

    const download = page.waitForEvent('download');
    await page.click('role=toolbar >> text=Export');
    await page.click('role=menuitem[name="CSV"]');
    const csv = await readFile((await (await download).path())!, 'utf8');
    expect(csv.split('\r\n')[0]).toBe('run_id,run_name,status,metrics.rmse,tags.stage,start_time');
    expect(csv.trim().split('\r\n')).toHaveLength(25);
    await page.click('role=toolbar >> text=Clear');
    const all = page.waitForEvent('download');
    await page.getByLabel('More').click();
    await page.click('text=As JSON');
    const rows = JSON.parse(await readFile((await (await all).path())!, 'utf8')) as Record<string, unknown>[];
    expect(rows).toHaveLength(24);
    expect(rows[0]).toMatchObject({ 'metrics.rmse': expect.any(Number), start_time: expect.stringMatching(/^2\d{3}-/) });
  });

  it('shows the right rows wherever a long table is scrolled to, keeps what is ticked, the name in place, and no focus on another run', async () => {
    const { page } = watched;
    const api = client({ url: app.url, token });
    const { experiment_id: long } = (await api.post('experiments/create', { name: 'long table' })) as unknown as { experiment_id: string };
    const named = (at: number) => `row ${String(at).padStart(3, '0')}`;
    for (let at = 0; at < 150; at += 1)
      await api.post('runs/create', { experiment_id: long, run_name: named(at), start_time: 1_750_000_000_000 - at * 1_000 });
    await open(`/experiments/${long}?view=table&cols=attributes.start_time,attributes.run_id,attributes.user_id`);
    const table = page.getByRole('table', { name: 'Runs' });
    const row = (at: number) => page.locator(`${RUN}[aria-rowindex="${at + 2}"]`);
    const scrollTo = (top: number, left = 0) =>
      table.evaluate((element, place) => void Object.assign(element, place), { scrollTop: top, scrollLeft: left });
    await page.getByLabel(`Select ${named(1)}`, { exact: true }).check();
    await page.getByLabel(`Select ${named(2)}`, { exact: true }).focus();
    for (const at of [60, 100, 140, 80, 20]) {
      await scrollTo(at * 28);
      await expect.poll(() => row(at).getByRole('link').textContent(), PATIENCE).toBe(named(at));
      // Rows stand in the order of the table, for whoever reads or tabs through them.
      // In one go: a row may be filled anew between finding it and reading it.
      const places = await page.evaluate<number[]>(
        `[...document.querySelectorAll('[aria-label="Runs"] [role=row][aria-selected]')].map((one) => Number(one.getAttribute('aria-rowindex')))`,
      );
      expect(places.length).toBeGreaterThan(20);
      expect(places).toEqual([...places].sort((a, b) => a - b));
      expect(await page.evaluate<string>(`document.activeElement?.getAttribute('aria-label') ?? ''`)).not.toMatch(/^Select row (?!002)/);
    }
    await scrollTo(0);
    await expect.poll(() => page.getByLabel(`Select ${named(1)}`, { exact: true }).isChecked(), PATIENCE).toBe(true);
    await page.setViewportSize({ width: 720, height: 800 });
    await scrollTo(0, 200);
    await expect.poll(async () => (await row(3).getByRole('cell').nth(1).boundingBox())!.x, PATIENCE).toBeLessThan(60);
    await page.setViewportSize({ width: 1280, height: 800 });
    await scrollTo(0);
    await page.keyboard.press('Escape');
  });

  it('counts new runs on a long table, goes on from where it was paused, and drops the deleted', async () => {
    const { page } = watched;
    await open(`/experiments/${demo.experimentId}?view=table`);
    await page.waitForTimeout(500);
    await page.click('role=button[name=/^(Live|Paused)$/]');
    await page.waitForSelector('role=button[name="Paused"]');
    const api = client({ url: app.url, token });
    const { run } = (await api.post('runs/create', {
      experiment_id: demo.experimentId,
      run_name: 'while-paused',
      start_time: Date.now(),
    })) as unknown as {
      run: { info: { run_id: string } };
    };
    await page.waitForTimeout(1_500);
    expect(await names()).not.toContain('while-paused');
    await page.click('role=button[name=/^(Live|Paused)$/]');
    await expect.poll(names, PATIENCE).toContain('while-paused');
    await api.post('runs/delete', { run_id: run.info.run_id });
    await expect.poll(names, PATIENCE).not.toContain('while-paused');
  });

  it('asked nobody but the server, and nothing went wrong unseen', () => {
    expect([...watched.hosts]).toEqual([new URL(app.url).host]);
    expect(watched.faults).toEqual([]);
  });
});
