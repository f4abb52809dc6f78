// Searching through HTTP: pages that stay whole while others write, view types, limits. The filter language has its own tests.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.close());

const ask = (method: string, path: string, body: Record<string, unknown>) => app.mlflow(method, `2.0/mlflow/${path}`, body);
const call = async (method: string, path: string, body: Record<string, unknown>) => {
  const answer = await ask(method, path, body);
  expect([path, answer.status, answer.status === 200 ? '' : JSON.stringify(answer.body)]).toEqual([path, 200, '']);
  return answer.body;
};
let experiments = 0;
async function newExperiment(): Promise<string> {
  experiments += 1;
  return (await call('POST', 'experiments/create', { name: `searched ${experiments}` })).experiment_id;
}
const newRun = async (experiment_id: string, fields = {}): Promise<string> =>
  (await call('POST', 'runs/create', { experiment_id, start_time: 1, ...fields })).run.info.run_id;
type Info = { info: { run_id: string } };
const idsOf = (body: { runs?: Info[] }) => (body.runs ?? []).map((run) => run.info.run_id);

async function allPages(request: Record<string, unknown>, between: () => Promise<unknown> = async () => {}): Promise<string[]> {
  const ids: string[] = [];
  let page_token: string | undefined;
  do {
    const body: { runs?: Info[]; next_page_token?: string } = await call('POST', 'runs/search', { ...request, ...(page_token && { page_token }) });
    ids.push(...idsOf(body));
    page_token = body.next_page_token;
    await between();
  } while (page_token);
  return ids;
}

test.each([
  ['in the default order', undefined],
  ['by a metric that some lack and one has as NaN', ['metrics.m DESC']],
  ['by a tag, ties and all', ['tags.t ASC']],
])('pages %s hold every run once while others are made and logged to', async (_order, order_by) => {
  const experiment = await newExperiment();
  const runs: string[] = [];
  for (let index = 0; index < 25; index += 1) {
    const run = await newRun(experiment, { start_time: 1_000 + (index % 4), tags: [{ key: 't', value: `${index % 3}` }] });
    if (index % 2 === 0) await call('POST', 'runs/log-metric', { run_id: run, key: 'm', value: index === 4 ? 'NaN' : index % 6, timestamp: 1 });
    runs.push(run);
  }
  const request = { experiment_ids: [experiment], order_by, max_results: 4 };
  const whole = await allPages({ ...request, max_results: 50_000 });
  expect([...whole].sort()).toEqual([...runs].sort());
  let made = 0;
  const paged = await allPages(request, async () => {
    made += 1;
    await newRun(experiment, { start_time: 900 + made * 150, tags: [{ key: 't', value: '1' }] });
  });
  const known = new Set(runs);
  expect(paged.filter((id) => known.has(id))).toEqual(whole);
  expect(new Set(paged).size).toBe(paged.length);
});

test('view types tell the active from the deleted, for runs and experiments', async () => {
  const experiment = await newExperiment();
  const [kept, gone] = [await newRun(experiment), await newRun(experiment)];
  await call('POST', 'runs/delete', { run_id: gone });
  const search = async (run_view_type?: string | number) =>
    idsOf(await call('POST', 'runs/search', { experiment_ids: [experiment], run_view_type })).sort();
  expect(await search()).toEqual([kept]);
  expect(await search('ACTIVE_ONLY')).toEqual([kept]);
  expect(await search('DELETED_ONLY')).toEqual([gone]);
  expect(await search(3)).toEqual([kept, gone].sort());

  const other = await newExperiment();
  await call('POST', 'experiments/delete', { experiment_id: other });
  for (const method of ['GET', 'POST']) {
    const find = async (view_type: string) =>
      ((await call(method, 'experiments/search', { view_type, max_results: 100 })).experiments ?? []).map(
        (one: { experiment_id: string }) => one.experiment_id,
      );
    expect(await find('ACTIVE_ONLY')).not.toContain(other);
    expect(await find('DELETED_ONLY')).toContain(other);
    expect(await find('ALL')).toEqual(expect.arrayContaining([experiment, other]));
  }
});

test('no experiments find no runs, and unknown ones are no fault', async () => {
  expect(await call('POST', 'runs/search', {})).toEqual({});
  expect(await call('POST', 'runs/search', { experiment_ids: [] })).toEqual({});
  expect(await call('POST', 'runs/search', { experiment_ids: ['4711', '99999999999'] })).toEqual({});
});

test('sizes and tokens outside of what a page can have are refused in MLflow’s words', async () => {
  for (const max_results of [0, -1, 50_001]) {
    const { status, body } = await ask('POST', 'runs/search', { experiment_ids: ['0'], max_results });
    expect([status, body.error_code]).toEqual([400, 'INVALID_PARAMETER_VALUE']);
    expect(body.message).toContain(`Invalid value ${max_results} for parameter 'max_results'`);
    expect((await ask('POST', 'experiments/search', { max_results })).status).toBe(400);
  }
  for (const page_token of ['x', 'e30', Buffer.from('{"offset": 1}').toString('base64'), '\ud83d\ude00', 'A'.repeat(5_000)]) {
    for (const [path, more] of [
      ['runs/search', { experiment_ids: ['0'] }],
      ['experiments/search', {}],
    ] as const) {
      expect([page_token.slice(0, 20), (await ask('POST', path, { page_token, ...more })).status]).toEqual([page_token.slice(0, 20), 400]);
    }
  }
});
