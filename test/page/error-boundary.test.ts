// A room that can't be drawn says so, with the request that brought what it stumbled over, and leaves the rest of the page in use.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { audit, chromiumPath, ensureBuilt, openBrowser, openPage, signIn } from './browser.ts';

describe.skipIf(!chromiumPath)('a room that throws', () => {
  let app: TestApp;
  let browser: Browser;
  beforeAll(async () => {
    ensureBuilt();
    app = await startApp();
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await app?.close();
  });

  it('says what happened, the request and "Reload"; other rooms go on', async () => {
    const { page, faults } = await openPage(browser);
    await signIn(page, app, '/t/default/experiments');
    await page.getByRole('table').waitFor();
    let broken = '';
    await page.route('**/graphql', async (route) => {
      if (!(route.request().postDataJSON() as { query: string }).query.includes('query Models(')) return route.continue();
      const answer = await route.fetch();
      broken = answer.headers()['x-request-id'] ?? '';
      // A model without the list of its aliases, which the room counts on.
      const connection = { totalCount: 1, nodes: [{ id: 'm', name: 'odd', aliases: null }], pageInfo: { hasNextPage: false, endCursor: null } };
      return route.fulfill({ response: answer, json: { data: { team: { id: 't', registeredModels: connection } } } });
    });
    await page.getByRole('link', { name: 'Models' }).click();
    const alert = page.getByRole('alert');
    await alert.getByRole('heading', { name: 'Something went wrong' }).waitFor();
    expect(await alert.textContent()).toContain("This can't be shown: ");
    expect(broken).not.toBe('');
    expect(await alert.textContent()).toContain(broken);
    expect(await audit(page)).toEqual([]);

    await page.getByRole('link', { name: 'Experiments' }).click();
    await page.getByRole('table').waitFor();
    await page.getByRole('link', { name: 'Models' }).click();
    await alert.waitFor();
    await page.unroute('**/graphql');
    await page.getByRole('button', { name: 'Reload' }).click();
    await page.getByRole('heading', { name: 'No models yet' }).waitFor();
    expect(faults.every((fault) => /null|reading/.test(fault))).toBe(true);
  });
});
