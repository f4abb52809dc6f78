// Two server processes' worth of parts on one database, and a plain model of what they should store.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { authenticate } from '../../src/auth/authenticate.ts';
import { requireTeam } from '../../src/auth/team.ts';
import { readConfig } from '../../src/config.ts';
import type { TeamCtx } from '../../src/context.ts';
import { bootstrap } from '../../src/domain/people/bootstrap.ts';
import type { MetricInput } from '../../src/domain/tracking/logging.ts';
import { type Point, readSeries, type Series, type SeriesRequest } from '../../src/domain/tracking/metrics.ts';
import { createRun, getRun } from '../../src/domain/tracking/runs.ts';
import { compareLongs, compareValues } from '../../src/points/codec/columns.ts';
import type { DbPool } from '../../src/postgres/pool.ts';
import { openDeps } from '../../src/process.ts';
import { freshDatabaseUrl } from '../support/database.ts';

const TOKEN = 'A'.repeat(40);

export type Process = TeamCtx & { db: DbPool };
export type Scene = { url: string; processes: [Process, Process]; newRun(): Promise<string>; close(): Promise<void> };

export async function openScene(): Promise<Scene> {
  const database = await freshDatabaseUrl();
  const folder = await mkdtemp(path.join(tmpdir(), 'runledger-engine-'));
  const config = readConfig({
    DATABASE_URL: database.url,
    RUNLEDGER_DATA_DIR: folder,
    RUNLEDGER_JWT_SECRET: 'test-secret-test-secret-test-secret-0',
    RUNLEDGER_ADMIN_EMAIL: 'admin@example.com',
    RUNLEDGER_ADMIN_PASSWORD: 'correct horse battery',
    RUNLEDGER_ADMIN_TOKEN: TOKEN,
  });
  const log = pino({ level: process.env.TEST_LOG ?? 'silent' });
  const deps = [await openDeps(config, database.url, log), await openDeps(config, database.url, log)] as const;
  await bootstrap(deps[0]);
  const processes = (await Promise.all(
    deps.map(async (one) => {
      const viewer = await authenticate(one, { authorization: `Bearer ${TOKEN}` });
      return requireTeam({ ...one, viewer, requestId: 'test' }, undefined);
    }),
  )) as [Process, Process];
  return {
    url: database.url,
    processes,
    newRun: async () => (await createRun(processes[0], { experimentId: '0' })).runId,
    async close() {
      for (const one of deps) await one.close();
      await database.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export const curvesOf = async (ctx: Process, runId: string, request: Omit<SeriesRequest, 'runs'>): Promise<Series[]> =>
  readSeries(ctx, { ...request, runs: [await getRun(ctx, runId)] });

/** -0 is stored as 0, which Postgres and JSON take for the same. */
export const pointOf = ({ step, timestamp, value }: Point): Point => ({ step, timestamp, value: value + 0 });
export const comparePoints = (a: Point, b: Point) =>
  compareLongs(a.step, b.step) || compareLongs(a.timestamp, b.timestamp) || compareValues(a.value, b.value);
const nameOf = ({ step, timestamp, value }: Point) => `${step} ${timestamp} ${value}`;

/** Every distinct point of every (run, key). */
export class Model {
  readonly #series = new Map<string, Map<string, Point>>();

  add(runId: string, metrics: MetricInput[]): void {
    for (const metric of metrics) {
      const name = `${runId} ${metric.key}`;
      const points = this.#series.get(name) ?? new Map<string, Point>();
      const point = pointOf(metric);
      points.set(nameOf(point), point);
      this.#series.set(name, points);
    }
  }

  /** In order. */
  points(runId: string, key: string): Point[] {
    return [...(this.#series.get(`${runId} ${key}`)?.values() ?? [])].sort(comparePoints);
  }

  statistics(runId: string, key: string) {
    const points = this.points(runId, key);
    const numbers = points.map((point) => point.value).filter((value) => !Number.isNaN(value));
    return {
      count: points.length,
      nanCount: points.length - numbers.length,
      min: numbers.length === 0 ? null : numbers.reduce((a, b) => Math.min(a, b)),
      max: numbers.length === 0 ? null : numbers.reduce((a, b) => Math.max(a, b)),
      first: points[0],
      last: points.at(-1),
      numbers,
    };
  }
}
