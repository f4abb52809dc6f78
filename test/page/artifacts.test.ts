// Artifacts in a real browser: folders of any length, pages that need scripts or pictures, files that are no text, texts in other encodings.
import { deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { client } from '../../scripts/demo.mjs';
import { audit, chromiumPath, FILES, type Lab, openLab, PATIENCE, PREVIEW } from './browser.ts';

const FRAME = 'iframe[title]';
const MANY = 620;

/** A grey picture of one pixel. */
function png(): Buffer {
  const part = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    let crc = 0xffffffff;
    for (const byte of body) {
      crc ^= byte;
      for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
    }
    const [size, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    size.writeUInt32BE(data.length);
    check.writeUInt32BE((crc ^ 0xffffffff) >>> 0);
    return Buffer.concat([size, body, check]);
  };
  const head = Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    part('IHDR', head),
    part('IDAT', deflateSync(Buffer.from([0, 128]))),
    part('IEND', Buffer.alloc(0)),
  ]);
}

// As plotly's write_html(include_plotlyjs='cdn') and altair's save() write them.
const PLOTLY = `<html><head><meta charset="utf-8" /></head><body><div>
<script charset="utf-8" src="https://cdn.plot.ly/plotly-3.0.1.min.js" integrity="sha256-oy6Be7Eh6eiQFs5M7oXuPxxm9qbJXEtTpfSI93dW16Q=" crossorigin="anonymous"></script>
<div id="chart" class="plotly-graph-div" style="height:300px; width:400px;"></div>
<script>Plotly.newPlot("chart", [{"x":["a","b"],"y":[1,3],"type":"bar"}], {"title":{"text":"Drawn"}}, {"responsive": true})</script></div></body></html>`;
const ALTAIR = `<!DOCTYPE html><html><head>
<script src="https://cdn.jsdelivr.net/npm/vega@5"></script><script src="https://cdn.jsdelivr.net/npm/vega-lite@5.20.1"></script>
<script src="https://cdn.jsdelivr.net/npm/vega-embed@6"></script></head><body><div id="vis"></div>
<script>vegaEmbed("#vis", {"$schema": "https://vega.github.io/schema/vega-lite/v5.20.1.json", "title": "Drawn", "mark": "line", "data": {"values": [{"x": 1, "y": 2}, {"x": 2, "y": 5}]},
"encoding": {"x": {"field": "x", "type": "quantitative"}, "y": {"field": "y", "type": "quantitative"}}}, {"renderer": "svg"})</script></body></html>`;
const BESIDE = `<!doctype html><link rel="stylesheet" href="look.css"><h1>Report</h1><img src="img/dot.png" alt="dot"><img src="gone.png" alt="">
<script src="https://cdn.example.com/other.js"></script><script>fetch('https://api.example.org/data').catch(() => {})</script>`;

describe.skipIf(!chromiumPath)('artifacts', () => {
  let lab: Lab;
  let { app, token, watched } = {} as Lab;
  let runId = '';
  const answered = new Set<string>();
  const show = async (path: string) => {
    await watched.page.goto('about:blank');
    await watched.page.goto(`${app.url}/#/t/lab/runs/${runId}/artifacts?path=${encodeURIComponent(path)}`);
    await watched.page.waitForSelector(PREVIEW);
  };

  beforeAll(async () => {
    lab = await openLab(12);
    ({ app, token, watched } = lab);
    watched.page.on('response', (response) => response.url().startsWith('http') && answered.add(new URL(response.url()).host));
    const api = client({ url: app.url, token });
    const { experiment_id } = (await api.post('experiments/create', { name: 'files' })) as unknown as { experiment_id: string };
    const made = await api.post('runs/create', { experiment_id, run_name: 'files', start_time: Date.now() });
    const { info } = (made as unknown as { run: { info: { run_id: string; artifact_uri: string } } }).run;
    runId = info.run_id;
    const put = async (path: string, body: string | Uint8Array) => {
      const address = `${app.url}/api/2.0/mlflow-artifacts/artifacts/${info.artifact_uri.replace('mlflow-artifacts:/', '')}/${path}`;
      const answer = await fetch(address, { method: 'PUT', headers: { authorization: `Bearer ${token}` }, body: body as string });
      expect(answer.status).toBe(200);
    };
    const files: [string, string | Uint8Array][] = [
      ['plotly.html', PLOTLY],
      ['altair.html', ALTAIR],
      ['report/page.html', BESIDE],
      ['report/img/dot.png', png()],
      ['report/look.css', 'h1 { color: rgb(1, 2, 3) }'],
      ['model.pkl', Buffer.from('8004950c000000000000007d94288c016194', 'hex')],
      ['table.csv.gz', gzipSync('a,b\n1,2\n')],
      ['wide.csv', 'a,b\n1,12345678901234567890,beyond\n'],
      ['numbers.json', '{"id": 12345678901234567890, "one": 1.0, "most": Infinity}'],
      ['utf16.csv', Buffer.from('\ufeffgröße,b\n1,2\n', 'utf16le')],
      ['latin.txt', Buffer.from('Größe in Straßen', 'latin1')],
      ['line.txt', `${'x'.repeat(300 * 1024)}THE END`],
      ...Array.from({ length: MANY }, (_, at): [string, string] => [`many/f${String(at).padStart(4, '0')}.txt`, `file ${at}`]),
    ];
    const work = async () => {
      for (let file = files.pop(); file; file = files.pop()) await put(...file);
    };
    await Promise.all(Array.from({ length: 12 }, work));
  });
  afterAll(() => lab?.close());

  it.each([
    ['plotly.html', '.plotly-graph-div svg.main-svg', 'plotly.js'],
    ['altair.html', '#vis svg', 'vega, '],
  ])('draws %s with the scripts of this server', async (path, drawn) => {
    const { page } = watched;
    await show(path);
    await page.frameLocator(FRAME).locator(drawn).first().waitFor();
    await page.waitForSelector(`${PREVIEW} >> text=/Drawn with (plotly|vega).* of this server/`);
    expect(await page.locator(`${PREVIEW} >> role=status`).count()).toBe(0);
    expect(await audit(page)).toEqual([]);
  });

  it('shows pictures and styles beside a page, and says what is left out', async () => {
    const { page } = watched;
    await show('report/page.html');
    const frame = page.frameLocator(FRAME);
    await expect
      .poll(() => frame.locator('img[alt=dot]').evaluate((img) => (img as unknown as { naturalWidth: number }).naturalWidth), PATIENCE)
      .toBe(1);
    expect(
      await frame
        .locator('h1')
        .evaluate((h1) => (globalThis as unknown as { getComputedStyle(of: unknown): { color: string } }).getComputedStyle(h1).color),
    ).toBe('rgb(1, 2, 3)');
    await page.waitForSelector(`${PREVIEW} >> text=/loads from .*cdn.example.com.*api.example.org/`);
    await page.waitForSelector(`${PREVIEW} >> text=/1 file that it asks for is not beside it: report.gone.png/`);
    await page.waitForSelector(`${PREVIEW} >> role=link[name="Download it"]`);
  });

  it('shows files as they are', async () => {
    const { page } = watched;
    for (const [path, text] of [
      ['model.pkl', 'This is a Python pickle'],
      ['table.csv.gz', 'This is compressed (gzip)'],
      ['utf16.csv', 'größe'],
      ['utf16.csv', 'Read as UTF-16LE'],
      ['latin.txt', 'Größe in Straßen'],
      ['wide.csv', 'beyond'],
      ['wide.csv', '12345678901234567890'],
      ['numbers.json', '12345678901234567890'],
      ['numbers.json', '1.0'],
      ['numbers.json', 'Infinity'],
    ] as const) {
      await show(path);
      await page.locator(PREVIEW).getByText(text).first().waitFor();
    }
    await show('line.txt');
    await page.click('text=Show the end');
    await page.locator(PREVIEW).getByText('THE END').waitFor();
    expect(watched.faults.filter((fault) => !/Content Security Policy|ERR_BLOCKED_BY_CSP/i.test(fault))).toEqual([]);
  });

  it('lists a folder of any length page by page, and finds a file at its end by its link', async () => {
    const { page } = watched;
    const last = `many/f${String(MANY - 1).padStart(4, '0')}.txt`;
    await show(last);
    await page.waitForSelector(`${PREVIEW} >> text=file ${MANY - 1}`);
    const tree = page.locator(FILES);
    await tree.getByRole('button', { name: 'The first 500. Show more' }).click();
    await tree.getByRole('button', { name: last.slice(5) }).click();
    expect(await tree.getByRole('button', { name: /^f\d/ }).count()).toBe(MANY);
    expect(await audit(page)).toEqual([]);
  });

  it('heard from nobody but the server: the browser refuses what the frame asks others for', () =>
    expect([...answered]).toEqual([new URL(app.url).host]));
});
