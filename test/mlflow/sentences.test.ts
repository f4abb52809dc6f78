// MLflow's words are made in its door alone: rules give reasons and facts, and say the same in the field's words.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { checkBatchSize, checkKey, checkLength, checkPageSize } from '../../src/domain/limits.ts';
import { checkModelName, checkNewAlias, parseStage } from '../../src/domain/registry/checks.ts';
import type { AppError } from '../../src/lib/errors.ts';
import { SEARCH_SENTENCES } from '../../src/mlflow/sentences/searchSentences.ts';
import { REASONS, sentenceOf } from '../../src/mlflow/sentences/sentences.ts';
import { searchExperiments, searchLoggedModels, searchModelVersions, searchRegisteredModels, searchRuns } from '../../src/search/search.ts';
import type { Syntax } from '../../src/search/tree.ts';

const ROOT = new URL('../../src/', import.meta.url);
const sources = ['domain', 'auth', 'storage', 'search'].flatMap((room) =>
  readdirSync(new URL(room, ROOT), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => ({ file: `${room}/${file}`, text: readFileSync(new URL(`${room}/${file}`, ROOT), 'utf8') })),
);

test('every reason that has a sentence of MLflow is given by a rule', () => {
  // refusals.ts only names them.
  const rules = sources.filter(({ file }) => file !== 'search/refusals.ts');
  const given = new Set(rules.flatMap(({ text }) => [...text.matchAll(/(?:reason: |fail\()'([a-z0-9-]+)'/g)].map(([, reason]) => reason)));
  expect(REASONS.filter((reason) => !given.has(reason))).toEqual([]);
});

const WORDS =
  /for parameter '|supplied|Registered Model|Run with id=|'active' state|Model Version|MLFLOW_|page token|base64-decode|\b(run_id|run_name|user_id|experiment_ids?|model_type|max_results|page_token)'/;

test('no rule speaks in MLflow’s words or names its parameters', () => {
  const found = sources.flatMap(({ file, text }) =>
    [...text.matchAll(/(?:invalid|notFound|alreadyExists|failedPrecondition|limitExceeded|AppError)\(\s*(?:'[A-Z_]+',\s*)?(['"`][^\n]*)/g)]
      .filter(([, message]) => WORDS.test(message!.split(', {')[0]!))
      .map(([, message]) => `${file}: ${message}`),
  );
  expect(found).toEqual([]);
});

test('the filter language refuses in the field’s words, and the MLflow door in MLflow’s', () => {
  const names = [
    'metrics.a',
    'metrics.`a`.max',
    'metrics.`a`.median',
    'metrics.',
    'tags.`a`.max',
    'params.a',
    'tags.a',
    'name',
    'status',
    'dataset.b',
    'foo.a',
    'a-b',
  ];
  const tests = ['= 1', "= 'x'", '= x', '= now()', "== 'x'", 'IS NULL', 'IN ()', 'IN (1)', "IN ('x')", "=~ '('", 'LIKE', 'BETWEEN 1 AND 2'];
  const filters = names.flatMap((name) => tests.map((one) => `${name} ${one}`));
  const clause = "tags.a = 'x'";
  const odd = [' ', '\0', '§', "tags.a = 'x", `NOT ${clause}`, `${clause};`, `${clause}; ${clause}`, `${'('.repeat(60)}`, 'x'.repeat(100_001)];
  const many = Array.from({ length: 201 }, () => clause).join(' AND ');
  const orders = [...names, 'name x', 'a b c'].flatMap((name) => [[name], [{ field: name }], [name, name], Array.from({ length: 21 }, () => name)]);
  const typed = (op: string, texts: string[]): Syntax => ({
    kind: 'comparison',
    name: { entity: 'tags', key: 'a', quoted: true, stat: null, text: 'a', position: -1 },
    op,
    opPosition: -1,
    values: texts.map((text) => ({ kind: 'string', text, position: -1 })),
  });
  const wheres = [typed('=', []), typed('=', ['\0']), { kind: 'and' as const, items: [] }];
  const requests = [
    ...[...filters, ...odd, many].map((filter) => ({ filter })),
    ...orders.map((orderBy) => ({ orderBy })),
    ...wheres.map((where) => ({ where })),
    ...['§', searchRuns({ dialect: 'widened', now: 0 }).cursorOf({})].map((after) => ({ after, filter: clause })),
    { orderBy: [{ field: 'metrics.a', datasetName: '\0' }, { field: 'x\0' }] },
    { orderBy: [{ field: 'x\0' }] },
    { datasets: [{ datasetName: '' }] },
  ];
  const refused = new Map<string, Set<string>>();
  for (const search of [searchRuns, searchExperiments, searchRegisteredModels, searchModelVersions, searchLoggedModels]) {
    for (const dialect of ['mlflow', 'widened'] as const) {
      for (const request of requests) {
        try {
          search({ dialect, now: 0, ...request });
        } catch (error) {
          const fault = error as AppError;
          const { reason = `none: ${fault.message}` } = fault;
          refused.set(reason, (refused.get(reason) ?? new Set()).add(fault.message));
          if (dialect === 'mlflow') expect(sentenceOf(fault)).not.toMatch(/undefined|\[object/);
        }
      }
    }
  }
  expect([...refused.keys()].sort()).toEqual(Object.keys(SEARCH_SENTENCES).sort());
  const mlflow =
    /order_by|order by (key|field)|filter string|Search filter|Could not be parsed|Expected (numeric|a quoted)|Parameter value|While parsing|dataset_name|Invalid|[Vv]alid (keys|values|entity|ones)|base64|page token/;
  expect([...refused.values()].flatMap((messages) => [...messages]).filter((message) => mlflow.test(message) || WORDS.test(message))).toEqual([]);
});

const refusal = (act: () => unknown): [string, string, string | undefined] => {
  try {
    act();
  } catch (error) {
    const fault = error as AppError;
    return [fault.message, sentenceOf(fault), fault.detail.argument];
  }
  throw new Error('was not refused');
};

test('the same refusal in both words', () => {
  const long = 'x'.repeat(300);
  expect(
    [
      () => checkKey('a\n', 'metrics[2].key'),
      () => checkKey('a/../b', 'key'),
      () => checkLength('name', 10, long, 'run'),
      () => checkLength('startedAt', 10, long),
      () => checkBatchSize('tags', 100, 101),
      () => checkPageSize(0, 10, 50),
      () => checkModelName('', 'newName'),
      () => checkNewAlias('Latest'),
      () => checkNewAlias(long),
      () => parseStage('live'),
    ].map(refusal),
  ).toMatchInlineSnapshot(`
    [
      [
        "'a
    ' can't be a key: use letters, digits, spaces and / _ . - : alone.",
        "Invalid value "a\\n" for parameter 'metrics[2].name' supplied: Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).",
        "metrics[2].key",
      ],
      [
        "'a/../b' can't be a key: as the path of a file it would lead to 'b'.",
        "Invalid value "a/../b" for parameter 'key' supplied: Names may be treated as files in certain cases, and must not resolve to other names when treated as such. This name would resolve to 'b'",
        "key",
      ],
      [
        "'name' has at most 10 characters. Shorten it.",
        "'run_name' exceeds the maximum length of 10 characters",
        "name",
      ],
      [
        "'startedAt' has at most 10 characters. Shorten it.",
        "'start_time' exceeds the maximum length of 10 characters",
        "startedAt",
      ],
      [
        "At most 100 tags can be logged at once, not 101. Split them up.",
        "A batch logging request can contain at most 100 tags. Got 101 tags. Please split up tags across multiple requests and try again.",
        "tags",
      ],
      [
        "A page has 1 to 50 entries, not 0.",
        "Invalid value 0 for parameter 'max_results' supplied: It must be at least 1 and at most 50, but got value 0",
        "first",
      ],
      [
        "Give the model a name.",
        "Missing value for required parameter 'new_name'.",
        "newName",
      ],
      [
        "'Latest' can't be an alias: it means a version already. Choose another.",
        "'latest' alias name (case insensitive) is reserved.",
        "alias",
      ],
      [
        "'alias' has at most 255 characters. Shorten it.",
        "'Registered model alias name' exceeds the maximum length of 255 characters",
        "alias",
      ],
      [
        "'live' is no stage. Stages: None, Staging, Production, Archived.",
        "Invalid Model Version stage: live. Value must be one of None, Staging, Production, Archived.",
        "stage",
      ],
    ]
  `);
});
