// The filter in a real browser: what people type is understood, what may follow is offered, and where nothing matches the page says why.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { client } from '../../scripts/demo.mjs';
import { audit, COUNT, chromiumPath, FILTER, type Lab, openLab, PATIENCE, RUN } from './browser.ts';

describe.skipIf(!chromiumPath)('the filter', () => {
  let lab: Lab;
  let { app, demo, token, watched } = {} as Lab;
  let room: string;
  beforeAll(async () => {
    lab = await openLab(24);
    ({ app, demo, token, watched } = lab);
    room = `${app.url}/#/t/lab/experiments/${demo.experimentId}?view=table`;
  });
  afterAll(() => lab?.close());

  const ask = async (text: string) => {
    await watched.page.fill(FILTER, text);
    await watched.page.keyboard.press('Enter');
  };
  const options = () => watched.page.locator('role=listbox[name="Completions"] >> role=option').allTextContents();

  it('takes what people type', async () => {
    const { page } = watched;
    await page.goto(room);
    await page.waitForSelector(RUN);
    const api = client({ url: app.url, token });
    const found = async (filter: string) => {
      const { runs } = (await api.post('runs/search', { experiment_ids: [demo.experimentId], filter, max_results: 100 })) as unknown as {
        runs?: unknown[];
      };
      return runs?.length ?? 0;
    };
    for (const [typed, meant] of [
      ['fox', "attributes.run_name LIKE '%fox%'"],
      ['val/loss < 0.4', 'metrics.`val/loss` < 0.4'],
      ['model = forest', "params.model = 'forest'"],
      ["user = 'ada'", "attributes.user_id = 'ada'"],
      ['status = failed', "attributes.status = 'FAILED'"],
      ["start_time > '2020-11-26'", ''],
      ['duration > 1ms and status = finished', "attributes.status = 'FINISHED'"],
    ] as const) {
      const count = await found(meant);
      expect(count, typed).toBeGreaterThan(0);
      await ask(typed);
      await page.waitForSelector(`${COUNT} >> text=/^${count} runs? · /`);
      expect(await page.locator('[role=alert]').count(), typed).toBe(0);
    }
  });

  it('offers values before a quote is typed, and takes them with the keys', async () => {
    const { page } = watched;
    await page.fill(FILTER, '');
    await page.locator(FILTER).pressSequentially('model = ');
    await expect.poll(async () => (await options()).join(), PATIENCE).toContain('forest');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await page.waitForSelector(`${COUNT} >> text=/^6 runs · /`);
    await page.fill(FILTER, '');
    await page.locator(FILTER).pressSequentially('max_depth ');
    await expect.poll(async () => (await options()).join(), PATIENCE).toContain('NOT ILIKE');
    expect(await audit(page)).toEqual([]);
  });

  it('says why nothing matches, and what may have been meant', async () => {
    const { page } = watched;
    await ask('val/los < 100');
    await page.getByRole('button', { name: 'metrics.`val/loss`' }).click();
    await page.waitForSelector(`${COUNT} >> text=/^2\\d runs · /`);
    await ask("params.model = 'forrest' and metrics.`val/loss` < 100");
    const conditions = page.getByRole('list', { name: 'What each condition leaves' });
    await conditions.getByRole('button', { name: 'forest' }).waitFor();
    expect(await audit(page)).toEqual([]);
    await conditions.getByRole('button', { name: 'forest' }).click();
    await page.waitForSelector(`${COUNT} >> text=/^6 runs · /`);
    await ask('metrics.`val/loss` < -1');
    await conditions.getByText(/The lowest is [\d.]+/).waitFor();
    await page.getByRole('button', { name: 'Clear the filter' }).last().click();
    await page.waitForSelector(RUN);
    expect(watched.faults).toEqual([]);
  });
});
