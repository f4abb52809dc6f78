// A real browser for the page's tests, and the built page that they look at.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import AxeBuilder from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { type Demo, seedDemo } from '../../scripts/demo.mjs';
import { buildPage } from '../../scripts/page.mjs';
import { ADMIN_EMAIL, ADMIN_PASSWORD, startApp, type TestApp } from '../support/app.ts';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** How long `expect.poll` waits for what the page is about to show. */
export const PATIENCE = { timeout: 300_000 };

/** A row of the table of runs; its cells are the box to tick, the name, and a cell for each column. */
export const RUN = 'role=table[name="Runs"] >> [role=row][aria-selected]';
export const COUNT = 'role=status[name="How many runs"]';
export const FILTER = '[role=combobox][aria-label="Filter runs"]';
/** What the page says at its foot. */
export const MESSAGES = 'role=region[name="Messages"]';
/** The tree of artifacts, and what is shown of the chosen one. */
export const FILES = 'role=navigation[name=/^Artifacts/]';
export const PREVIEW = 'role=region[name="Preview"]';
/** The tabs of a room. */
export const TABS = 'nav[aria-label^="Of this"]';
/** A chart that is drawn. */
export const CHART = '[role=img] canvas';

/** Debian's chromium, or what CHROMIUM names; null where there is none. */
export const chromiumPath = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser'].find((file) => file && existsSync(file)) ?? null;
if (!chromiumPath)
  console.warn('No Chromium at /usr/bin/chromium or $CHROMIUM: the tests of the page are left out. Debian: apt-get install chromium');

/** The tests look at what is served, so there has to be something. */
export function ensureBuilt(): void {
  if (existsSync(path.join(root, 'web/dist/graphiql.html'))) return;
  execFileSync(process.execPath, ['scripts/generate.mjs'], { cwd: root });
  buildPage();
}

export const openBrowser = (): Promise<Browser> => chromium.launch({ executablePath: chromiumPath!, args: FLAGS });

/** What went wrong in the page without anybody looking, and which hosts it asked. */
export type Watched = { page: Page; faults: string[]; hosts: Set<string> };

export async function openPage(browser: Browser, options: { width?: number; dark?: boolean } = {}): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: options.width ?? 1280, height: 800 }, colorScheme: options.dark ? 'dark' : 'light' });
  context.setDefaultTimeout(300_000);
  const page = await context.newPage();
  const watched: Watched = { page, faults: [], hosts: new Set() };
  page.on('pageerror', (error) => watched.faults.push(error.message));
  // A refused request is logged by the browser too; what the page makes of it is what the tests look at.
  page.on('console', (message) => message.type() === 'error' && !/status of 4\d\d/.test(message.text()) && watched.faults.push(message.text()));
  page.on('request', (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol.startsWith('http')) watched.hosts.add(host);
  });
  return watched;
}

export async function signIn(page: Page, app: TestApp, hash = '/', who = { email: ADMIN_EMAIL, password: ADMIN_PASSWORD }): Promise<void> {
  await page.goto(`${app.url}/#${hash}`);
  await page.fill('input[name=email]', who.email);
  await page.fill('input[name=password]', who.password);
  await page.click('button[type=submit]');
  await page.waitForSelector('role=banner');
}

/** Violations of WCAG 2.1 A and AA that axe finds, as sentences; looked at once the page stands still. */
export async function audit(page: Page): Promise<string[]> {
  await page.waitForTimeout(300);
  await page.evaluate(AxeBuilder.source);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: typeof import('axe-core') };
    const found = await axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] });
    return found.violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ target, any }) => `${id}: ${help} at ${target.join(' ')} (${any[0]?.message ?? ''})`),
    );
  });
}

/** A server with demo data in the team `lab`, and a page that is signed in to it. */
export type Lab = { app: TestApp; browser: Browser; demo: Demo; token: string; watched: Watched; close: () => Promise<void> };

export async function openLab(runs: number): Promise<Lab> {
  ensureBuilt();
  const app = await startApp();
  const browser = await openBrowser();
  const { token } = await app.seedTeam('lab');
  const demo = await seedDemo({ url: app.url, token, runs });
  const watched = await openPage(browser);
  await signIn(watched.page, app, '/t/lab/runs');
  const close = async () => {
    await browser.close();
    await app.close();
  };
  return { app, browser, demo, token, watched, close };
}
