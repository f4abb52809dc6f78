// A team's people, programs, webhooks, audit log and usage; one's sessions; and who promoted what: in a real browser.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Demo, seedDemo } from '../../scripts/demo.mjs';
import { ADMIN_EMAIL, startApp, type TestApp } from '../support/app.ts';
import { audit, chromiumPath, ensureBuilt, MESSAGES, openBrowser, openPage, PATIENCE, signIn, TABS, type Watched } from './browser.ts';

describe.skipIf(!chromiumPath)('teams, oneself and promotions', () => {
  let app: TestApp;
  let browser: Browser;
  let demo: Demo;
  let receiver: Server;
  let watched: Watched;
  const open = (hash: string) => watched.page.goto(`${app.url}/#/t/lab${hash}`);

  beforeAll(async () => {
    ensureBuilt();
    receiver = createServer((_request, response) => response.writeHead(503).end('too busy'));
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    app = await startApp({ config: { webhookAllowPrivate: true } });
    browser = await openBrowser();
    const { token } = await app.seedTeam('lab');
    demo = await seedDemo({ url: app.url, token, runs: 8 });
    watched = await openPage(browser);
    await signIn(watched.page, app, '/t/lab/team');
  });
  afterAll(async () => {
    await browser?.close();
    await app?.close();
    receiver?.close();
  });

  it('makes a service account with a token, and disables it with a way back', async () => {
    const { page } = watched;
    await page.click(`${TABS} >> text=Programs`);
    await page.click('text=New account');
    await page.getByLabel('Name').fill('nightly');
    await page.click('[role=dialog] button >> text=Create');
    await page.click('[aria-label="New token for nightly"]');
    await page.fill('input[placeholder="What is it for?"]', 'cron');
    await page.click('[role=dialog] button >> text=Create');
    const secret = (await page.getByRole('group', { name: 'the secret' }).textContent())!;
    await page.click('button >> text=Done');
    await page.waitForSelector('table >> text=cron');
    const works = async () => !(await app.graphql('{ viewer { kind } }', {}, { token: secret })).body.errors;
    expect(await works()).toBe(true);
    await page.click('[aria-label="Disable nightly"]');
    await page.waitForSelector('role=group[name="Service accounts, table"] >> text=/^disabled/');
    expect(await works()).toBe(false);
    expect(await audit(page)).toEqual([]);
    await page.click(`${MESSAGES} >> text=Undo`);
    await page.waitForSelector('[aria-label="Disable nightly"]');
    await expect.poll(works, PATIENCE).toBe(true);
  });

  it('makes a webhook, shows what a test call answers, and deletes it after a question', async () => {
    const { page } = watched;
    await page.click(`${TABS} >> text=Webhooks`);
    await page.click('text=New webhook');
    await page.getByLabel('Name').fill('chat');
    await page.getByLabel('Address').fill(`http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`);
    await page.click('[role=dialog] button >> text=Create');
    await page.click('role=listitem[name="chat"] >> role=button[name="Test"]');
    await page.waitForSelector('role=listitem[name="chat"] >> role=status >> text=HTTP 503');
    await page.waitForSelector('role=listitem[name="chat"] >> role=status >> text=too busy');
    await page.click('[aria-label="Deliveries of chat"]');
    await page.waitForSelector('text=Nothing has been sent lately');
    expect(await audit(page)).toEqual([]);
    await page.click('[aria-label="Delete chat"]');
    await page.click('[role=dialog] >> text=/^Delete$/');
    await page.waitForSelector('text=None. A webhook tells');
  });

  it('tells who did what, filtered by kind in the address, with before and after', async () => {
    const { page } = watched;
    await page.click(`${TABS} >> text=Audit log`);
    await page.waitForSelector('role=group[name="Audit log, table"] >> text=Webhook deleted');
    await page.getByRole('combobox', { name: 'What was done' }).click();
    await page.getByRole('option', { name: 'Version stage changed' }).click();
    await page.keyboard.press('Escape');
    await page.waitForSelector('role=group[name="Audit log, table"] >> text=Webhook deleted', { state: 'detached' });
    await expect.poll(() => page.url(), PATIENCE).toContain('actions=VERSION_STAGE_CHANGED');
    await expect.poll(() => page.locator('[aria-label="Audit log, table"] del').first().textContent(), PATIENCE).toBe('None');
    await expect.poll(() => page.locator('[aria-label="Audit log, table"] ins').first().textContent(), PATIENCE).toBe('Archived');
    await page.locator('[aria-label="More of this entry"]').first().click();
    await page.waitForSelector('role=group[name="Audit log, table"] >> text=127.0.0.1');
    expect(await audit(page)).toEqual([]);
    await page.click(`${TABS} >> text=Usage`);
    await page.waitForSelector('role=region[name="Usage"] >> text=Metric points');
    await page.waitForSelector('table >> text=taxi-duration');
    expect(await audit(page)).toEqual([]);
  });

  it('promotes a version with a word on why, which stands in its history', async () => {
    const { page } = watched;
    await open(`/models/${demo.model}/versions/3`);
    await page.click('text=Promote');
    await page.getByLabel('Why').fill('A week of shadow traffic');
    await page.click('text=Set the alias');
    const entry = page.locator('section[aria-label="History"] li').first();
    await expect.poll(() => entry.textContent(), PATIENCE).toMatch(/@champion.*v2.*v3.*A week of shadow traffic/);
    await page.click('text=Promote');
    await page.click('[role=dialog] >> text=/^Stage$/');
    await page.getByRole('combobox', { name: 'Stage' }).click();
    await page.getByRole('option', { name: 'Production' }).click();
    await page.click('text=Change the stage');
    await page.waitForSelector('h1 ~ span >> text=Production');
    await page.waitForSelector('role=region[name="History"] >> text="Production"');
    expect(await audit(page)).toEqual([]);
  });

  it('lists where one is signed in, and ends another session', async () => {
    const { page } = watched;
    const other = await openPage(browser);
    await signIn(other.page, app, '/t/lab/models');
    await other.page.waitForSelector('table');
    await open('/me');
    await page.waitForSelector('text=this one');
    expect(await audit(page)).toEqual([]);
    await page.click('text=Sign out everywhere else');
    await page.click('[role=dialog] >> text=Sign out everywhere else');
    await page.waitForSelector(`${MESSAGES} >> text=Ended 1 session`);
    await other.page.reload();
    await other.page.waitForSelector('input[name=password]');
    await other.page.context().close();
    await page.waitForSelector(`text=${ADMIN_EMAIL}`);
  });

  it('fits 380 pixels in the dark, and nothing went wrong unseen', async () => {
    const narrow = await openPage(browser, { width: 380, dark: true });
    await signIn(narrow.page, app, '/t/lab/models');
    for (const [hash, what] of [
      ['/team/programs', 'table'],
      ['/team/webhooks', 'role=region[name="Webhooks"] >> h2'],
      ['/team/audit', 'role=group[name="Audit log, table"]'],
      ['/team/usage', 'role=region[name="Usage"] >> dt'],
      [`/models/${demo.model}`, 'role=region[name="History"] >> li'],
    ] as const) {
      await narrow.page.goto(`${app.url}/#/t/lab${hash}`);
      await narrow.page.waitForSelector(what);
      const overflow = await narrow.page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
      expect(overflow, hash).toBe(0);
      expect(await audit(narrow.page), hash).toEqual([]);
    }
    expect(narrow.faults).toEqual([]);
    await narrow.page.context().close();
    expect(watched.faults).toEqual([]);
  });
});
