// A large file through the server, and what the server holds in memory meanwhile.
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { copyFile, open } from 'node:fs/promises';
import path from 'node:path';
import { type Act, call, makeRuns, type World } from '../act.ts';
import { timed } from '../load.ts';

const MB = 1024 * 1024;

async function digest(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest('hex');
}

/** A file that no file system or network can shrink. */
async function makeFile(file: string, megabytes: number): Promise<void> {
  if (existsSync(file)) return;
  const handle = await open(file, 'w');
  let block = createHash('sha512').update('runledger').digest();
  for (let written = 0; written < megabytes; written++) {
    const pieces: Buffer[] = [];
    for (let size = 0; size < MB; size += 64) {
      pieces.push(block);
      if (size % 1024 === 0) block = createHash('sha512').update(block).digest();
    }
    await handle.write(Buffer.concat(pieces));
  }
  await handle.close();
}

/** Where MLflow's client puts the file of a run: below the run's artifact root, through the proxy. */
const place = (world: World) =>
  world.once('artifact', async () => {
    const { runIds } = await makeRuns(world, 'artifact', 1);
    const { run } = await call(world, 'GET', 'runs/get', { run_id: runIds[0]! });
    const root = String(run.info.artifact_uri).replace(/^mlflow-artifacts:\/*/, '');
    return `/api/2.0/mlflow-artifacts/artifacts/${root}/model.bin`;
  });

type Growth = { growth?: number };

export const artifactActs = (megabytes: number): Act[] => {
  const file = (world: World) => path.join(path.dirname(world.folder), 'file.bin');
  const growthOf = (world: World) => world.once<Growth>('artifact growth', async () => ({}));
  /** Peak memory over what the server held before. */
  const watched = async (world: World, work: () => Promise<void>) => {
    const before = world.target.memory();
    world.target.peak();
    await work();
    const growth = await growthOf(world);
    growth.growth = Math.max(growth.growth ?? 0, (world.target.peak() - before) / MB);
  };
  return [
    {
      id: 'upload',
      group: 'artifacts',
      title: `artifact of ${megabytes} MB up`,
      unit: 'ms',
      goal: 400,
      async run(world) {
        await makeFile(file(world), megabytes);
        const to = await place(world);
        let value = Number.NaN;
        await watched(world, async () => {
          ({ value } = await timed(world, to, { mode: 'upload', file: file(world) }));
        });
        return { value };
      },
      async raw(postgres) {
        const from = path.join(postgres.folder, 'file.bin');
        await makeFile(from, megabytes);
        const started = performance.now();
        await copyFile(from, `${from}.copy`);
        return { value: performance.now() - started };
      },
    },
    {
      id: 'download',
      group: 'artifacts',
      title: `artifact of ${megabytes} MB down`,
      unit: 'ms',
      goal: 300,
      async run(world) {
        const from = await place(world);
        // What took no file has none to give.
        if ((await growthOf(world)).growth === undefined) return undefined;
        const received = path.join(world.folder, 'received.bin');
        let value = Number.NaN;
        await watched(world, async () => {
          ({ value } = await timed(world, from, { mode: 'download', file: received }));
        });
        const same = (await digest(file(world))) === (await digest(received));
        return same ? { value } : { value, wrong: 'other bytes than were sent' };
      },
    },
    {
      id: 'artifact-memory',
      group: 'artifacts',
      title: 'memory that those two take on top',
      unit: 'MB',
      goal: 32,
      async run(world) {
        const { growth } = await growthOf(world);
        return growth === undefined ? undefined : { value: growth };
      },
    },
  ];
};
