// The page on a phone, 380 px wide, and lists whose names and values are longer than any screen.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { client } from '../../scripts/demo.mjs';
import { audit, chromiumPath, type Lab, openLab, openPage, PATIENCE, RUN, signIn } from './browser.ts';

const LONG = `churn-${'very-long-name-of-a-thing-'.repeat(9)}end`;

describe.skipIf(!chromiumPath)('a narrow page and long names', () => {
  let lab: Lab;
  let { app, browser, demo, token, watched } = {} as Lab;
  let longRun = '';
  beforeAll(async () => {
    lab = await openLab(10);
    ({ app, browser, demo, token, watched } = lab);
    const api = client({ url: app.url, token });
    const { experiment_id: id } = (await api.post('experiments/create', { name: LONG })) as unknown as { experiment_id: string };
    await api.post('registered-models/create', { name: LONG, tags: [{ key: 'owner', value: 'mobility' }] });
    const made = (await api.post('runs/create', { experiment_id: id, run_name: LONG, start_time: Date.now() })) as unknown as {
      run: { info: { run_id: string } };
    };
    longRun = made.run.info.run_id;
    await api.post('runs/log-batch', {
      run_id: longRun,
      params: [
        { key: 'config', value: 'layer: {units: 12, act: relu}, '.repeat(190) },
        { key: 'after', value: '7' },
      ],
    });
  });
  afterAll(() => lab?.close());

  const overflow = (page: Page) => page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');

  it('has toolbars of one row and nothing that pushes the page sideways, in every room', async () => {
    const { page } = await openPage(browser, { width: 380 });
    await signIn(page, app, '/t/lab/runs');
    await page.waitForSelector(RUN);
    for (const hash of [
      `/experiments/${demo.experimentId}`,
      '/experiments',
      `/runs/${longRun}`,
      `/runs/${demo.bestRun}/charts`,
      '/models',
      `/models/${LONG}`,
      `/models/${demo.model}/versions/3`,
      '/team',
      '/me',
    ]) {
      await page.goto(`${app.url}/#/t/lab${hash}`);
      await page.waitForSelector('main h1');
      await page.waitForSelector('[aria-busy=true]', { state: 'detached' });
      expect(await overflow(page), hash).toBeLessThanOrEqual(0);
      const bar = page.locator('main h1').locator('..');
      if (!hash.startsWith('/runs/') && hash !== '/team' && hash !== '/me') expect((await bar.boundingBox())!.height, hash).toBeLessThan(64);
      expect(await audit(page), hash).toEqual([]);
    }
    await page.context().close();
  });

  it('keeps the columns of a list whose one name is long, and tells it whole on hover', async () => {
    const { page } = watched;
    for (const room of ['experiments', 'models']) {
      await page.goto(`${app.url}/#/t/lab/${room}`);
      const cell = page.locator('td', { hasText: LONG.slice(0, 40) }).first();
      await cell.waitFor();
      const beyond = await page.locator('role=group[name=/, table$/]').evaluate((element) => element.scrollWidth - element.clientWidth);
      expect(beyond, room).toBeLessThanOrEqual(0);
      await cell.hover();
      expect(await cell.getAttribute('title')).toContain(LONG);
    }
  });

  it('folds values of thousands of characters', async () => {
    const { page } = watched;
    await page.goto(`${app.url}/#/t/lab/runs/${longRun}`);
    const row = page.getByRole('row', { name: /^config/ });
    await row.waitFor();
    expect((await row.boundingBox())!.height).toBeLessThan(120);
    await row.getByRole('button', { name: /^All 5,\d+ characters$/ }).click();
    await row.getByRole('button', { name: 'Less' }).waitFor();
    expect((await row.boundingBox())!.height).toBeGreaterThan(300);
    expect(await audit(page)).toEqual([]);
  });

  it('shows and changes the tags of models and versions', async () => {
    const { page } = watched;
    await page.goto(`${app.url}/#/t/lab/models`);
    await page.getByRole('row', { name: /churn/ }).getByText('mobility').waitFor();
    for (const hash of [`/models/${demo.model}`, `/models/${demo.model}/versions/3`]) {
      await page.goto(`${app.url}/#/t/lab${hash}`);
      const tags = page.getByRole('region', { name: 'Tags' });
      await tags.getByRole('button', { name: 'Add' }).click();
      await tags.getByLabel('Tag key').fill('reviewed');
      await tags.getByLabel('Tag value').fill('yes');
      await tags.getByLabel('Tag value').press('Enter');
      await tags.getByLabel('Change tag reviewed: yes').click();
      await tags.getByLabel('Tag value').fill('twice');
      await tags.getByLabel('Tag value').press('Enter');
      await tags.getByLabel('Change tag reviewed: twice').waitFor();
      await tags.getByLabel('Remove tag reviewed').click();
      await tags.getByLabel('Change tag reviewed: twice').waitFor({ state: 'detached' });
      expect(await audit(page)).toEqual([]);
    }
    expect(watched.faults).toEqual([]);
  });

  it('finds experiments, models and people of any number by asking the server', async () => {
    const { page } = watched;
    const asked: { search?: string; filter?: string }[] = [];
    page.on('request', (request) => {
      if (request.url().endsWith('/graphql')) asked.push((request.postDataJSON() as { variables: (typeof asked)[number] }).variables);
    });
    await page.goto(`${app.url}/#/t/lab/runs`);
    await page.waitForSelector(RUN);
    await page.click('h1 >> role=button');
    await page.getByLabel('Find an experiment').fill('long_name');
    await page.getByText('No experiment by that name.').waitFor();
    await page.getByLabel('Find an experiment').fill('very-long');
    await page.getByRole('button', { name: LONG, exact: true }).waitFor();
    await expect.poll(() => asked.some(({ filter }) => filter === "name CONTAINS 'very-long'"), PATIENCE).toBe(true);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Search and commands' }).fill('admin@');
    await page.getByRole('option', { name: /Person/ }).waitFor();
    expect(asked.some(({ search }) => search === 'admin@')).toBe(true);
  });
});
