// GraphiQL at /graphql: served by this server alone, under a strict policy, with the six questions at hand.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN_TOKEN, startApp, type TestApp } from '../support/app.ts';
import { chromiumPath, ensureBuilt, openBrowser, openPage, PATIENCE } from './browser.ts';

const EXECUTE = 'role=button[name=/^Execute query/]';

let app: TestApp;
beforeAll(async () => {
  ensureBuilt();
  app = await startApp();
});
afterAll(() => app?.close());

it('is a page without anything from elsewhere and without scripts inside', async () => {
  const answer = await fetch(`${app.url}/graphql`, { headers: { accept: 'text/html' } });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toContain('text/html');
  expect(answer.headers.get('content-security-policy')).toContain("script-src 'self';");
  const html = await answer.text();
  expect(html).not.toMatch(/<script(?![^>]*\bsrc=)/);
  expect(html).not.toMatch(/https?:\/\//);
});

describe.skipIf(!chromiumPath)('in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());

  it('runs a query with a pasted token, follows a subscription, and shows the questions', async () => {
    const { page, faults, hosts } = await openPage(browser);
    await page.goto(`${app.url}/t/default/graphql`);
    await page.fill('header input', ADMIN_TOKEN);
    await page.waitForSelector(EXECUTE);
    await page.click(EXECUTE);
    await page.waitForSelector('role=region[name="Result Window"] >> text=admin@example.com');
    await expect.poll(() => page.getByRole('tab').count(), PATIENCE).toBe(7);

    await page.getByRole('tab').nth(6).click();
    await page.waitForSelector('role=region[name="Query Editor"] >> text=how many failed');
    await page.click(EXECUTE);
    await page.waitForSelector('role=region[name="Result Window"] >> text=runsOverTime');
    await page.locator('[aria-label="Query Editor"] .CodeMirror').evaluate((element) => {
      const { CodeMirror } = element as unknown as { CodeMirror: { setValue(text: string): void } };
      CodeMirror.setValue('subscription Live { runChanged(team: "default") { kind } }');
    });
    await page.click(EXECUTE);
    await page.waitForSelector('role=region[name="Result Window"] >> text=SUBSCRIBED');
    expect(faults).toEqual([]);
    expect([...hosts]).toEqual([new URL(app.url).host]);
  });
});
