// Live changes: each told once, whatever is lost meanwhile — a connection, the listener, every connection of a server to Postgres.
import type { Client } from 'graphql-ws';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { authenticate } from '../../src/auth/authenticate.ts';
import { requireTeam } from '../../src/auth/team.ts';
import { followPoints } from '../../src/domain/live/points.ts';
import { ADMIN_TOKEN, startApp, type TestApp } from '../support/app.ts';
import { follow, liveClient, secondServer } from '../support/live.ts';
import { data, seedPerson } from '../support/people.ts';

let app: TestApp;
const clients: Client[] = [];
beforeAll(async () => {
  app = await startApp();
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.dispose();
});
afterAll(() => app.close());

const connect = (token = ADMIN_TOKEN, url = app.url): Client => {
  const client = liveClient(url, token);
  clients.push(client);
  return client;
};

type RunChange = { cursor: string; kind: string; runId: string | null; run: { name: string; metric: { last: number } | null } | null };
const RUNS = `subscription($t: String = "default", $e: [String!], $f: String, $w: RunWhere, $a: String) {
  runChanged(team: $t, experimentIds: $e, filter: $f, where: $w, after: $a) { cursor kind runId run { name metric(key: "m") { last } } } }`;
const told = (seen: RunChange[], runId?: string) => seen.filter((one) => !runId || one.runId === runId).map((one) => one.kind);

const createRun = async (input: Record<string, unknown> = {}): Promise<string> =>
  (await data(app, 'mutation($i: CreateRunInput!) { createRun(input: $i) { run { runId } } }', { i: { experimentId: '0', ...input } })).createRun.run
    .runId;
const log = (runId: string, value: number, step = 0) =>
  data(app, 'mutation($r: String!, $m: [MetricInput!]) { logBatch(input: {runId: $r, metrics: $m}) { run { runId } } }', {
    r: runId,
    m: [{ key: 'm', value, step }],
  });
const update = (runId: string, status: string) =>
  data(app, 'mutation($r: String!, $s: RunStatus) { updateRun(input: {runId: $r, status: $s}) { run { runId } } }', { r: runId, s: status });
const setDeleted = (act: 'deleteRuns' | 'restoreRuns', runIds: string[]) =>
  data(app, `mutation($r: [String!]!) { ${act}(input: {runIds: $r}) { runs { runId } } }`, { r: runIds });
const experiment = async (name: string): Promise<string> =>
  (await data(app, 'mutation($n: String!) { createExperiment(input: {name: $n}) { experiment { experimentId } } }', { n: name })).createExperiment
    .experiment.experimentId;

describe('runChanged', () => {
  it('tells a run’s whole life, with the run as it is', async () => {
    const live = follow<RunChange>(connect(), RUNS);
    await live.until((seen) => seen.length === 1);
    expect(live.seen[0]).toMatchObject({ kind: 'SUBSCRIBED', runId: null, run: null, cursor: expect.any(String) });
    const runId = await createRun({ name: 'one' });
    await live.until((seen) => told(seen, runId).includes('CREATED'));
    await log(runId, 7);
    await live.until((seen) => told(seen, runId).includes('UPDATED'));
    expect(live.seen.at(-1)!.run).toEqual({ name: 'one', metric: { last: 7 } });
    await update(runId, 'FINISHED');
    await live.until((seen) => told(seen, runId).includes('FINISHED'));
    await setDeleted('deleteRuns', [runId]);
    await live.until((seen) => told(seen, runId).includes('DELETED'));
    await setDeleted('restoreRuns', [runId]);
    await live.until((seen) => told(seen, runId).includes('RESTORED'));
    expect(told(live.seen, runId)).toEqual(['CREATED', 'UPDATED', 'FINISHED', 'DELETED', 'RESTORED']);
  });

  it('gathers what a busy run logs, and ends with its last value', async () => {
    const runId = await createRun();
    const live = follow<RunChange>(connect(), RUNS, { f: `attributes.run_id = '${runId}'` });
    await live.until((seen) => seen.length === 1);
    const started = performance.now();
    for (let step = 0; step < 60; step++) await log(runId, step, step);
    await live.until((seen) => seen.at(-1)?.run?.metric?.last === 59, 'the last value');
    const seconds = (performance.now() - started) / 1_000;
    expect(live.seen.length - 1).toBeLessThanOrEqual(Math.ceil(seconds * 5) + 1);
  });

  it('tells only what was asked for: experiments, a filter, typed conditions', async () => {
    const [one, other] = [await experiment('live one'), await experiment('live other')];
    const lives = [{ e: [one] }, { f: "tags.kind = 'good'" }, { e: [one], w: { metric: { key: 'm', op: 'GT', value: 5 } } }].map((variables) =>
      follow<RunChange>(connect(), RUNS, variables),
    );
    for (const live of lives) await live.until((seen) => seen.length === 1);
    const good = await createRun({ experimentId: one, tags: [{ key: 'kind', value: 'good' }] });
    const elsewhere = await createRun({ experimentId: other, tags: [{ key: 'kind', value: 'good' }] });
    await new Promise((resolve) => setTimeout(resolve, 300));
    await log(good, 6);
    await log(elsewhere, 6);
    await update(good, 'FINISHED');
    await update(elsewhere, 'FINISHED');
    for (const live of lives) await live.until((seen) => told(seen, good).includes('FINISHED'));
    await lives[1]!.until((seen) => told(seen, elsewhere).includes('FINISHED'));
    expect(told(lives[0]!.seen, elsewhere)).toEqual([]);
    expect(told(lives[2]!.seen, elsewhere)).toEqual([]);
    expect(told(lives[2]!.seen, good)).not.toContain('CREATED');
    const bad = follow<RunChange>(connect(), RUNS, { f: "metrics.m > 'x" });
    expect(await bad.fault).toMatchObject([{ extensions: { code: 'INVALID_ARGUMENT', argument: 'filter', position: expect.any(Number) } }]);
  });

  it('goes on behind any message, without gaps and repeats, also amid runs that changed together', async () => {
    const id = await experiment('together');
    const live = follow<RunChange>(connect(), RUNS, { e: [id] });
    await live.until((seen) => seen.length === 1);
    const runs = await Promise.all(Array.from({ length: 5 }, (_, index) => createRun({ experimentId: id, name: `r${index}` })));
    await live.until((seen) => told(seen).filter((kind) => kind === 'CREATED').length === 5);
    await data(app, 'mutation($e: String!) { deleteExperiment(input: {experimentId: $e}) { experiment { lifecycle } } }', { e: id });
    await live.until((seen) => told(seen).filter((kind) => kind === 'DELETED').length === 5);
    expect(live.seen.slice(-5).map((one) => one.runId)).toEqual([...runs].sort());
    const all = live.seen.map(({ kind, runId }) => ({ kind, runId }));
    for (const [index, { cursor }] of live.seen.entries()) {
      const again = follow<RunChange>(connect(), RUNS, { e: [id], a: cursor });
      const rest = all.slice(index + 1);
      if (rest.length > 0) await again.until((seen) => seen.length >= rest.length);
      else await new Promise((resolve) => setTimeout(resolve, 300));
      const kindThenRun = (list: { kind: string; runId: string | null }[]) => list.map(({ kind, runId }) => `${runId} ${kind}`).sort();
      expect(kindThenRun(again.seen)).toEqual(kindThenRun(rest));
      again.stop();
    }
    for (const after of ['x', Buffer.from('9:5:|9:5:|').toString('base64url'), Buffer.from('1:2:9').toString('base64url')])
      expect(await follow(connect(), RUNS, { a: after }).fault).toMatchObject([{ extensions: { code: 'INVALID_ARGUMENT', argument: 'after' } }]);
  });
});

describe('modelChanged', () => {
  const MODELS =
    'subscription($n: String, $a: String) { modelChanged(team: "default", name: $n, after: $a) { cursor kind name oldName version alias stage actor { ... on User { email } } modelVersion { stage } } }';
  type ModelChange = { cursor: string; kind: string; name: string; version: number | null };

  it('tells each change once, in order, also to who was away', async () => {
    const live = follow<ModelChange>(connect(), MODELS);
    await live.until((seen) => seen.length === 1);
    await data(
      app,
      `mutation { a: createRegisteredModel(input: {name: "m"}) { registeredModel { name } }
        b: createModelVersion(input: {name: "m", source: "s3://b/x"}) { modelVersion { version } }
        c: setModelAlias(input: {name: "m", alias: "champion", version: 1}) { registeredModel { name } }
        d: setModelVersionStage(input: {name: "m", version: 1, stage: PRODUCTION}) { modelVersion { version } }
        e: renameRegisteredModel(input: {name: "m", newName: "n"}) { registeredModel { name } } }`,
    );
    const kinds = ['SUBSCRIBED', 'MODEL_CREATED', 'VERSION_CREATED', 'ALIAS_SET', 'VERSION_STAGE_CHANGED', 'MODEL_RENAMED'];
    await live.until((seen) => seen.length === kinds.length);
    expect(live.seen.map((one) => one.kind)).toEqual(kinds);
    expect(live.seen[4]).toMatchObject({ name: 'm', version: 1, stage: 'PRODUCTION', actor: { email: 'admin@example.com' } });
    expect(live.seen[5]).toMatchObject({ name: 'n', oldName: 'm' });
    for (const [index, { cursor }] of live.seen.slice(0, -1).entries()) {
      const again = follow<ModelChange>(connect(), MODELS, { a: cursor });
      await again.until((seen) => seen.length >= kinds.length - index - 1);
      expect(again.seen.map((one) => one.kind)).toEqual(kinds.slice(index + 1));
      again.stop();
    }
  });
});

describe('whatever is lost', () => {
  const POINTS = 'subscription($r: [String!]!, $a: String) { metricPoints(runIds: $r, after: $a) { cursor points { step } } }';
  type Batch = { cursor: string; points: { step: number }[] };
  const steps = (seen: Batch[]) => seen.flatMap((batch) => batch.points.map((point) => point.step));
  /** As a restart of Postgres does: every connection of every server ends. */
  const cutDatabase = async () => {
    await app.deps.db.rows({
      text: 'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    });
  };
  const stubborn = async (act: () => Promise<unknown>) => {
    for (let attempt = 0; ; attempt++) {
      try {
        return await act();
      } catch (error) {
        if (attempt === 20) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  };

  it('another server’s subscribers hear of everything once, while connections to the database and subscribers come and go', async () => {
    const second = await secondServer(app);
    try {
      const runId = await createRun();
      const points = follow<Batch>(connect(ADMIN_TOKEN, second.url), POINTS, { r: [runId] });
      const runs = follow<RunChange>(connect(ADMIN_TOKEN, second.url), RUNS, { f: `attributes.run_id = '${runId}'` });
      await points.until((seen) => seen.length === 1);
      await runs.until((seen) => seen.length === 1);
      let resumed = points;
      for (let step = 0; step < 40; step++) {
        await stubborn(() => log(runId, step, step));
        await new Promise((resolve) => setTimeout(resolve, 20));
        if (step === 10 || step === 25) await stubborn(cutDatabase);
        if (step === 20) {
          // The subscriber's own connection is lost, too.
          points.stop();
          resumed = follow<Batch>(connect(ADMIN_TOKEN, second.url), POINTS, { r: [runId], a: points.seen.at(-1)!.cursor });
        }
      }
      await stubborn(() => update(runId, 'FINISHED'));
      const all = () => [...steps(points.seen), ...(resumed === points ? [] : steps(resumed.seen))];
      await resumed.until(() => all().length >= 40, 'every point');
      expect(all().sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, step) => step));
      await runs.until((seen) => told(seen).includes('FINISHED'));
      expect(runs.seen.at(-1)!.run!.metric!.last).toBe(39);
      expect(told(runs.seen).filter((kind) => kind !== 'UPDATED')).toEqual(['SUBSCRIBED', 'FINISHED']);
    } finally {
      for (const client of clients.splice(0)) await client.dispose();
      await second.close();
    }
  });

  it('a subscriber who doesn’t read is cut off', async () => {
    const runId = await createRun();
    const viewer = await authenticate(app.deps, { authorization: `Bearer ${ADMIN_TOKEN}` });
    const ctx = requireTeam({ ...app.deps, viewer, requestId: 'test' }, undefined);
    const unread = await followPoints(ctx, { runIds: [runId] });
    const live = follow<Batch>(connect(), POINTS, { r: [runId] });
    await live.until((seen) => seen.length === 1);
    for (let batch = 0; batch < 11; batch++) {
      const metrics = Array.from({ length: 1_000 }, (_, index) => ({ key: 'm', value: index, step: batch * 1_000 + index, timestamp: 1 }));
      expect((await app.mlflow('POST', '2.0/mlflow/runs/log-batch', { run_id: runId, metrics })).body).toEqual({});
      await live.until((seen) => steps(seen).length === (batch + 1) * 1_000);
    }
    await unread.next();
    await expect(unread.next()).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
    expect(await unread.next()).toMatchObject({ done: true });
  });

  it('a changed role or a revoked token ends the connection at once', async () => {
    const { slug } = await app.seedTeam('watched');
    const person = await seedPerson(app, 'watcher@example.com', slug, 'MAINTAINER');
    const live = follow<RunChange>(connect(person.token), RUNS, { t: slug });
    await live.until((seen) => seen.length === 1);
    await data(app, 'mutation($t: String, $u: Int!) { removeMember(input: {team: $t, userId: $u}) { team { slug } } }', {
      t: slug,
      u: person.userId,
    });
    expect(await live.fault).toMatchObject({ code: 4403 });
    const refused = follow<RunChange>(connect(person.token), RUNS, { t: slug });
    const unknown = follow<RunChange>(connect(person.token), RUNS, { t: 'nobody' });
    for (const one of [refused, unknown]) expect(await one.fault).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
    expect(await follow(connect(person.token), 'subscription { modelChanged(team: "default") { cursor } }').fault).toMatchObject([
      { extensions: { code: 'NOT_FOUND' } },
    ]);
  });
});
