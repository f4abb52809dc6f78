// docs/graphql.md as it is read: every query in it is valid, and the six questions are answered as it says, each by one query.
// `UPDATE_DOCS=1 npx vitest run test/graphql/questions.test.ts` writes the answers into the page.
import { readFileSync, writeFileSync } from 'node:fs';
import { parse, validate } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSchema } from '../../src/graphql/schema.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { data } from '../support/people.ts';

const PAGE = 'docs/graphql.md';
const page = readFileSync(PAGE, 'utf8');
const blocks = (text: string, language: string) =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, body]) => body!);

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Question = { title: string; query: string; variables: Record<string, Json>; answer: Json };
const questions: Question[] = page
  .split(/^### (?=\d\. )/m)
  .slice(1)
  .map((section) => {
    const [query] = blocks(section, 'graphql');
    const [variables, answer] = blocks(section, 'json').map((text) => JSON.parse(text));
    return { title: section.split('\n')[0]!, query: query!, variables, answer };
  });

/** Noon of the day on which the page was written. */
const NOW = Date.parse('2026-05-15T12:00:00Z');
const HOUR = 3_600_000;
const RINGS = 60;
const CURVES = 100;
const idOf = (number: number) => number.toString(16).padStart(32, '0');

let app: TestApp;

beforeAll(async () => {
  app = await startApp();
  Object.assign(app.deps, { now: () => NOW });
  await data(
    app,
    'mutation { a: createExperiment(input: {name: "rings"}) { experiment { id } } b: createExperiment(input: {name: "curves"}) { experiment { id } } }',
  );
  const create = 'mutation($input: CreateRunInput!) { createRun(input: $input) { run { id } } }';
  const log = 'mutation($input: LogBatchInput!) { logBatch(input: $input) { run { id } } }';
  const update = 'mutation($input: UpdateRunInput!) { updateRun(input: $input) { run { id } } }';
  for (let i = 1; i <= RINGS; i++) {
    // A few are older than 30 days.
    const start = NOW - i * 5 * HOUR - (i > 50 ? 960 * HOUR : 0);
    const startedAt = new Date(start).toISOString();
    const tags = [
      { key: 'mlflow.source.git.commit', value: `c0ffee${String(i % 7)}` },
      { key: 'mlflow.source.git.repoURL', value: 'https://git.example.com/rings.git' },
      { key: 'mlflow.source.name', value: 'train.py' },
      { key: 'data', value: i % 2 ? 'v2' : 'v1' },
    ];
    await data(app, create, {
      input: { experimentId: '1', runId: idOf(i), name: `rings-${i}`, user: ['ada', 'grace', 'lin'][i % 3], startedAt, tags },
    });
    const params = [
      { key: 'model', value: ['gbm', 'mlp', 'linear'][i % 3]! },
      { key: 'lr', value: ['0.1', '0.01', '0.001', '0.0001'][i % 4]! },
      { key: 'seed', value: '42' },
    ];
    const metrics = i % 10 === 9 ? [] : [{ key: 'rmse', value: (200 + ((i * 37) % 50) + (i % 3) * 10) / 100, step: 1 }];
    await data(app, log, { input: { runId: idOf(i), params, metrics } });
    if (i > 2)
      await data(app, update, {
        input: { runId: idOf(i), status: i % 10 === 9 ? 'FAILED' : 'FINISHED', endedAt: new Date(start + HOUR).toISOString() },
      });
  }
  const points = 'mutation($input: LogMetricsInput!) { logMetrics(input: $input) { run { id } } }';
  const steps = Array.from({ length: 600 }, (_, step) => step);
  for (let i = 1; i <= CURVES; i++) {
    const runId = idOf(1_000 + i);
    await data(app, create, { input: { experimentId: '2', runId, name: `curve-${i}`, startedAt: new Date(NOW - i * HOUR).toISOString() } });
    const values = steps.map((step) => (step === 300 + i ? 100 : Math.round(1e4 / (1 + step / (10 + i))) / 1e4));
    await data(app, points, { input: { runId, keys: steps.map(() => 'loss'), steps, values } });
  }
  await data(
    app,
    `mutation($a: String!, $b: String!) {
      logInputs(input: {runId: $b, datasets: [{name: "rings", digest: "9f2c41", sourceType: "s3", source: "s3://data/rings-v2.parquet"}]}) { run { id } }
      createRegisteredModel(input: {name: "rings"}) { registeredModel { id } }
      v1: createModelVersion(input: {name: "rings", source: "runs:/${idOf(20)}/model", runId: $a}) { modelVersion { id } }
      v2: createModelVersion(input: {name: "rings", source: "runs:/${idOf(27)}/model", runId: $b}) { modelVersion { id } }
      c1: setModelAlias(input: {name: "rings", alias: "champion", version: 1}) { registeredModel { id } }
      c1Again: setModelAlias(input: {name: "rings", alias: "champion", version: 1}) { registeredModel { id } }
      other: setModelAlias(input: {name: "rings", alias: "candidate", version: 2}) { registeredModel { id } }
      c2: setModelAlias(input: {name: "rings", alias: "champion", version: 2}) { registeredModel { id } }
    }`,
    { a: idOf(20), b: idOf(27) },
  );
});
afterAll(() => app.close());

it('every query, mutation and subscription of the page is valid', () => {
  const schema = makeSchema();
  const inScripts = blocks(page, 'js').flatMap((script) => [...script.matchAll(/query: '([^']+)'/g)].map(([, query]) => query!));
  const texts = [...blocks(page, 'graphql'), ...inScripts];
  expect(texts.length).toBeGreaterThanOrEqual(10);
  for (const text of texts) expect(validate(schema, parse(text)), text).toEqual([]);
});

it('the examples of the filter language find what `where` finds, or nothing, without a fault', async () => {
  const examples = blocks(page.slice(page.indexOf('## Filters')), '')[0]!
    .split('\n')
    .map((line) => line.replace(/ +--.*/, ''))
    .filter(Boolean);
  expect(examples.length).toBeGreaterThanOrEqual(6);
  for (const filter of examples) await data(app, 'query($f: String) { team(slug: "default") { runs(filter: $f) { totalCount } } }', { f: filter });
  const [query] = blocks(page.slice(page.indexOf('`where` says')), 'graphql');
  await data(app, query!, JSON.parse(blocks(page.slice(page.indexOf('`where` says')), 'json')[0]!));
});

/** When something happened by the database's clock is not the page's: any moment does. */
const undated = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(undated);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, key === 'changedAt' ? '2026-05-14T09:30:00.000Z' : undated(one)]));
};

/** Lists of more than ten as the page shows them: two, and "…". */
const shortened = (value: Json): Json => {
  if (Array.isArray(value)) return value.length > 10 ? [...value.slice(0, 2).map(shortened), '…'] : value.map(shortened);
  return value !== null && typeof value === 'object' ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, shortened(one)])) : value;
};

/** What fits stays on a line. */
function printed(value: Json, indent = ''): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  const inner = `${indent}  `;
  const parts = (indent: string) =>
    Array.isArray(value) ? value.map((one) => printed(one, indent)) : Object.entries(value).map(([key, one]) => `"${key}": ${printed(one, indent)}`);
  const flat = `${open}${parts(inner).join(', ')}${close}`;
  if (!flat.includes('\n') && flat.length + indent.length <= 200) return flat;
  return `${open}\n${parts(inner)
    .map((part) => inner + part)
    .join(',\n')}\n${indent}${close}`;
}

describe('the six questions', () => {
  expect(questions).toHaveLength(6);
  it.each(questions.map((one) => [one.title, one] as const))('%s', async (_title, { query, variables, answer }) => {
    const full = await data(app, query, variables);
    const found = shortened(undated(full));
    if (process.env.UPDATE_DOCS) {
      const text = readFileSync(PAGE, 'utf8');
      const from = text.indexOf('Answer:', text.indexOf(query));
      const [before, after] = [text.slice(0, from), text.slice(from)];
      writeFileSync(PAGE, before + after.replace(/```json\n[\s\S]*?^```$/m, () => `\`\`\`json\n${printed(found)}\n\`\`\``));
    } else expect(found).toEqual(answer);
  });

  it('about curves is answered by two statements, every spike kept', async () => {
    const { query, variables } = questions[2]!;
    await data(app, query, variables);
    const names: string[] = [];
    const stop = app.deps.db.onStatement(({ name }) => names.push(name));
    const { team } = await data(app, query, variables);
    stop();
    expect(names.filter((name) => !name.startsWith('auth.')).length).toBeLessThanOrEqual(2);
    expect(team.runs.nodes).toHaveLength(CURVES);
    for (const run of team.runs.nodes) {
      const [{ points }] = run.series;
      expect(points.length).toBeLessThanOrEqual(300);
      expect(points).toContainEqual({ step: 300 + Number(run.name.slice(6)), value: 100 });
    }
  });
});
