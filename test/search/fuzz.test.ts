// Whatever is typed, a search answers or refuses with INVALID_ARGUMENT, quickly; and what it accepts, Postgres accepts.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AppError } from '../../src/lib/errors.ts';
import { checkRegex } from '../../src/search/regex.ts';
import {
  type Search,
  type SearchRequest,
  searchExperiments,
  searchLoggedModels,
  searchModelVersions,
  searchRegisteredModels,
  searchRuns,
} from '../../src/search/search.ts';
import type { Dialect } from '../../src/search/tree.ts';
import { type FreshDatabase, freshDatabase } from '../support/database.ts';
import { makeKits } from './fixtures.ts';

const SEARCHES = [searchRuns, searchExperiments, searchRegisteredModels, searchModelVersions, searchLoggedModels];
const FROM = [
  'runs r',
  'experiments e',
  'registered_models rm',
  'model_versions mv join registered_models rm on rm.team_id = mv.team_id and rm.registered_model_id = mv.registered_model_id',
  'logged_models lm',
];

let database: FreshDatabase;
let data: Awaited<ReturnType<typeof makeKits>>;
beforeAll(async () => {
  database = await freshDatabase();
  data = await makeKits(database.db, 7, 30);
});
afterAll(() => database?.drop());

/** The search, or null when it was refused as it should be. */
function prepared(noun: number, request: SearchRequest): Search | null {
  try {
    return SEARCHES[noun]!(request);
  } catch (error) {
    if (error instanceof AppError && error.code === 'INVALID_ARGUMENT' && error.message.length < 1_500) return null;
    throw error;
  }
}

async function runs(noun: number, search: Search): Promise<void> {
  const values: unknown[] = [data.teamId];
  const { joins, where, orderBy, cursorColumns } = search.compile({ team: '$1', values, keyIds: data.keyIds });
  const alias = FROM[noun]!.split(' ')[1];
  await database.db.rows(
    { text: `select ${cursorColumns} from ${FROM[noun]} ${joins} where ${alias}.team_id = $1 and ${where} order by ${orderBy} limit 3` },
    values,
  );
}

const TOKENS =
  `metrics. metric. params. tags. attributes. attribute. dataset. run. a b x.max \`a b\` "a b" 'a b' name status run_id start_time end_time version_number
  experiment_id creation_time creation_timestamp_ms model_id context = != < <= > >= == <> =~ LIKE ilike IN NOT IS NULL BETWEEN AND and OR ( ) , ; - + . ' " \` 1 -1.5e3 1e400 .5 5e-324 -9223372036854775809
  99999999999999999999 nan inf 'x' "%" '1.5' '' ('a','b') (1,2) now() 7d .max .mean mlflow.prompt.is_prompt 'true' é 🙂 \\ \\' % _ '[a-' '(a|b)+'`.split(
    /\s+/,
  );
const noun = fc.oneof(fc.constant(0), fc.nat(4));
const dialect = fc.constantFrom<Dialect>('mlflow', 'widened');
const soup = fc
  .array(fc.constantFrom(...TOKENS, ' ', ' ', ' '), { maxLength: 14 })
  .chain((tokens) => fc.constantFrom(tokens.join(''), tokens.join(' ')));
const name = fc
  .tuple(
    fc.constantFrom('', 'metrics.', 'params.', 'tags.', 'attributes.', 'attribute.', 'dataset.'),
    fc.constantFrom('a', '`a b`', 'x.max', 'name', 'status', 'start_time', 'run_id', 'version_number', 'model_id', 'context'),
  )
  .map((parts) => parts.join(''));
const operator = fc.constantFrom('=', '!=', '<', '>=', 'LIKE', 'not ilike', 'IN', 'NOT IN', 'IS NULL', 'BETWEEN', '=~');
const value = fc.oneof(
  fc.constantFrom('1', '-0', '1e400', '-1e-400', '123456789012345678901234567890', '1.5', 'now() - 1e9d', "'true'", 'now() + 99999999999999999999w'),
  fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => `'${text.replaceAll("'", '')}'`),
);
const clause = fc.tuple(name, operator, value, value).map(([left, op, first, second]) => {
  if (op === 'IS NULL') return `${left} ${op}`;
  return `${left} ${op} ${op.endsWith('IN') ? `(${first}, ${second})` : op === 'BETWEEN' ? `${first} AND ${second}` : first}`;
});
/** Right but for its value now and then, so that much of it reaches the database. */
const likely = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('metrics.a', 'metrics.x.max', 'start_time', 'version_number', 'creation_timestamp_ms'),
      fc.constantFrom('<', '>=', '=', '!='),
      value,
    )
    .map((parts) => parts.join(' ')),
  fc
    .tuple(
      fc.constantFrom('params.a', 'tags.`a b`', 'name', 'status', 'run_id', 'model_id', 'dataset.context'),
      fc.constantFrom('=', '!=', 'LIKE', 'ilike', '=~'),
      value,
    )
    .map((parts) => parts.join(' ')),
  fc.tuple(fc.constantFrom('params.a', 'tags.x', 'end_time'), fc.constantFrom('IS NULL', 'is not null')).map((parts) => parts.join(' ')),
);
const sentence = fc.tuple(likely, fc.constantFrom(' AND ', ' or ', ' AND NOT '), fc.oneof(likely, clause)).map((parts) => parts.join(''));
const filter = fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), soup, clause, likely, likely, sentence);
const order = fc.array(
  fc.oneof(
    fc.string({ maxLength: 20 }),
    name,
    fc.tuple(name, fc.constantFrom(' asc', ' DESC', ' x')).map((parts) => parts.join('')),
    name.map((field) => ({ field, ascending: false })),
  ),
  { maxLength: 3 },
);

test('random text, token soups and near-sentences: accepted and run, or refused as the user’s mistake', async () => {
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(noun, dialect, filter, order, async (which, language, text, orderBy) => {
      const search =
        prepared(which, { dialect: language, filter: text, orderBy, now: 1_700_000_000_000 }) ??
        prepared(which, { dialect: language, filter: text, now: 0 });
      if (!search || text === '') return;
      accepted += 1;
      await runs(which, search);
    }),
    { numRuns: 4_000 },
  );
  expect(accepted).toBeGreaterThan(400);
});

test('random orders and forged cursors', async () => {
  const part = fc.oneof(
    fc.constant(null),
    fc.constantFrom('1', 'NaN', '-Infinity', '1e+400', '1e-400', '0', 'a', '00000000-0000-0000-0000-000000000000'),
    fc.string({ maxLength: 5 }),
    fc.double().map(String),
  );
  await fc.assert(
    fc.asyncProperty(
      noun,
      dialect,
      order,
      fc.array(part, { minLength: 1, maxLength: 6 }),
      fc.boolean(),
      async (which, language, orderBy, values, backward) => {
        const request: SearchRequest = { dialect: language, orderBy, backward, now: 0 };
        const search = prepared(which, request);
        if (!search) return;
        await runs(which, search);
        const row = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`cursor_${index}`, values[index % values.length]]));
        const next = prepared(which, backward ? { ...request, before: search.cursorOf(row) } : { ...request, after: search.cursorOf(row) });
        if (next) await runs(which, next);
      },
    ),
    { numRuns: 1_000 },
  );
});

test('a regular expression that is let through is one that Postgres takes, and fast', async () => {
  const piece = fc.constantFrom(
    'a',
    'B',
    '.',
    '^',
    '$',
    '*',
    '+',
    '?',
    '|',
    '(',
    ')',
    '(?:',
    '[',
    ']',
    '^',
    '-',
    '{2}',
    '{0,3}',
    '{255}',
    '{',
    '}',
    ',',
    '\\d',
    '\\w',
    '\\.',
    '\\',
    '\\y',
    '[[:alpha:]]',
    '[a-z]',
    '[^x]',
    '(?i)',
    'é',
    ' ',
    '\n',
  );
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 10 }), async (pieces) => {
      const pattern = pieces.join('');
      try {
        checkRegex(pattern, { argument: 'filter', position: 0 });
      } catch (error) {
        if (error instanceof AppError) return;
        throw error;
      }
      accepted += 1;
      await database.db.rows({ text: `select 'abc' ~ $1::text` }, [pattern]);
    }),
    { numRuns: 6_000 },
  );
  expect(accepted).toBeGreaterThan(300);
  const worst = ['(?:a{10}){15}', '(a+)+$', `(${'a?'.repeat(200)})`, '[[:alpha:]]{255}', '\\w{255}', '(.{15}|.{14}){8}', '.*a.{200}'];
  const started = Date.now();
  for (const pattern of worst) {
    checkRegex(pattern, { argument: 'filter', position: 0 });
    await database.db.rows({ text: `select repeat('a', 5000) ~ $1::text` }, [pattern]);
  }
  expect(Date.now() - started).toBeLessThan(2_000);
});

test('the longest filters take no time', () => {
  const started = Date.now();
  for (const text of ["'", '(', 'a.', '`', '-', '1', "''", "\\'", 'NOT ', ' ', '1.', 'é', "'\\", '"\'`', 'metrics.a > 1 and ']) {
    for (const language of ['mlflow', 'widened'] as const)
      prepared(0, { dialect: language, filter: text.repeat(Math.floor(100_000 / text.length)), now: 0 });
  }
  expect(Date.now() - started).toBeLessThan(2_000);
});
