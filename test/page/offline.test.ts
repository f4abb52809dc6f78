// The page while the server is away, and after it was replaced by one with another build: never white, and nothing lost.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { audit, COUNT, chromiumPath, FILTER, type Lab, openLab, openPage, PATIENCE, RUN, signIn } from './browser.ts';

const CONNECTION = 'role=status[name="Connection"]';

describe.skipIf(!chromiumPath)('a page whose server comes and goes', () => {
  let lab: Lab;
  let { app, browser, demo } = {} as Lab;
  let room: string;
  beforeAll(async () => {
    lab = await openLab(24);
    ({ app, browser, demo } = lab);
    room = `/t/lab/experiments/${demo.experimentId}?view=table`;
  });
  afterAll(() => lab?.close());

  it('says that it is offline, calls no filter a mistake, and catches up by itself', async () => {
    const { page } = await openPage(browser);
    await signIn(page, app, room);
    await page.waitForSelector(RUN);
    await page.waitForSelector(`${CONNECTION} >> text=Connected`, { state: 'attached' });
    await page.context().setOffline(true);
    await page.waitForSelector(`${CONNECTION} >> text=Offline`);
    await page.waitForSelector('role=button[name="Offline"]');
    // What was there can still be read.
    expect(await page.locator(RUN).count()).toBeGreaterThan(0);
    expect(await audit(page)).toEqual([]);
    await page.fill(FILTER, "params.model = 'xgb'");
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'No connection' }).waitFor();
    expect(await page.getByText('mistake').count()).toBe(0);
    expect(await page.getAttribute(FILTER, 'aria-invalid')).toBeNull();
    // A room that isn't loaded yet says what it waits for.
    await page.getByRole('link', { name: 'Models' }).click();
    await page
      .getByRole('alert')
      .getByText(/comes by itself/)
      .waitFor();
    await page.context().setOffline(false);
    await page.getByRole('heading', { name: 'Models' }).waitFor(PATIENCE);
    await page.goBack();
    await page.waitForSelector(`${COUNT} >> text=/^6 runs · /`);
    await page.waitForSelector(`${CONNECTION} >> text=Connected`, { state: 'attached' });
    await page.waitForSelector('role=button[name="Live"]');
    await page.context().close();
  });

  it('loads the new version where parts of the old one are gone: by itself, or when it is asked where something is typed', async () => {
    const { page } = await openPage(browser);
    await signIn(page, app, room);
    await page.waitForSelector(RUN);
    // The server with another build: other names, and what the old page asks for isn't there.
    let reloads = 0;
    let old = true;
    const upgrade = async () => {
      old = true;
      await page.route(
        (url) => url.pathname === '/',
        async (route) => {
          const answer = await route.fetch();
          if (route.request().isNavigationRequest()) {
            old = false;
            reloads += 1;
          }
          await route.fulfill({ response: answer, body: (await answer.text()).replace(/(assets\/index-[\w-]+\.js)/, `$1?build=${reloads + 1}`) });
        },
      );
      await page.route('**/assets/**', (route) => (old ? route.fulfill({ status: 404, body: '{}' }) : route.continue()));
    };
    await upgrade();
    await page.getByRole('link', { name: 'Experiments' }).click();
    await page.getByRole('heading', { name: 'Experiments' }).waitFor(PATIENCE);
    expect(reloads).toBe(1);

    await page.unrouteAll();
    await upgrade();
    await page.evaluate("sessionStorage.removeItem('runledger.reloaded')");
    await page.fill('input[placeholder^="Find"]', 'taxi');
    await page.getByRole('link', { name: 'Models' }).click();
    // The search box went with its room, so that nothing typed is lost.
    await page.getByRole('heading', { name: 'Models' }).waitFor(PATIENCE);
    expect(reloads).toBe(2);

    await page.goto(`${app.url}/#${room}`);
    await page.waitForSelector(RUN);
    await page.unrouteAll();
    await upgrade();
    await page.evaluate("sessionStorage.removeItem('runledger.reloaded')");
    await page.fill(FILTER, 'half a thou');
    // Something else that isn't loaded yet.
    await page.keyboard.press('Escape');
    await page.getByLabel('Keyboard shortcuts').click();
    const bar = page.getByRole('status', { name: 'New version' });
    await bar.waitFor(PATIENCE);
    expect(reloads).toBe(2);
    expect(await page.inputValue(FILTER)).toBe('half a thou');
    expect(await audit(page)).toEqual([]);
    await bar.getByRole('button', { name: 'Reload' }).click();
    await page.waitForSelector(RUN, PATIENCE);
    expect(reloads).toBe(3);
    await page.context().close();
  });

  it('keeps ticks, the place in the table, the run that the keys are at, and drafts: through rooms, back and reload', async () => {
    const { page } = await openPage(browser);
    await signIn(page, app, room);
    await page.waitForSelector(RUN);
    await page.setViewportSize({ width: 1280, height: 420 });
    const table = page.getByRole('table', { name: 'Runs' });
    const place = () => table.evaluate((element) => element.scrollTop);
    const ticked = () => page.locator('role=toolbar[name="Selected runs"]').textContent();
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await table.hover();
    await page.mouse.wheel(0, 240);
    await expect.poll(place, PATIENCE).toBeGreaterThan(100);
    await page.waitForTimeout(300);
    const before = await place();
    await page.goto(`${app.url}/#/t/lab/runs/${demo.bestRun}`);
    await page.getByRole('button', { name: /^(Edit|Write)$/ }).click();
    await page.getByRole('textbox', { name: 'Notes' }).fill('Half a thought');
    await page.goBack();
    await page.waitForSelector(RUN);
    expect(await ticked()).toContain('2 runs selected');
    await expect.poll(place, PATIENCE).toBe(before);
    await page.reload();
    await page.waitForSelector(RUN);
    expect(await ticked()).toContain('2 runs selected');
    await expect.poll(place, PATIENCE).toBe(before);
    await page.goForward();
    await expect.poll(() => page.getByRole('textbox', { name: 'Notes' }).inputValue(), PATIENCE).toBe('Half a thought');
    // Not saved while nobody answers, and not lost.
    await page.context().setOffline(true);
    await page.getByRole('button', { name: 'Save' }).click();
    await page
      .getByText(/can not be reached/)
      .first()
      .waitFor();
    expect(await page.getByRole('textbox', { name: 'Notes' }).inputValue()).toBe('Half a thought');
    await page.context().setOffline(false);
    await page.waitForSelector(`${CONNECTION} >> text=Connected`, { state: 'attached' });
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('textbox', { name: 'Notes' }).waitFor({ state: 'detached' });
    await page.getByText('Half a thought').waitFor();
    await page.context().close();
  });
});
