// The recipes of examples/dashboards as they stand there, each run by the program that it is for, as far as this machine has it.
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { chromiumPath, openBrowser, openPage } from '../page/browser.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { data } from '../support/people.ts';
import { pythonWith } from './python.ts';
import { idOf, seedRings, TEAM } from './seed.ts';

const FOLDER = path.resolve('examples/dashboards');
const run = promisify(execFile);
const python = pythonWith();
const pythonWithPandas = pythonWith('pandas', 'requests');

let app: TestApp;
let token: string;
beforeAll(async () => {
  app = await startApp();
  token = await seedRings(app);
});
afterAll(() => app.close());

const environment = () => ({ ...process.env, RUNLEDGER_URL: app.url, RUNLEDGER_TOKEN: token, RUNLEDGER_TEAM: TEAM, PYTHONDONTWRITEBYTECODE: '1' });

describe.skipIf(!pythonWithPandas)('the notebook', () => {
  it('makes a data frame of the runs, with numbers, times and what is missing', async () => {
    const script = `
import json
from notebook import runs_frame
frame = runs_frame(["run_name", "start_time", "duration", "params.model", "params.opt.lr rate", "metrics.rmse", "metrics.rmse.max"], team="${TEAM}", experiment="rings")
frame = frame.sort_values("metrics.rmse")
print(json.dumps({
  "types": [str(one) for one in frame.dtypes], "index": list(frame.index), "names": list(frame["run_name"]), "rmse": list(frame["metrics.rmse"]),
  "started": frame["start_time"].iloc[0].isoformat(), "missing": int(frame["params.opt.lr rate"].isna().sum()),
  "best": frame.groupby("params.model")["metrics.rmse"].min().to_dict(),
  "failed": list(runs_frame(["run_name"], team="${TEAM}", filter="status = 'FAILED'")["run_name"]),
}))`;
    const { stdout } = await run(pythonWithPandas!, ['-c', script], { cwd: FOLDER, env: environment() });
    const { types, ...found } = JSON.parse(stdout);
    expect(found).toEqual({
      index: [4, 2, 1, 5, 3].map(idOf),
      names: [4, 2, 1, 5, 3].map((number) => `rings-${number}`),
      rmse: [1.5, 2, 3, 5, 9],
      started: '2026-05-11T12:00:00+00:00',
      missing: 4,
      best: { gbm: 3, mlp: 1.5 },
      failed: ['rings-3'],
    });
    expect(types[1]).toMatch(/^datetime64\[.*UTC\]$/);
    expect(types.slice(2, 3).concat(types.slice(5))).toEqual(['Int64', 'float64', 'float64']);
  });

  it('runs as a script, and passes the words of a refusal on', async () => {
    const { stdout } = await run(pythonWithPandas!, ['notebook.py', 'rings', 'rmse', 'model'], { cwd: FOLDER, env: environment() });
    expect(stdout).toMatch(/rings-4.*mlp[\s\S]*rings-3/);
    expect(stdout).toMatch(/gbm +3 +3\.0 +5\.0/);
    const refused = run(pythonWithPandas!, ['-c', 'from notebook import ask\nask("{ nothing }")'], { cwd: FOLDER, env: environment() });
    await expect(refused).rejects.toThrow(/Cannot query field \\?"nothing/);
  });
});

describe.skipIf(!python)('the comment on a pull request', () => {
  const workflow = parse(readFileSync(path.join(FOLDER, 'best-run.yml'), 'utf8'));
  const [, ask, post] = workflow.jobs.comment.steps;
  /** The workflow's own command, with the branches that GitHub would put into the environment. */
  const comment = async (branch: string, more: Record<string, string> = {}): Promise<string> => {
    const folder = mkdtempSync(path.join(tmpdir(), 'runledger-best-run-'));
    try {
      const env = { ...environment(), BRANCH: branch, BASE: 'main', GITHUB_STEP_SUMMARY: path.join(folder, 'summary.md'), ...more };
      const command = ask.run.replace('python3 .github/best_run.py', `${python} ${path.join(FOLDER, 'best_run.py')}`);
      writeFileSync(path.join(folder, 'command.sh'), command);
      await run('bash', ['--noprofile', '--norc', '-eo', 'pipefail', 'command.sh'], { cwd: folder, env });
      const text = readFileSync(path.join(folder, 'comment.md'), 'utf8');
      expect(readFileSync(path.join(folder, 'summary.md'), 'utf8')).toBe(text);
      return text;
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  it('names the best run of the branch beside that of its base', async () => {
    expect(await comment('faster')).toBe(`### Best run of \`faster\`

**Better** than the best of \`main\`: -0.5.

| | run | \`rmse\` | \`model\` | commit | runs |
|---|---|---|---|---|---|
| faster | [rings-4](${app.url}/#/t/${TEAM}/runs/${idOf(4)}) | 1.5 | mlp | c0ffee4 | 2 |
| main | [rings-2](${app.url}/#/t/${TEAM}/runs/${idOf(2)}) | 2 | mlp | c0ffee2 | 2 |
`);
  });

  it('says when there is none yet, and fails when it is refused', async () => {
    expect(await comment(`o'hara" OR 1=1 $(touch x)`)).toContain('No finished run of `rings`');
    await expect(comment('faster', { RUNLEDGER_TOKEN: 'x'.repeat(40) })).rejects.toThrow(/Runledger: .*token/);
    const { token: other } = await app.seedTeam();
    await expect(comment('faster', { RUNLEDGER_TOKEN: other })).rejects.toThrow(/no experiment 'rings'/);
  });

  it('lets no branch name into a command', () => {
    expect(ask.shell).toBe('bash');
    for (const { run: command } of [ask, post]) expect(command).not.toContain('${{');
  });
});

describe.skipIf(!chromiumPath)('the page with a live chart', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());

  it('opened from disk, draws what runs log as they log it, and goes on after the connection was lost', async () => {
    const { page, faults, hosts } = await openPage(browser);
    const connections: { sent: string[]; cut(): void }[] = [];
    await page.routeWebSocket(/graphql/, (socket) => {
      const server = socket.connectToServer();
      const sent: string[] = [];
      socket.onMessage((message) => {
        sent.push(String(message));
        server.send(message);
      });
      connections.push({
        sent,
        cut() {
          void socket.close({ code: 1001 });
          void server.close();
        },
      });
    });
    const hash = new URLSearchParams({ url: app.url, token, team: TEAM, metric: 'loss', experiment: '1' });
    await page.goto(`${pathToFileURL(path.join(FOLDER, 'live.html'))}#${hash}`);
    await page.waitForSelector('#state >> text=Live');
    const create = 'mutation($i: CreateRunInput!) { createRun(input: $i) { run { runId } } }';
    const admin = (query: string, variables: Record<string, unknown>) => data(app, query, variables);
    const { runId } = (await admin(create, { i: { team: TEAM, experimentId: '1', name: 'now' } })).createRun.run;
    const log = (steps: number[], values: (number | string)[]) =>
      admin('mutation($i: LogMetricsInput!) { logMetrics(input: $i) { run { id } } }', {
        i: { runId, keys: steps.map(() => 'loss'), steps, values },
      });
    await log([0, 1, 2], [3, 'NaN', 2]);
    await page.waitForSelector('#runs >> text=now: 2 at step 2 (running)');
    const inked = `(() => {
      const canvas = document.querySelector('canvas');
      return canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((one) => one > 0);
    })()`;
    expect(await page.evaluate(inked)).toBe(true);

    // The connection breaks; what is logged meanwhile is there after the next, which continues at the last message.
    connections[0]!.cut();
    await log([3], [1]);
    await page.waitForSelector('#runs >> text=now: 1 at step 3');
    expect(connections).toHaveLength(2);
    expect(connections.map(({ sent }) => JSON.parse(sent[1]!).payload.variables.after)).toEqual([null, expect.stringMatching(/./)]);
    expect(faults).toEqual([]);
    expect([...hosts]).toEqual([]);
    await page.context().close();
  });

  it('says when its token is refused', async () => {
    const { page } = await openPage(browser);
    await page.goto(`${pathToFileURL(path.join(FOLDER, 'live.html'))}#${new URLSearchParams({ url: app.url, token: 'nobody' })}`);
    await page.waitForSelector('#state >> text=The token is refused.');
    await page.context().close();
  });
});

it('nothing is needed from elsewhere', () => {
  const html = readFileSync(path.join(FOLDER, 'live.html'), 'utf8');
  expect(html).not.toMatch(/<(script|link|img)[^>]+(src|href)=/);
  expect(existsSync(path.join(FOLDER, 'best_run.py'))).toBe(true);
});
