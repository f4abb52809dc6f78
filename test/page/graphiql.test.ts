// GraphiQL at /graphql: served by this server alone, under a strict policy, with the six questions at hand.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN_TOKEN, startApp, type TestApp } from '../support/app.ts';
import { chromiumPath, ensureBuilt, openBrowser, openPage, PATIENCE } from './browser.ts';

let app: TestApp;
beforeAll(async () => {
  ensureBuilt();
  app = await startApp();
}, 120_000);
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

describe.skipIf(!chromiumPath)('in a browser', { timeout: 60_000 }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  }, 60_000);
  afterAll(() => browser?.close());

  it('runs a query with a pasted token, follows a subscription, and shows the questions', async () => {
    const { page, faults, hosts } = await openPage(browser);
    await page.goto(`${app.url}/t/default/graphql`);
    await page.fill('.bar input', ADMIN_TOKEN);
    await page.waitForSelector('.graphiql-execute-button');
    await page.click('.graphiql-execute-button');
    await page.waitForSelector('.result-window >> text=admin@example.com');
    await expect.poll(() => page.locator('.graphiql-tab').count(), PATIENCE).toBe(7);

    await page.locator('.graphiql-tab').nth(6).click();
    await page.waitForSelector('.graphiql-query-editor >> text=how many failed');
    await page.click('.graphiql-execute-button');
    await page.waitForSelector('.result-window >> text=runsOverTime');
    await page.locator('.graphiql-query-editor .CodeMirror').evaluate((element) => {
      const { CodeMirror } = element as unknown as { CodeMirror: { setValue(text: string): void } };
      CodeMirror.setValue('subscription Live { runChanged(team: "default") { kind } }');
    });
    await page.click('.graphiql-execute-button');
    await page.waitForSelector('.result-window >> text=SUBSCRIBED');
    expect(faults).toEqual([]);
    expect([...hosts]).toEqual([new URL(app.url).host]);
  });
});
