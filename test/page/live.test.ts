// What moves, and what clients say oddly, in a real browser: points in any order, times that no calendar holds, texts with quotes, nested runs.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { client } from '../../scripts/demo.mjs';
import { audit, COUNT, chromiumPath, FILTER, type Lab, MESSAGES, openLab, PATIENCE, RUN } from './browser.ts';

type Made = { run: { info: { run_id: string } } };

describe.skipIf(!chromiumPath)('the page while runs log', () => {
  let lab: Lab;
  let { app, token, watched } = {} as Lab;
  let api: ReturnType<typeof client>;
  let experiment = '';
  const create = async (name: string, more: Record<string, unknown> = {}): Promise<string> => {
    const made = (await api.post('runs/create', { experiment_id: experiment, run_name: name, start_time: Date.now(), ...more })) as unknown as Made;
    return made.run.info.run_id;
  };
  const log = (runId: string, key: string, points: [step: number, timestamp: number, value: number][]) =>
    api.post('runs/log-batch', { run_id: runId, metrics: points.map(([step, timestamp, value]) => ({ key, step, timestamp, value })) });
  const open = (hash: string) => watched.page.goto(`${app.url}/#/t/lab${hash}`);

  beforeAll(async () => {
    lab = await openLab(12);
    ({ app, token, watched } = lab);
    api = client({ url: app.url, token });
    experiment = ((await api.post('experiments/create', { name: "it's 50%_\\o" })) as unknown as { experiment_id: string }).experiment_id;
  });
  afterAll(() => lab?.close());

  it('draws late steps, steps logged again and metrics without steps, on every axis and in every room', async () => {
    const { page } = watched;
    const runId = await create('live');
    const ended = await create('ended', { tags: [] });
    const began = Date.UTC(2026, 0);
    const base = Array.from({ length: 5 }, (_, at) => [at * 10, began + at * 1_000, at] as [number, number, number]);
    for (const id of [runId, ended]) {
      await log(id, 'loss', base);
      await log(id, 'flat', [
        [0, began, 1],
        [0, began + 1_000, 2],
      ]);
    }
    await api.post('runs/update', { run_id: ended, status: 'FINISHED', end_time: Date.now() });
    // Step 5 comes late, step 20 again (later by the clock), one at the end; without steps: another at step 0.
    const more = async (id: string, round: number) => {
      await log(id, 'loss', [
        [5 + round, began + 500 + round, 9],
        [20, began + 9_000 + round, 8],
        [100 + round, began + 10_000 + round, 7],
      ]);
      await log(id, 'flat', [[0, began + 2_000 + round, 3]]);
    };
    const points = async (metric: string, x: string) =>
      Number(
        await page
          .locator(`[role=img][aria-label^="${metric} over ${x}"]`)
          .first()
          .getAttribute('data-points', { timeout: 1_000 })
          .catch(() => -1),
      );
    const rooms: [string, (x: string) => string][] = [
      ['a run', (x) => `/runs/${runId}/charts?x=${x}`],
      ['a run that has ended', (x) => `/runs/${ended}/charts?x=${x}`],
      ['the table', (x) => `/experiments/${experiment}?view=charts&x=${x}`],
      ['the comparison', (x) => `/compare?runs=${runId},${ended}&x=${x}`],
    ];
    const held = {
      loss: { steps: new Set(base.map(([step]) => step)), times: new Set(base.map(([, time]) => time)) },
      flat: new Set([began, began + 1_000]),
    };
    let round = 0;
    for (const [room, address] of rooms) {
      for (const x of ['step', 'time', 'relative']) {
        await page.goto('about:blank');
        await open(address(x));
        const many = room === 'the table' || room === 'the comparison' ? 2 : 1;
        const wanted = () => (x === 'step' ? held.loss.steps : held.loss.times).size * many;
        await expect.poll(() => points('loss', x), { ...PATIENCE, message: `${room}, ${x}, as read` }).toBe(wanted());
        round += 1;
        for (const id of [runId, ended]) await more(id, round);
        for (const step of [5 + round, 100 + round]) held.loss.steps.add(step);
        for (const time of [500, 9_000, 10_000]) held.loss.times.add(began + time + round);
        held.flat.add(began + 2_000 + round);
        await expect.poll(() => points('loss', x), { ...PATIENCE, message: `${room}, ${x}, late and again` }).toBe(wanted());
        if (x !== 'step')
          await expect.poll(() => points('flat', x), { ...PATIENCE, message: `${room}, ${x}, without steps` }).toBe(held.flat.size * many);
      }
    }
    expect(watched.faults).toEqual([]);
  });

  it('shows runs whose clocks say what no calendar holds, and exports them', async () => {
    const { page } = watched;
    const odd = await create('nanoseconds', { start_time: 1.8e18 });
    await log(odd, 'loss', [
      [1, 1.8e18, 1],
      [2, 1.8e18 + 1e9, 2],
      [3, 1.8e18 + 256, 3],
    ]);
    await api.post('runs/update', { run_id: odd, status: 'FINISHED', end_time: 1.8e18 });
    await create('early', { start_time: -9e15 });
    await open(`/experiments/${experiment}?view=split&cols=attributes.start_time,attributes.end_time,attributes.duration&x=time`);
    await page.waitForSelector(`${RUN} >> text=1800000000000000000`);
    await page.waitForSelector(`${RUN} >> text=-9000000000000000`);
    expect(await page.getByTitle(/In nanoseconds it would be .*2027/).count()).toBeGreaterThan(0);
    await page.waitForSelector('[aria-label^="loss over time"] canvas');
    const download = page.waitForEvent('download');
    await page.getByLabel('More').click();
    await page.click('text=As CSV');
    expect((await download).suggestedFilename()).toContain('.csv');
    for (const x of ['time', 'relative', 'step']) {
      await open(`/runs/${odd}/charts?x=${x}`);
      await page.waitForSelector(`[aria-label^="loss over ${x}"] canvas`);
      await page.locator(`[aria-label^="loss over ${x}"] .u-over`).hover();
      await page.waitForSelector('role=tooltip');
    }
    const answer = await app.graphql(
      'query($r: String!) { run(runId: $r) { startedAt endedAt metrics { lastTimestamp } } team(slug: "lab") { runsOverTime(interval: MONTH) { start runCount } } }',
      { r: odd },
      { token },
    );
    expect(answer.body.errors).toBeUndefined();
    expect(answer.body.data.run.startedAt).toBe('+275760-09-13T00:00:00.000Z');
    await open(`/runs/${odd}`);
    await page.waitForSelector('text=after the year 275760');
    expect(await audit(page)).toEqual([]);
    expect(watched.faults).toEqual([]);
  });

  it('finds what has quotes of both kinds: a group, a search, a value that is completed', async () => {
    const { page } = watched;
    const note = `it's "both"`;
    const noted = await create('noted');
    await api.post('runs/log-parameter', { run_id: noted, key: 'note', value: note });
    await open(`/experiments/${experiment}?view=table&group=params.note`);
    await page.click(`role=button[name="${note.replaceAll('"', '\\"')}"]`);
    await page.waitForSelector(`${COUNT} >> text=/^1 run/`);
    await expect.poll(() => page.inputValue(FILTER), PATIENCE).toBe(`params.note = 'it''s "both"'`);
    await page.click('[aria-label="Build the filter"]');
    await expect.poll(() => page.getByRole('combobox', { name: 'Value 1' }).inputValue(), PATIENCE).toBe(note);
    await page.click('form[aria-label="Filter"] >> text=Apply');
    await page.waitForSelector(`${COUNT} >> text=/^1 run/`);
    await page.click('[aria-label="Clear the filter"]');
    await page.locator(FILTER).pressSequentially("params.note = 'it''s");
    await page.waitForSelector('role=listbox[name="Completions"] >> text=both');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await page.waitForSelector(`${COUNT} >> text=/^1 run/`);
    // Wildcards and quotes in a search box stand for themselves.
    await open('/experiments');
    for (const [search, there] of [
      ["it's 50%_\\", true],
      ["it's 5_%", false],
    ] as const) {
      await page.getByRole('textbox').first().fill(search);
      await expect.poll(() => page.getByRole('link', { name: "it's 50%_\\o" }).count(), PATIENCE).toBe(there ? 1 : 0);
    }
    expect(watched.faults).toEqual([]);
  });

  it('says which nested runs stay when their parent is deleted, and deletes them too', async () => {
    const { page } = watched;
    const parent = await create('parent');
    const nested = (name: string, of: string) => create(name, { tags: [{ key: 'mlflow.parentRunId', value: of }] });
    const child = await nested('child', parent);
    await nested('grandchild', child);
    await open(`/experiments/${experiment}?view=table&filter=${encodeURIComponent("run_name in ('parent', 'child', 'grandchild')")}`);
    await page.waitForSelector(`${COUNT} >> text=/^3 runs/`);
    await page.locator(RUN, { hasText: 'parent' }).getByRole('checkbox').check();
    await page.click('role=toolbar >> text=Delete');
    await page.waitForSelector(`${MESSAGES} >> text=2 nested runs stay`);
    await page.click(`${MESSAGES} >> text=Delete them too`);
    await page.waitForSelector(`${MESSAGES} >> text=Deleted 2 runs`);
    await page.waitForSelector(`${COUNT} >> text=/^0 runs/`);
    // From the run's own page, and back.
    await open(`/runs/${parent}`);
    await page.click('role=button[name="Restore"]');
    await page.waitForSelector(`${MESSAGES} >> text=2 nested runs stay deleted`);
    await page.click(`${MESSAGES} >> text=Restore them too`);
    await page.waitForSelector(`${MESSAGES} >> text=Restored 2 runs`);
    await page.click('[aria-label="Actions on this run"]');
    await page.click('role=menuitem[name="Delete"]');
    await page.waitForSelector(`${MESSAGES} >> text=/Deleted parent. 2 nested runs stay/`);
    expect(watched.faults).toEqual([]);
  });
});
