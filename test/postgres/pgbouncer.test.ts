// A server behind a PgBouncer that hands each transaction to another connection, as Debian brings it: statements without names, LISTEN by a direct address.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ADMIN_TOKEN, startApp } from '../support/app.ts';
import { follow, liveClient } from '../support/live.ts';

const program = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer'].find((one) => {
  try {
    execFileSync(one, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
});

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });

/** It refuses to be root. */
const nobody = () => {
  if (process.getuid?.() !== 0) return undefined;
  const [uid, gid] = ['-u', '-g'].map((which) => Number(execFileSync('id', [which, 'nobody'], { encoding: 'utf8' })));
  return { uid: uid!, gid: gid! };
};

type Bouncer = { url: string; stop(): Promise<void> };

async function startBouncer(database: string): Promise<Bouncer> {
  const to = new URL(database);
  const folder = await mkdtemp(path.join(tmpdir(), 'runledger-pgbouncer-'));
  await chmod(folder, 0o755);
  const port = await freePort();
  const ini = path.join(folder, 'pgbouncer.ini');
  await writeFile(path.join(folder, 'users'), `"${to.username}" "${to.password}"\n`);
  await writeFile(
    ini,
    `[databases]
* = host=${to.hostname} port=${to.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = plain
auth_file = ${folder}/users
pool_mode = transaction
default_pool_size = 3
`,
  );
  const user = nobody();
  if (user) for (const file of [folder, ini, path.join(folder, 'users')]) await chown(file, user.uid, user.gid);
  const child: ChildProcess = spawn(program!, [ini], { ...user, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr!.on('data', (part) => {
    said += part;
  });
  const listens = () =>
    new Promise<boolean>((resolve) => {
      const socket = net.connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      });
      socket.on('error', () => resolve(false));
    });
  while (!(await listens())) {
    if (child.exitCode !== null) throw new Error(said);
    await sleep(50);
  }
  to.host = `127.0.0.1:${port}`;
  return {
    url: to.href,
    async stop() {
      child.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

test.runIf(program)('many writers and readers, and live events, behind PgBouncer in transaction mode', async () => {
  let bouncer: Bouncer | undefined;
  let direct = '';
  const app = await startApp({
    config: { databasePrepare: false, databasePool: 8 },
    by: async (url) => {
      direct = url;
      bouncer = await startBouncer(url);
      return bouncer.url;
    },
    direct: true,
  });
  try {
    expect(app.deps.config.listenDatabaseUrl).toBe(direct);
    const ids = await Promise.all(
      Array.from(
        { length: 20 },
        async () => (await app.mlflow('POST', '2.0/mlflow/runs/create', { experiment_id: '0' })).body.run.info.run_id as string,
      ),
    );
    const client = liveClient(app.url, ADMIN_TOKEN);
    const live = follow<{ points: { step: number }[] }>(client, 'subscription($r: [String!]!) { metricPoints(runIds: $r) { points { step } } }', {
      r: [ids[0]],
    });
    await live.until((seen) => seen.length > 0);
    const answers = await Promise.all(
      Array.from({ length: 300 }, async (_none, index) => {
        const run = ids[index % ids.length]!;
        if (index % 3 === 2) return app.mlflow('POST', '2.0/mlflow/runs/search', { experiment_ids: ['0'], filter: 'metrics.m >= 0' });
        return app.mlflow('POST', '2.0/mlflow/runs/log-batch', {
          run_id: run,
          metrics: [{ key: 'm', value: index, timestamp: 1, step: index }],
          params: [{ key: `p${index}`, value: 'v' }],
        });
      }),
    );
    expect(answers.filter(({ status }) => status !== 200).map(({ body }) => body)).toEqual([]);
    expect((await app.graphql('{ viewer { isServerAdmin teams { slug } } }')).body.errors).toBeUndefined();
    const steps = Array.from({ length: 300 }, (_none, index) => index).filter((index) => index % 3 !== 2 && index % ids.length === 0);
    await live.until(() => steps.every((step) => live.seen.some(({ points }) => points.some((point) => point.step === step))));
    live.stop();
    await client.dispose();
    expect((await fetch(`${app.url}/ready`)).status).toBe(200);
  } finally {
    await app.close();
    await bouncer?.stop();
  }
});
