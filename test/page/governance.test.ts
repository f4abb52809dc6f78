// Governed promotion in a real browser: what is protected, asking for it, deciding on it, protections, rolling back.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Demo, seedDemo } from '../../scripts/demo.mjs';
import { startApp, type TestApp } from '../support/app.ts';
import { PASSWORD, seedPerson } from '../support/people.ts';
import { audit, CHART, chromiumPath, ensureBuilt, MESSAGES, openBrowser, openPage, PATIENCE, signIn, TABS, type Watched } from './browser.ts';

const WHO = ['cyd', 'ada', 'bob'] as const;

describe.skipIf(!chromiumPath)('governed promotion', () => {
  let app: TestApp;
  let browser: Browser;
  let demo: Demo;
  let admin: Watched;
  const people = {} as Record<(typeof WHO)[number], Watched>;
  const open = ({ page }: Watched, hash: string) => page.goto(`${app.url}/#/t/lab${hash}`);
  const model = () => `/models/${demo.model}`;

  beforeAll(async () => {
    ensureBuilt();
    app = await startApp();
    browser = await openBrowser();
    const { token } = await app.seedTeam('lab');
    demo = await seedDemo({ url: app.url, token, runs: 8 });
    admin = await openPage(browser);
    await signIn(admin.page, app, '/t/lab/team/protections');
    for (const who of WHO) {
      await seedPerson(app, `${who}@example.com`, 'lab', who === 'cyd' ? 'CONTRIBUTOR' : 'MAINTAINER');
      people[who] = await openPage(browser);
      await signIn(people[who].page, app, `/t/lab${model()}`, { email: `${who}@example.com`, password: PASSWORD });
    }
  });
  afterAll(async () => {
    await browser?.close();
    await app?.close();
  });

  it('protects an alias, saying at the line what is wrong with a condition', async () => {
    const { page } = admin;
    await page.click('text=New protection');
    await page.getByRole('textbox', { name: 'Condition 1' }).fill('signature present');
    await page.click('text=Add a condition');
    await page.getByRole('textbox', { name: 'Condition 2' }).fill('metrics.rmse <<= champion.metrics.rmse');
    await page.click('[role=dialog] button >> text=Protect');
    const wrong = page.getByRole('textbox', { name: 'Condition 2' });
    await expect.poll(() => wrong.getAttribute('aria-invalid'), PATIENCE).toBe('true');
    await expect.poll(() => page.evaluate("document.activeElement.getAttribute('aria-label')"), PATIENCE).toBe('Condition 2');
    expect(await audit(page)).toEqual([]);
    await wrong.fill('metrics.rmse <= champion.metrics.rmse');
    await page.click('[role=dialog] button >> text=Protect');
    await page.waitForSelector('role=listitem[name="@champion of *"] >> text=one approval by a Maintainer');
    expect(await audit(page)).toEqual([]);
    // Others read it.
    await open(people.cyd, '/team/protections');
    await people.cyd.page.waitForSelector('role=listitem[name="@champion of *"] >> text=signature present');
    expect(await people.cyd.page.locator('text=New protection').count()).toBe(0);
  });

  it('shows a contributor the lock and what a move takes, and asks for it', async () => {
    const { page } = people.cyd;
    await open(people.cyd, model());
    await page.waitForSelector('role=list[name="Versions"] >> role=img[name=/^Protected: a move takes one approval/]');
    await page.locator('ol[aria-label="Versions"] li', { hasText: 'v3' }).getByRole('button', { name: 'Ask for…' }).click();
    await page.waitForSelector('role=region[name="What the move takes"] >> text=metrics.rmse is');
    expect(await audit(page)).toEqual([]);
    await page.getByLabel('Why').fill('Deeper trees, a week of shadow traffic');
    await page.click('button >> text=Ask for @champion');
    await page.waitForSelector('text=Nobody has decided yet.');
    await page.waitForSelector('text=An approval takes the role MAINTAINER');
    await page.waitForSelector('role=region[name="Conditions"] >> text=metrics.rmse is');
    await page.waitForSelector('role=group[name="Differences, table"] >> text=rmse');
    expect(await audit(page)).toEqual([]);
    await page.click(`${TABS} >> text=Curves`);
    await page.waitForSelector(CHART);
    await page.click(`${TABS} >> text=Data, signature`);
    await page.waitForSelector('role=region[name="Signature"] >> text=/The same as in v2/');
    expect(await audit(page)).toEqual([]);
  });

  it('tells an approver, who reads the request and approves; whoever looks at it sees it applied', async () => {
    const { page } = people.bob;
    await open(people.bob, '/experiments');
    await page.click('role=link[name="1 request waits for you"]');
    expect(await audit(page)).toEqual([]);
    await page.click('role=list[name="Waiting for you"] >> role=link');
    await page.getByLabel('Comment').fill('Looks right');
    await page.click('button >> text=Approve');
    await page.waitForSelector(`${MESSAGES} >> text=@champion is v3 now`);
    await page.waitForSelector('role=list[name="Votes"] >> text=Looks right');
    await page.waitForSelector('role=link[name="1 request waits for you"]', { state: 'detached' });
    // Nobody reloaded the page of who asked.
    await people.cyd.page.waitForSelector('role=list[name="Votes"] >> text=Looks right');
    await people.cyd.page.waitForSelector('h1 ~ span >> text=Applied');
    await open(people.cyd, model());
    const entry = people.cyd.page.locator('section[aria-label="History"] li').first();
    await expect.poll(() => entry.textContent(), PATIENCE).toMatch(/@champion.*v2.*v3.*asked for by .*approved by .*2 conditions held/s);
  });

  it('asks where a maintainer may not roll back either, and is rejected, or taken back', async () => {
    const { page } = people.ada;
    await open(people.ada, model());
    await page.click('role=button[name="Roll back champion"]');
    await page.click('button >> text=Ask for v2');
    await page.click('button >> text=Take back');
    await page.waitForSelector('h1 ~ span >> text=Taken back');
    await open(people.ada, `${model()}/versions/3`);
    await page.click('role=button[name="Ask to take alias champion off"]');
    await page.getByLabel('Why').fill('Latency');
    await page.click('[role=dialog] button >> text=/^Ask$/');
    await page.waitForSelector('text=You asked for this');
    // The address that refusals name shows what is open.
    await people.bob.page.goto(`${app.url}/t/lab/models/${demo.model}`);
    await people.bob.page.click('role=list[name="Open requests"] >> role=link');
    await people.bob.page.click('button >> text=Reject');
    await page.waitForSelector('h1 ~ span >> text=Rejected');
    expect(await audit(page)).toEqual([]);
  });

  it('offers to ask where a move is refused since it was protected meanwhile', async () => {
    const { page } = people.ada;
    await open(people.ada, `${model()}/versions/1`);
    await page.click('button >> text=Promote');
    await page.getByRole('textbox', { name: 'Alias' }).fill('canary');
    // The preview has come once what is read of it isn't awaited any more.
    await page.waitForLoadState('networkidle');
    await app.graphql('mutation { createProtection(input: {team: "lab", models: "taxi-*", alias: "canary"}) { protection { id } } }');
    await page.click('button >> text=/^(Set the alias|Ask for @canary)$/');
    const offer = page.locator(`${MESSAGES} >> role=button[name="Ask for it"]`);
    await offer.or(page.locator('text=Nobody has decided yet.')).first().waitFor();
    if (await offer.count()) await offer.click();
    await page.waitForSelector('text=Nobody has decided yet.');
  });

  it('rolls back where it may go back freely, and deletes a protection', async () => {
    const { page } = admin;
    await open(admin, '/team/protections');
    await page.click('role=button[name="Edit @champion of *"]');
    await page.getByLabel('Rolling back takes no approval').check();
    await page.click('[role=dialog] button >> text=Save');
    await page.waitForSelector('text=rolls back freely');
    await open(people.ada, model());
    await people.ada.page.click('role=button[name="Roll back champion"]');
    await people.ada.page.click('button >> text=Roll back to v2');
    await people.ada.page.waitForSelector('role=region[name="Aliases"] >> role=listitem >> text=/champion.*v2/');
    await page.click('role=button[name="Delete @champion of *"]');
    await page.click('[role=dialog] >> text=/^Delete$/');
    await page.waitForSelector('role=listitem[name="@champion of *"]', { state: 'detached' });
  });

  it('fits 380 pixels in the dark, and nothing went wrong unseen', async () => {
    const narrow = await openPage(browser, { width: 380, dark: true });
    await signIn(narrow.page, app, '/t/lab/requests?tab=all');
    await narrow.page.waitForSelector('role=list[name="All"]');
    const request = (await narrow.page.locator('role=list[name="All"] >> role=link').last().getAttribute('href'))!.replace('#/t/lab', '');
    for (const [hash, what] of [
      ['/requests?tab=all', 'role=list[name="All"]'],
      [request, 'role=group[name="Differences, table"]'],
      [`${request}?tab=data`, 'role=region[name="Signature"]'],
      ['/team/protections', 'role=list[name="Protections"]'],
      [model(), 'role=region[name="History"] >> li'],
    ] as const) {
      await narrow.page.goto(`${app.url}/#/t/lab${hash}`);
      await narrow.page.waitForSelector(what);
      const overflow = await narrow.page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
      expect(overflow, hash).toBe(0);
      expect(await audit(narrow.page), hash).toEqual([]);
    }
    await narrow.page.context().close();
    for (const { faults } of [narrow, admin, ...Object.values(people)]) expect(faults).toEqual([]);
  });
});
