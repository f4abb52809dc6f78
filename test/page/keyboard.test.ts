// The page without a pointer: everything is reached, what has the focus is seen, and keys do what the focused thing says.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, type Lab, openLab, PATIENCE, RUN } from './browser.ts';

/** Marks what Tab should reach, in the order of the document. Of radios of one name one is reached. */
const MARK = `(() => {
  const seen = (one) => one.checkVisibility({ visibilityProperty: true }) && one.getClientRects().length > 0;
  let count = 0;
  for (const one of document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')) {
    delete one.dataset.walk;
    if (one.disabled || one.tabIndex < 0 || !seen(one) || (one.type === 'radio' && !one.checked)) continue;
    one.dataset.walk = String(count++);
  }
  return count;
})()`;
/** What has the focus: its mark, what it is, and whether one sees it. */
const HERE = `(() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const shows = (element, pseudo) => {
    const style = getComputedStyle(element, pseudo);
    return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none';
  };
  const around = [one, one.parentElement, one.parentElement?.parentElement, one.nextElementSibling].filter(Boolean);
  const lit = around.some((element) => shows(element));
  // A frame of another colour says it too.
  const before = getComputedStyle(one).borderTopColor;
  one.blur();
  const framed = getComputedStyle(one).borderTopColor !== before;
  one.focus({ focusVisible: true });
  return { walk: one.dataset.walk ?? null, name: one.outerHTML.slice(0, 120), seen: lit || framed };
})()`;

type Place = { walk: string | null; name: string; seen: boolean };

async function walk(page: Page): Promise<{ count: number; places: Place[]; missed: string[] }> {
  const count = (await page.evaluate(MARK)) as number;
  await page.evaluate('document.activeElement?.blur(); getSelection()?.removeAllRanges()');
  const places: Place[] = [];
  for (let steps = 0; steps < count + 20; steps += 1) {
    await page.keyboard.press('Tab');
    const here = (await page.evaluate(HERE)) as Place | null;
    if (!here || (here.walk !== null && places.some(({ walk: mark }) => mark === here.walk))) break;
    places.push(here);
  }
  // What was drawn anew meanwhile has no mark.
  const seen = JSON.stringify(places.map(({ walk: mark }) => mark));
  const missed = `[...document.querySelectorAll('[data-walk]')].filter((one) => !${seen}.includes(one.dataset.walk)).map((one) => one.outerHTML.slice(0, 160))`;
  return { count, places, missed: (await page.evaluate(missed)) as string[] };
}

describe.skipIf(!chromiumPath)('the page by keyboard', () => {
  let lab: Lab;
  let { app, demo, watched } = {} as Lab;
  const open = async (hash: string) => {
    await watched.page.goto(`${app.url}/#/t/lab${hash}`);
    await watched.page.waitForSelector('main h1');
    await watched.page.waitForSelector('[aria-busy=true]', { state: 'detached' });
  };
  const focused = () =>
    watched.page.evaluate<string>("document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? ''");

  beforeAll(async () => {
    lab = await openLab(10);
    ({ app, demo, watched } = lab);
  });
  afterAll(() => lab?.close());

  it('reaches everything in every room, in order, and shows where it is', async () => {
    const { page } = watched;
    for (const hash of [
      `/experiments/${demo.experimentId}?view=table`,
      '/experiments',
      `/runs/${demo.bestRun}`,
      `/runs/${demo.bestRun}/artifacts`,
      `/compare?runs=${demo.runIds.slice(0, 3).join(',')}`,
      '/models',
      `/models/${demo.model}`,
      `/models/${demo.model}/versions/3`,
      '/team',
      '/me',
    ]) {
      // Tab goes on from where it was, so that each walk begins with a page of its own.
      await page.goto('about:blank');
      await open(hash);
      await page.waitForTimeout(400);
      const { count, places, missed } = await walk(page);
      const marks = places.flatMap(({ walk: mark }) => (mark === null ? [] : Number(mark)));
      expect(count, hash).toBeGreaterThan(5);
      expect(missed, hash).toEqual([]);
      expect(marks, hash).toEqual([...marks].sort((a, b) => a - b));
      expect(
        places.filter(({ seen }) => !seen).map(({ name }) => name),
        hash,
      ).toEqual([]);
    }
  });

  it('Enter does what the focused link or button says; Esc closes what is on top alone', async () => {
    const { page } = watched;
    await open(`/experiments/${demo.experimentId}?view=table`);
    await page.waitForSelector(RUN);
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.getByRole('button', { name: 'Columns', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('textbox', { name: 'Find a column' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('textbox', { name: 'Find a column' }).waitFor({ state: 'detached' });
    expect(await page.locator('role=toolbar[name="Selected runs"]').textContent()).toContain('1 run selected');
    expect(page.url()).toContain('/experiments/');
    await expect.poll(focused, PATIENCE).toContain('Columns');
    await page.keyboard.press('Escape');
    await page.locator('role=toolbar[name="Selected runs"]').waitFor({ state: 'detached' });
    // The link that has the focus, and not the run that the keys are at.
    const link = page.locator(`${RUN} >> nth=3 >> role=link`);
    const name = await link.textContent();
    await link.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: name! }).waitFor();
    await page.goBack();
    await page.waitForSelector(RUN);
  });

  it('selects ranges with Shift, by keys and by click', async () => {
    const { page } = watched;
    const chosen = () => page.locator('role=toolbar[name="Selected runs"]').textContent();
    await page.evaluate('document.activeElement?.blur()');
    await page.keyboard.press('Escape');
    await page.locator(`${RUN} >> nth=1 >> role=checkbox`).click();
    await page.locator(`${RUN} >> nth=5 >> role=checkbox`).click({ modifiers: ['Shift'] });
    expect(await chosen()).toContain('5 runs selected');
    await page.evaluate('document.activeElement?.blur()');
    await page.keyboard.press('Escape');
    await page.locator('role=toolbar[name="Selected runs"]').waitFor({ state: 'detached' });
    await page.keyboard.press('k');
    for (let at = 0; at < 3; at += 1) await page.keyboard.press('Shift+J');
    expect(await chosen()).toMatch(/[34] runs selected/);
    await page.keyboard.press('Escape');
  });

  it('leaves arrows to what has the focus, and lists the keys that work here', async () => {
    const { page } = watched;
    await open(`/runs/${demo.bestRun}/charts`);
    await page.getByRole('radio', { name: 'Step' }).first().focus();
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => page.url(), PATIENCE).toContain('x=relative');
    expect(page.url()).toContain(`${demo.bestRun}/charts`);
    await page.evaluate('document.activeElement?.blur()');
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => page.url(), PATIENCE).toContain(`${demo.bestRun}/artifacts`);
    const listed = async () => {
      await page.keyboard.press('?');
      const dialog = page.getByRole('dialog');
      await dialog.waitFor();
      const text = await dialog.textContent();
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
      return text;
    };
    expect(await listed()).toContain('next tab');
    expect(await listed()).not.toContain('Compare the selected');
    await open(`/experiments/${demo.experimentId}?view=table`);
    await page.waitForSelector(RUN);
    expect(await listed()).toContain('Compare the selected');
    expect(watched.faults).toEqual([]);
  });
});
