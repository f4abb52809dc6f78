// The charts beside the runs in a real browser: what a tuned experiment tells at first sight, and that what is drawn is what is said.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { client } from '../../scripts/demo.mjs';
import { audit, chromiumPath, FILTER, type Lab, openLab, PATIENCE, RUN } from './browser.ts';

const DRAWN = 'role=status[name="What is drawn"]';
const BASELINE = ['training_score', 'training_mean_absolute_error', 'training_mean_squared_error', 'training_r2_score'];

type Logged = { name: string; params?: Record<string, string>; metrics: Record<string, number[]>; parent?: string; start?: number };

describe.skipIf(!chromiumPath)('charts beside the runs', () => {
  let lab: Lab;
  let post: (path: string, body: object) => Promise<Record<string, unknown>>;
  const ids: Record<string, string> = {};

  /** As MLflow's client logs a run: it is created, its batches follow, it ends. */
  const log = async (experiment: string, { name, params = {}, metrics, parent, start = Date.now() }: Logged) => {
    const tags = parent ? [{ key: 'mlflow.parentRunId', value: parent }] : [];
    const { run } = (await post('runs/create', { experiment_id: experiment, run_name: name, start_time: start, tags })) as {
      run: { info: { run_id: string } };
    };
    const { run_id: runId } = run.info;
    const points = Object.entries(metrics).flatMap(([key, values]) => values.map((value, step) => ({ key, value, step, timestamp: start + step })));
    for (let at = 0; at === 0 || at < points.length; at += 1_000)
      await post('runs/log-batch', {
        run_id: runId,
        metrics: points.slice(at, at + 1_000),
        ...(at === 0 ? { params: Object.entries(params).map(([key, value]) => ({ key, value })) } : {}),
      });
    await post('runs/update', { run_id: runId, status: 'FINISHED', end_time: start + 100 });
    ids[name] = runId;
    return runId;
  };
  const experimentOf = async (name: string) => ((await post('experiments/create', { name })) as { experiment_id: string }).experiment_id;
  const open = async (hash: string) => {
    await lab.watched.page.goto(`${lab.app.url}/#/t/lab${hash}`);
    await lab.watched.page.waitForSelector(RUN);
  };
  const chart = (metric: string) => lab.watched.page.getByRole('region', { name: metric, exact: true });
  const ramp = (count: number, of: (at: number) => number) => Array.from({ length: count }, (_, at) => of(at));
  let tuned = '';
  let curves = '';
  let odd = '';
  let lone = '';

  beforeAll(async () => {
    lab = await openLab(12);
    ({ post } = client({ url: lab.app.url, token: lab.token }) as { post: typeof post });
    tuned = await experimentOf('tuned');
    const began = Date.now() - 60_000;
    await log(tuned, { name: 'baseline', start: began, metrics: Object.fromEntries(BASELINE.map((key) => [key, [0.9]])) });
    const parent = await log(tuned, { name: 'search', start: began + 1, metrics: { rmse: [59.4] } });
    const rmse = [61.6, 60.9, 61.2, 59.97, 60.2, 59.4, 59.8, 60.5, 61, 60.1, 59.9, 60.7];
    for (const [at, value] of rmse.entries()) {
      const params = { depth: String(12 - at), lr: String(10 ** -(1 + (at % 4))), kind: at % 2 ? 'gbt' : 'forest' };
      await log(tuned, { name: `trial ${at}`, start: began + 2 + at, parent, params, metrics: { rmse: [value] } });
    }
    await post('registered-models/create', { name: 'forest' });
    await post('model-versions/create', { name: 'forest', source: `runs:/${ids['trial 5']}/model`, run_id: ids['trial 5'] });
    curves = await experimentOf('curves');
    for (let at = 0; at < 12; at += 1)
      await log(curves, {
        name: `curve ${at}`,
        start: began + at,
        params: { kind: at % 2 ? 'wide' : 'deep' },
        metrics: { loss: ramp(20, (step) => (1 + at / 20) / (step + 1)), score: [0.8 + at / 100] },
      });
    odd = await experimentOf('odd');
    await log(odd, {
      name: 'odd one',
      metrics: { sunk: ramp(20, (at) => -1 - at), spike: ramp(30, (at) => (at === 3 ? 1e6 : at / 30)), long: ramp(3_000, Math.sqrt) },
    });
    lone = await experimentOf('lone');
    await log(lone, { name: 'lone one', metrics: { loss: ramp(20, (at) => 1 / (at + 1)) } });
  });
  afterAll(() => lab?.close());

  it('tells a tuned experiment at once: values over the trials, the best so far, its run and model, params against it, the rest in one line', async () => {
    const { page } = lab.watched;
    await open(`/experiments/${tuned}`);
    const story = page.getByRole('region', { name: 'Over the runs' });
    await story.getByRole('img', { name: 'rmse of 12 runs by their start, best 59.4 by trial 5' }).waitFor();
    // The axis is that of the values: no label says zero.
    const labels = await chart('rmse').locator('svg text').allTextContents();
    expect(labels.filter((label) => /^\d/.test(label)).length).toBeGreaterThan(3);
    expect(labels).not.toContain('0');
    await story.getByText('1 run has none. Left out: search, which only holds others.').waitFor();
    await story.getByRole('link', { name: 'forest v1' }).waitFor();
    for (const param of ['depth', 'lr', 'kind']) await story.getByRole('img', { name: `rmse against ${param}, 12 runs` }).waitFor();
    await page.getByText(`Not logged by the runs shown: ${[...BASELINE].sort().slice(0, 3).join(', ')}`).waitFor();
    expect(await page.getByText('None of the runs shown logged this').count()).toBe(0);
    expect(await audit(page)).toEqual([]);
    // Pointing at a dot lights its row; pressing it opens the run.
    const plot = (await chart('rmse').locator('svg[role=img]').boundingBox())!;
    const dot = (await chart('rmse').locator('svg[role=img] circle').nth(8).boundingBox())!;
    await page.mouse.move(dot.x + dot.width / 2, dot.y + dot.height / 2);
    await page.waitForSelector('role=tooltip >> text=trial 8');
    expect(plot.width).toBeGreaterThan(300);
    await page.mouse.click(dot.x + dot.width / 2, dot.y + dot.height / 2);
    await page.waitForSelector('h1 >> text=trial 8');
    await open(`/experiments/${tuned}`);
    await story.getByRole('link', { name: 'trial 5' }).click();
    await page.waitForSelector('h1 >> text=trial 5');
  });

  it('draws ticked runs that the filter leaves out, and says how many', async () => {
    const { page } = lab.watched;
    await open(`/experiments/${curves}`);
    for (const name of ['curve 1', 'curve 2', 'curve 4']) await page.getByLabel(`Select ${name}`, { exact: true }).check();
    await page.waitForSelector(`${DRAWN} >> text=/^3 ticked\\s*$/`);
    await page.fill(FILTER, "params.kind = 'wide'");
    await page.keyboard.press('Enter');
    await page.waitForSelector(`${DRAWN} >> text=3 ticked, 2 outside the filter`);
    await page.waitForSelector('role=img[name="loss over step, 3 runs"]');
    // What was logged once stands beside each other too.
    await page.getByRole('list', { name: 'One value per run, 3 runs' }).waitFor();
    await page.click('[aria-label="Clear the filter"]');
    await page.getByRole('toolbar', { name: 'Selected runs' }).getByRole('button', { name: 'Clear' }).click();
    expect(await audit(page)).toEqual([]);
  });

  it('hides a run by its eye, which unticks nothing, and shows it again', async () => {
    const { page } = lab.watched;
    await open(`/experiments/${curves}`);
    await page.waitForSelector('role=img[name="loss over step, 10 runs"]');
    await page.waitForSelector(`${DRAWN} >> text=first 10 of 12 runs`);
    for (const name of ['curve 3', 'curve 5']) await page.getByLabel(`Select ${name}`, { exact: true }).check();
    await page.getByRole('button', { name: 'Hide curve 3 in the charts' }).click();
    await page.waitForSelector(`${DRAWN} >> text=2 ticked, 1 hidden`);
    await page.waitForSelector('role=img[name="loss over step, 1 run"]');
    expect(await page.getByLabel('Select curve 3', { exact: true }).isChecked()).toBe(true);
    expect(await audit(page)).toEqual([]);
    await page.click(`${DRAWN} >> text=Show all`);
    await page.waitForSelector('role=img[name="loss over step, 2 runs"]');
    await page.getByRole('toolbar', { name: 'Selected runs' }).getByRole('button', { name: 'Clear' }).click();
  });

  it('draws a group of the table as its mean and band in every chart', async () => {
    const { page } = lab.watched;
    await page.goto(`${lab.app.url}/#/t/lab/experiments/${curves}?group=params.kind`);
    await page.waitForSelector(`${DRAWN} >> text=Mean and band of 2 groups, 12 runs`);
    await page.waitForSelector('role=img[name="loss over step, 2 groups"]');
    await page.getByRole('list', { name: 'Mean of each group, 2 groups' }).waitFor();
    expect(await audit(page)).toEqual([]);
  });

  it('says in place what it can’t show: outliers, values beyond a range by hand, a log scale without numbers, points thinned', async () => {
    const { page } = lab.watched;
    await open(`/experiments/${odd}`);
    await chart('long')
      .getByText(/^3,000 points, thinned to \d+\./)
      .waitFor();
    await page.getByRole('switch', { name: 'Ignore outliers' }).press('Space');
    await chart('spike')
      .getByText(/^\d+ values? (above|beyond) the axis\./)
      .waitFor();
    await page.getByRole('switch', { name: 'Ignore outliers' }).press('Space');
    await page.getByRole('button', { name: 'Range of spike' }).click();
    const form = page.getByRole('form', { name: 'Range of spike' });
    await form.getByLabel('From').fill('2');
    await form.getByLabel('To').fill('1');
    await form.getByRole('alert').waitFor();
    await form.getByLabel('From').fill('0.5');
    expect(await audit(page)).toEqual([]);
    await form.getByRole('button', { name: 'Set' }).click();
    await chart('spike')
      .getByText(/^\d+ values beyond the axis\./)
      .waitFor();
    await expect.poll(() => page.url(), PATIENCE).toContain('y=spike%7E0.5%7E1');
    await page.getByRole('switch', { name: 'Log' }).press('Space');
    await chart('sunk').getByText('Nothing to draw: 20 values ≤ 0 left out of the log scale.').waitFor();
    expect(await audit(page)).toEqual([]);
  });

  it('lets a lone chart fill the pane', async () => {
    const { page } = lab.watched;
    await open(`/experiments/${lone}`);
    const plot = page.getByRole('img', { name: 'loss over step, 1 run' });
    await plot.waitFor();
    const [own, pane] = [(await plot.boundingBox())!, (await page.getByRole('region', { name: 'Metrics' }).boundingBox())!];
    expect(own.height).toBeGreaterThan(300);
    expect(own.width).toBeGreaterThan(pane.width * 0.9);
  });
});
