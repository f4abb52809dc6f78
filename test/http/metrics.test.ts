// What operators see at /metrics: each series is there, moves with what it measures, and has labels of few values.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ADMIN_TOKEN, startApp, type TestApp } from '../support/app.ts';
import { follow, liveClient } from '../support/live.ts';
import { startS3, type TestS3 } from '../support/s3.ts';

let app: TestApp;
let s3: TestS3;
beforeAll(async () => {
  s3 = await startS3();
  app = await startApp({ config: s3.config });
});
afterAll(async () => {
  await app.close();
  await s3.close();
});

const text = async () => (await fetch(`${app.url}/metrics`)).text();
/** The sum over the series of a name whose labels match. */
async function value(name: string, labels = ''): Promise<number> {
  const lines = (await text()).split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  return lines.filter((line) => line.includes(labels)).reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}

test('requests, points, connections, subscribers and calls of the store are counted', async () => {
  const run = (await app.mlflow('POST', '2.0/mlflow/runs/create', { experiment_id: '0' })).body.run.info.run_id as string;
  const before = await value('runledger_points_ingested_total');
  for (let step = 0; step < 5; step += 1)
    await app.mlflow('POST', '2.0/mlflow/runs/log-metric', { run_id: run, key: `secret-name-${step}`, value: 1, timestamp: 1, step });
  await app.graphql('query someName { viewer { isServerAdmin } }');
  await fetch(`${app.url}/api/2.0/mlflow-artifacts/artifacts/0/${run}/artifacts/file`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
    body: 'x',
  });
  await fetch(`${app.url}/nowhere/secret-name`);
  expect(await value('runledger_points_ingested_total')).toBe(before + 5);
  expect(await value('runledger_writer_flush_duration_seconds_count')).toBeGreaterThan(0);
  // Noted once an answer has left.
  await vi.waitFor(
    async () => {
      expect(await value('runledger_http_request_duration_seconds_count', 'runs/log-metric')).toBe(5);
      expect(await value('runledger_http_request_duration_seconds_count', 'door="graphql"')).toBeGreaterThan(0);
      expect(await value('runledger_s3_request_duration_seconds_count', 'operation="PutObjectCommand"')).toBe(1);
    },
    { timeout: 300_000 },
  );
  expect(await value('runledger_database_pool_connections')).toBeGreaterThan(0);
  const client = liveClient(app.url, ADMIN_TOKEN);
  const live = follow(client, 'subscription($r: [String!]!) { metricPoints(runIds: $r) { points { step } } }', { r: [run] });
  await live.until((seen) => seen.length > 0);
  expect(await value('runledger_websockets')).toBe(1);
  live.stop();
  await client.dispose();
  const all = await text();
  for (const name of ['runledger_workers', 'runledger_http_requests_total', 'process_resident_memory_bytes', 'process_uptime_seconds'])
    expect(all).toMatch(new RegExp(`^${name}[ {]`, 'm'));
  for (const name of [
    'database_pool_idle',
    'database_pool_waiting',
    'writer_waiting_points',
    'compaction_lag_seconds',
    'webhook_messages_waiting',
    'event_loop_delay_seconds',
  ])
    expect(all).toMatch(new RegExp(`^runledger_${name} [\\d.e-]+$`, 'm'));
  expect(all).not.toContain('secret-name');
  expect(all).not.toContain(run);
});

test('the dashboard of operators asks for series that are there', async () => {
  const dashboard = readFileSync('deploy/grafana/dashboards/operators.json', 'utf8');
  const all = await text();
  const asked = new Set(dashboard.match(/\b(?:runledger|process)_[a-z0-9_]+/g));
  expect(asked.size).toBeGreaterThan(12);
  for (const name of asked) expect(all).toContain(`# TYPE ${name.replace(/_(bucket|count|sum)$/, '')} `);
});
