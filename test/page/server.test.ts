// The room of the server's administrator in a real browser: a person with a password by link, a team that goes with its name typed, deletion for good.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { data } from '../support/people.ts';
import { audit, chromiumPath, ensureBuilt, openBrowser, openPage, PATIENCE, signIn, TABS, type Watched } from './browser.ts';

describe.skipIf(!chromiumPath)('the server', () => {
  let app: TestApp;
  let browser: Browser;
  let watched: Watched;
  beforeAll(async () => {
    ensureBuilt();
    app = await startApp();
    const { token } = await app.seedTeam('lab');
    await data(app, 'mutation { createRun(input: {experimentId: "0"}) { run { runId } } }', {}, { token });
    browser = await openBrowser();
    watched = await openPage(browser);
    await signIn(watched.page, app, '/server');
  });
  afterAll(async () => {
    await browser?.close();
    await app?.close();
  });

  it('adds a person, who sets a password by the link', async () => {
    const { page } = watched;
    await page.click('text=Add a person');
    await page.getByLabel('Email').fill('new@example.com');
    await page.click('[role=dialog] button >> text=Add');
    const link = (await page.getByRole('group', { name: 'the link' }).textContent())!;
    expect(link).toContain(`${app.url}/#/reset/`);
    await page.click('button >> text=Done');
    await page.waitForSelector('table >> text=new@example.com');
    expect(await audit(page)).toEqual([]);
    const other = await openPage(browser);
    await other.page.goto(link);
    await other.page.getByLabel('Choose a password').fill('tulip-gravel-Motor');
    await other.page.click('text=Set it and sign in');
    await other.page.waitForSelector('[aria-label^="new:"]');
    await other.page.close();
  });

  it('removes a person, and a team with its name typed', async () => {
    const { page } = watched;
    await page.click('[aria-label="Change new@example.com"]');
    await page.click('text=Remove…');
    await page.click('[role=dialog] button >> text=Remove');
    await expect.poll(() => page.locator('table >> text=new@example.com').count(), PATIENCE).toBe(0);
    await page.click(`${TABS} >> text=Teams`);
    await page.click('[aria-label="Remove the team lab"]');
    const go = page.locator('[role=dialog] button >> text=Delete all of it for good');
    await go.waitFor();
    expect(await go.isDisabled()).toBe(true);
    await page.getByLabel('Type lab to go on').fill('lab');
    await go.click();
    await expect.poll(() => page.locator('table >> text=lab').count(), PATIENCE).toBe(0);
    expect(await audit(page)).toEqual([]);
  });

  it('tells what deletion for good would free', async () => {
    const { page } = watched;
    await page.goto(`${app.url}/#/t/default/team/usage`);
    await page.click('text=What would go?');
    await page.waitForSelector('text=Nothing was deleted so long ago.');
    expect(await audit(page)).toEqual([]);
  });
});
