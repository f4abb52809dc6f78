// The views for BI tools as docs/reporting.md shows them: asked by psql and by pandas, as far as this machine has them. CI has both.
import { execFile, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { data } from '../support/people.ts';
import { pythonWith } from './python.ts';
import { seedRings, TEAM } from './seed.ts';

const run = promisify(execFile);
const page = readFileSync('docs/reporting.md', 'utf8');
const python = pythonWith('pandas', 'sqlalchemy', 'psycopg');

function hasPsql(): boolean {
  try {
    execFileSync('psql', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

let app: TestApp;
let url: URL;
beforeAll(async () => {
  app = await startApp();
  await seedRings(app);
  const renew = 'mutation($t: String) { renewReportingRole(input: {team: $t}) { role { roleName } password } }';
  const { renewReportingRole: made } = await data(app, renew, { t: TEAM });
  url = new URL(app.deps.config.databaseUrl!);
  url.username = made.role.roleName;
  url.password = made.password;
});
afterAll(async () => {
  await data(app, 'mutation($t: String) { deleteReportingRole(input: {team: $t}) { team { id } } }', { t: TEAM });
  await app.close();
});

describe.skipIf(!hasPsql())('psql', () => {
  it('reads the views by their bare names', async () => {
    const query = /-c '(select \* from runs limit 10)'/.exec(page)![1]!;
    const { stdout } = await run('psql', [url.href, '--csv', '-c', query]);
    expect(stdout.trim().split('\n')).toHaveLength(6);
    expect(stdout).toMatch(/^run_id,experiment_id,experiment,name/);
  });
});

describe.skipIf(!python)('pandas', () => {
  it('makes a frame of the query on the page', async () => {
    const code = /```python\n([\s\S]*?)```/.exec(page)![1]!;
    const address = url.href.replace(/^postgres(ql)?:/, 'postgresql+psycopg:');
    const script = `${code
      .replace(/"postgresql\+psycopg:[^"]*"/, JSON.stringify(address))
      .replace("p.key = 'lr'", "p.key = 'model'")}\nprint(runs.sort_values("rmse").to_json(orient="records"))`;
    const { stdout } = await run(python!, ['-c', script]);
    const frame = JSON.parse(stdout) as { name: string; lr: number | null; rmse: number }[];
    expect(frame[0]).toEqual({ name: 'rings-4', lr: null, rmse: 1.5 });
    expect(frame).toHaveLength(5);
  });
});
