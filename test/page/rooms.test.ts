// The page in a real browser, room by room, on data logged over the MLflow protocol.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { client, type Demo, seedDemo } from '../../scripts/demo.mjs';
import { newSignInLink } from '../../src/domain/people/sessions.ts';
import { startApp, type TestApp } from '../support/app.ts';
import {
  audit,
  CHART,
  COUNT,
  chromiumPath,
  ensureBuilt,
  FILES,
  FILTER,
  MESSAGES,
  openBrowser,
  openPage,
  PATIENCE,
  PREVIEW,
  RUN,
  signIn,
  TABS,
  type Watched,
} from './browser.ts';

/** CI machines are slow and shared. */
describe.skipIf(!chromiumPath)('the page in a browser', () => {
  let app: TestApp;
  let browser: Browser;
  let demo: Demo;
  let token: string;
  let watched: Watched;
  const open = async (hash: string) => {
    await watched.page.goto(`${app.url}/#/t/lab${hash}`);
  };

  beforeAll(async () => {
    ensureBuilt();
    app = await startApp();
    browser = await openBrowser();
    ({ token } = await app.seedTeam('lab'));
    demo = await seedDemo({ url: app.url, token, runs: 24 });
  });
  afterAll(async () => {
    await browser?.close();
    await app?.close();
  });

  it('signs in by the link that the server prints, stays signed in over a reload, and turns into the table when the first run arrives', async () => {
    const link = await newSignInLink(app.deps, 1);
    watched = await openPage(browser);
    const { page } = watched;
    await page.goto(`${app.url}/#/sign-in/${link}`);
    await page.waitForSelector('text=Log the first run');
    expect(page.url()).not.toContain(link);
    expect(await audit(page)).toEqual([]);
    await page.reload();
    await page.waitForSelector('text=Log the first run');

    await page.click('text=Create an API token and fill it in');
    const lines = page.getByRole('group', { name: 'the two lines' });
    await expect.poll(() => lines.textContent(), PATIENCE).toMatch(/TOKEN=[A-Za-z0-9]{40}$/);
    const [, uri, secret] = /URI=(\S+)\n.*TOKEN=(\S+)/.exec((await lines.textContent())!)!;
    expect(uri).toBe(`${app.url}/t/default`);

    const api = client({ url: uri!, token: secret! });
    await api.post('runs/create', { experiment_id: '0', run_name: 'the-first', start_time: Date.now() });
    await page.waitForSelector(`${RUN} >> text=the-first`);
    // The link was used; whoever is signed in by it is let through all the same.
    await page.goto(`${app.url}/#/sign-in/${link}`);
    await page.waitForSelector(`${RUN} >> text=the-first`);
    expect(watched.faults).toEqual([]);
    await page.context().close();
  });

  it('says what is wrong with a link that was used, and signs in by password', async () => {
    watched = await openPage(browser);
    const { page } = watched;
    await page.goto(`${app.url}/#/sign-in/used-or-never-there`);
    await page.waitForSelector('role=alert >> text=sign-in link has been used');
    expect(await audit(page)).toEqual([]);
    await signIn(page, app, '/sign-in/used-or-never-there');
    await page.waitForSelector(RUN);
  });

  it('sorts the runs by any column, keeps that in the address, and finds it again on "back"', async () => {
    const { page } = watched;
    await open(`/experiments/${demo.experimentId}?view=table&cols=metrics.rmse,params.model`);
    await page.waitForSelector(RUN);
    await page.click('role=table[name="Runs"] >> role=button[name="rmse"]');
    await page.waitForSelector('[aria-sort=ascending]');
    await expect.poll(() => page.url(), PATIENCE).toContain('sort=metrics.rmse');
    const values = async () => (await page.locator(`${RUN} >> [role=cell]:nth-child(3)`).allTextContents()).map(Number);
    await expect.poll(async () => (await values()).every((value, at, all) => at === 0 || value >= all[at - 1]!), PATIENCE).toBe(true);
    const best = await page.locator(`${RUN} >> a`).first().textContent();
    await page.click(`${RUN} >> text=${best}`);
    await page.waitForSelector(`h1 >> text=${best}`);
    await page.goBack();
    await page.waitForSelector('[aria-sort=ascending]');
  });

  it('filters in the search language, and underlines the mistake where the server found it', async () => {
    const { page } = watched;
    await open(`/experiments/${demo.experimentId}?view=table`);
    await page.waitForSelector(RUN);
    await page.keyboard.press('/');
    await page.keyboard.type("params.model = 'xgb' andd metrics.rmse < 9");
    await page.keyboard.press('Enter');
    await page.waitForSelector('role=alert');
    await expect.poll(() => page.locator('u').textContent(), PATIENCE).toBe('andd');
    expect(await audit(page)).toEqual([]);
    await page.fill(FILTER, "params.model = 'xgb'");
    await page.keyboard.press('Enter');
    await page.waitForSelector(`${COUNT} >> text=/^6 runs · /`);
    // The completion offers what runs have logged.
    await page.fill(FILTER, '');
    await page.locator(FILTER).pressSequentially('val/');
    await page.waitForSelector('role=listbox[name="Completions"] >> text=metrics.`val/rmse`');
    await page.keyboard.press('Escape');
    await page.fill(FILTER, '');
    await page.keyboard.press('Enter');
    await page.waitForSelector(`${COUNT} >> text=24 runs`);
  });

  it('groups by params with a statistic of each metric, and opens a group as a filter', async () => {
    const { page } = watched;
    await open(`/experiments/${demo.experimentId}?view=table&cols=metrics.rmse&stat=ARG_MIN`);
    await page.click('button >> text=/^Group$/');
    await page.click('role=dialog >> text=params.model');
    await page.keyboard.press('Escape');
    await page.waitForSelector('text=/^4 groups/');
    await page.click('role=group[name="Groups of runs"] >> role=button[name="rmse"]');
    await page.click('role=group[name="Groups of runs"] >> role=button[name="rmse"]');
    await page.waitForSelector('role=group[name="Groups of runs"] >> th[aria-sort=ascending] >> text=rmse');
    expect(await audit(page)).toEqual([]);
    await page.click('role=group[name="Groups of runs"] >> role=button[name="xgb"]');
    await page.waitForSelector(`${COUNT} >> text=/^6 runs/`);
    await expect.poll(() => page.inputValue(FILTER), PATIENCE).toBe("params.model = 'xgb'");
  });

  it('selects by key, draws the selected, compares them, and undoes a deletion', async () => {
    const { page } = watched;
    await open(`/experiments/${demo.experimentId}`);
    await page.waitForSelector('role=region[name="Over the runs"] >> [role=img]');
    expect(await audit(page)).toEqual([]);
    for (const key of ['j', 'x', 'j', 'x']) await page.keyboard.press(key);
    await page.waitForSelector('role=toolbar >> text=2 runs selected');
    await page.waitForSelector('role=status[name="What is drawn"] >> text=2 ticked');
    await page.click('role=toolbar >> text=Delete');
    await page.waitForSelector(`${COUNT} >> text=22 runs`);
    await page.click(`${MESSAGES} >> text=Undo`);
    await page.waitForSelector(`${COUNT} >> text=24 runs`);
    for (const key of ['k', 'x', 'j', 'x', 'c']) await page.keyboard.press(key);
    await page.waitForSelector('h1 >> text=Compare 2 runs');
    await page.waitForSelector(CHART);
    expect(await audit(page)).toEqual([]);
    for (const [tab, what] of [
      ['Differences', 'role=group[name="Differences, table"] >> td'],
      ['Parallel', 'role=group[name="Parallel coordinates"] >> path'],
      ['Scatter', 'role=group[name="Scatter plot"] >> circle'],
    ] as const) {
      await page.click(`${TABS} >> text=${tab}`);
      await page.waitForSelector(what, { state: 'attached' });
      expect(await audit(page), tab).toEqual([]);
    }
  });

  it('moves with a running run: its row, its values and its curve', async () => {
    const { page } = watched;
    const api = client({ url: app.url, token });
    const log = (value: number, step: number) =>
      api.post('runs/log-metric', { run_id: demo.running, key: 'live', value, step, timestamp: Date.now() });
    await log(1, 0);
    // In the table by subscription: sooner than it would be asked for.
    await open(`/experiments/${demo.experimentId}?view=table&cols=metrics.live`);
    const inTable = page.locator(RUN).first().getByRole('cell').nth(2);
    await expect.poll(() => inTable.textContent(), PATIENCE).toBe('1');
    await page.waitForTimeout(1_000);
    await log(0.5, 1);
    await expect.poll(() => inTable.textContent(), PATIENCE).toBe('0.5');
    await open(`/runs/${demo.running}`);
    const cell = page.locator('[aria-label="Metrics"] tr', { hasText: 'live' }).locator('td').nth(1);
    await expect.poll(() => cell.textContent(), PATIENCE).toBe('0.5');
    await log(0.25, 2);
    await expect.poll(() => cell.textContent(), PATIENCE).toBe('0.25');
    await page.click(`${TABS} >> text=Charts`);
    await page.waitForSelector('[aria-label="live"] [role=img] canvas');
    const points = () => page.locator('[aria-label="live"] [role=img]').getAttribute('data-points');
    const before = Number(await points());
    for (let step = 3; step < 13; step += 1) await log(1 / step, step);
    await expect.poll(async () => Number(await points()), PATIENCE).toBe(before + 10);
  });

  it('shows a run: charts with values under the pointer, and files as what they are', async () => {
    const { page } = watched;
    await open(`/runs/${demo.bestRun}`);
    await page.waitForSelector('role=region[name="Notes"] >> strong >> text=rain and temperature');
    expect(await audit(page)).toEqual([]);
    await page.click(`${TABS} >> text=Charts`);
    const plot = page.locator('[aria-label="val/rmse"] [role=img]');
    await plot.locator('canvas').waitFor();
    const box = (await plot.boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.6, box.y + box.height * 0.5);
    await page.waitForSelector('role=tooltip >> text=/step \\d+/');
    expect(await audit(page)).toEqual([]);
    await page.mouse.move(box.x + box.width * 0.4, box.y + box.height * 0.5);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.7, box.y + box.height * 0.5, { steps: 4 });
    await page.mouse.up();
    await page.click('text=Zoom out');

    await page.click(`${TABS} >> text=Artifacts`);
    await page.click(`${FILES} >> text=predictions.csv`);
    await page.waitForSelector(`${PREVIEW} >> td >> text=Queens, east`);
    await page.click(`${FILES} >> text=report.md`);
    await page.waitForSelector(`${PREVIEW} >> h1 >> text=Report`);
    await page.click(`${FILES} >> text=config.json`);
    await page.waitForSelector(`${PREVIEW} >> text=/"lr": 0.1/`);
    await page.click(`${FILES} >> text=plots`);
    await page.click(`${FILES} >> text=confusion.png`);
    await page.waitForSelector(`${PREVIEW} >> figcaption >> text=320 × 320`);
    expect(await audit(page)).toEqual([]);
    await page.click(`${FILES} >> text=errors.html`);
    await page.frameLocator('iframe').locator('text=Drawn by its own script').waitFor();
  });

  it('shows models, where a version came from, and moves the champion', async () => {
    const { page } = watched;
    await open('/models');
    await page.waitForSelector('table >> text=@champion');
    expect(await audit(page)).toEqual([]);
    await page.click('table >> text=taxi-duration');
    await page.waitForSelector('role=list[name="Versions"]');
    expect(await audit(page)).toEqual([]);
    await page.locator('ol[aria-label="Versions"] li', { hasText: 'v3' }).getByRole('button', { name: 'Promote' }).click();
    await page.click('text=Set the alias');
    await page.waitForSelector('ol[aria-label="Versions"] li:has-text("v3") >> text=@champion');
    await page.click('role=list[name="Versions"] >> text=v3');
    await page.waitForSelector('role=group[name=/^Lineage/] >> text=taxi-xgb');
    await page.waitForSelector('role=region[name="Signature"] >> text=pickup_zone');
    await page.waitForSelector('role=region[name="Use it"] >> text=mlflow.pyfunc.load_model');
    expect(await audit(page)).toEqual([]);
    await page.click('role=group[name=/^Lineage/] >> text=taxi-xgb');
    await page.waitForSelector('[aria-label="Input example"] >> text=Harbour');
    expect(await audit(page)).toEqual([]);
  });

  it('shows the team and you, makes a token whose secret shows once, and finds anything by ⌘K', async () => {
    const { page } = watched;
    await open('/team');
    await page.waitForSelector('table >> text=admin@example.com');
    expect(await audit(page)).toEqual([]);
    await open('/me');
    await page.click('text=New token');
    await page.fill('input[placeholder="What is it for?"]', 'nightly');
    await page.click('button >> text=Create');
    await page.waitForSelector('text=This is the only time the secret is shown');
    await page.click('button >> text=Done');
    await page.waitForSelector('table >> text=nightly');
    expect(await audit(page)).toEqual([]);
    await page.keyboard.press('Control+k');
    await page.waitForSelector('[role=combobox][aria-label="Search and commands"]:focus');
    await page.keyboard.type('taxi-dur');
    await page.waitForSelector('role=option[selected] >> text=taxi-duration');
    expect(await audit(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await page.waitForSelector('h1 >> text=taxi-duration');
  });

  it('makes a team, switches to it, and lets nothing of another be seen there', async () => {
    const { page } = watched;
    await page.click('role=button[name=/switch the team$/]');
    await page.click('text=New team…');
    await page.getByLabel('Name').fill('Vision Team');
    await page.click('button >> text=Create');
    await page.waitForSelector('text=Log the first run of Vision Team');
    await expect.poll(() => page.url(), PATIENCE).toContain('/t/vision-team');
    await page.click('role=navigation[name="Rooms"] >> text=Models');
    await page.waitForSelector('text=No models yet');
    await page.goto(`${app.url}/#/t/nobody/runs`);
    await page.waitForSelector('text=No team “nobody” of yours');
  });

  it('invites by a link that makes an account and joins the team', async () => {
    const { page } = watched;
    await open('/team');
    await page.click('button >> text=Invite');
    await page.getByLabel('Email').fill('grace@example.com');
    await page.click('text=Make the link');
    const link = (await page.getByRole('group', { name: 'the link' }).textContent())!;
    const guest = await openPage(browser);
    await guest.page.goto(link);
    await guest.page.waitForSelector('h1 >> text=Join a team');
    expect(await audit(guest.page)).toEqual([]);
    await guest.page.fill('input[name=name]', 'Grace');
    await guest.page.fill('input[name=password]', 'a long enough one');
    await guest.page.click('button >> text=Join');
    await guest.page.waitForSelector(RUN);
    await expect.poll(() => guest.page.url(), PATIENCE).toContain('/t/lab');
    await guest.page.click('role=navigation[name="Rooms"] >> text=Team');
    await guest.page.waitForSelector('table >> text=grace@example.com');
    expect(await guest.page.locator('text=Add a member').count()).toBe(0);
    expect(guest.faults).toEqual([]);
    await guest.page.context().close();
  });

  it("opens the links that MLflow's client prints", async () => {
    const { page } = watched;
    for (const prefix of ['', '/t/lab']) {
      await page.goto('about:blank');
      await page.goto(`${app.url}${prefix}/#/experiments/${demo.experimentId}/runs/${demo.bestRun}`);
      await page.waitForSelector('main h1');
    }
  });

  it('stays signed in with several tabs that reload at once, and signs them all out', async () => {
    const { page } = watched;
    const other = await page.context().newPage();
    await other.goto(`${app.url}/#/t/lab/runs`);
    for (let times = 0; times < 2; times += 1) {
      await Promise.all([page.reload(), other.reload()]);
      await Promise.all([page.waitForSelector('role=banner'), other.waitForSelector('role=banner')]);
    }
    await other.click('role=button[name=/sign out$/]');
    await other.click('text=Sign out');
    await page.waitForSelector('input[name=password]');
    await other.close();
    await signIn(page, app, '/t/lab/models');
  });

  it('says so when the server is away, and goes on when it is back', async () => {
    const { page } = watched;
    await page.route('**/graphql', (route) => route.abort());
    await open(`/models/${demo.model}/versions/1`);
    await page.waitForSelector('h2 >> text=No connection', { timeout: 300_000 });
    await page.unroute('**/graphql');
    await page.waitForSelector('role=group[name=/^Lineage/]', { timeout: 300_000 });
    watched.faults.splice(0, watched.faults.length, ...watched.faults.filter((fault) => !fault.includes('ERR_FAILED')));
  });

  it('fits 380 pixels, and is as readable in the dark', async () => {
    const narrow = await openPage(browser, { width: 380, dark: true });
    await signIn(narrow.page, app, `/t/lab/experiments/${demo.experimentId}`);
    await narrow.page.waitForSelector(RUN);
    expect(await audit(narrow.page)).toEqual([]);
    for (const hash of [`/runs/${demo.bestRun}`, `/runs/${demo.bestRun}/charts`, '/models', '/experiments', '/me']) {
      await narrow.page.goto(`${app.url}/#/t/lab${hash}`);
      await narrow.page.waitForSelector('table, [role=img] canvas');
      const overflow = await narrow.page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
      expect(overflow, hash).toBe(0);
      expect(await audit(narrow.page), hash).toEqual([]);
    }
    expect(narrow.faults).toEqual([]);
    await narrow.page.context().close();
  });

  it('asked nobody but the server, and nothing went wrong unseen', async () => {
    expect([...watched.hosts]).toEqual([new URL(app.url).host]);
    expect(watched.faults).toEqual([]);
  });
});
