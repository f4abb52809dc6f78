// What each search takes and what it means; what it refuses, with which words and where.
import { describe, expect, test } from 'vitest';
import { AppError } from '../../src/lib/errors.ts';
import { sentenceOf } from '../../src/mlflow/sentences/sentences.ts';
import {
  type Search,
  type SearchRequest,
  searchExperiments,
  searchLoggedModels,
  searchModelVersions,
  searchRegisteredModels,
  searchRuns,
} from '../../src/search/search.ts';
import type { Dialect, Expr, Field, Literal, Syntax } from '../../src/search/tree.ts';

const NOUNS = {
  runs: searchRuns,
  experiments: searchExperiments,
  models: searchRegisteredModels,
  versions: searchModelVersions,
  logged: searchLoggedModels,
};
type NounName = keyof typeof NOUNS;
const search = (noun: NounName, request: Partial<SearchRequest>): Search => NOUNS[noun]({ dialect: 'mlflow', now: 1_000, ...request });

/** A tree in short: [metric.a > 1]. */
function shown(expr: Expr | null): string {
  if (!expr) return '';
  if (expr.kind === 'not') return `not ${shown(expr.item)}`;
  if (expr.kind !== 'clause') return `(${expr.items.map(shown).join(` ${expr.kind} `)})`;
  const values = expr.values.map((value) => (value.kind === 'string' ? `'${value.text}'` : value.kind === 'now' ? `now${value.offset}` : value.text));
  return `[${[fieldShown(expr.field), expr.op, ...values].join(' ')}]`;
}

function fieldShown(field: Field): string {
  if (field.kind === 'attribute' || field.kind === 'dataset') return `${field.kind}.${field.name}`;
  return `${field.kind}.${field.key}${field.kind === 'metric' && field.stat !== 'last' ? `.${field.stat}` : ''}`;
}

type Fault = { message: string; mlflow: string; position: number | undefined; argument: string | undefined };

function fault(run: () => unknown): Fault {
  try {
    run();
  } catch (error) {
    if (error instanceof AppError && error.code === 'INVALID_ARGUMENT') {
      return { message: error.message, mlflow: sentenceOf(error), position: error.detail.position, argument: error.detail.argument };
    }
    throw error;
  }
  throw new Error('It was accepted');
}

describe('both dialects take what MLflow takes, in the same meaning', () => {
  test.each<[NounName, string, string]>([
    ['runs', '', ''],
    ['runs', "params.lr = '0.1'", "[param.lr = '0.1']"],
    ['runs', 'metrics.a>.5 and metric.b <= -1.5e-3', '([metric.a > .5] and [metric.b <= -1.5e-3])'],
    ['runs', 'metrics.a > 1. AND', '[metric.a > 1.]'],
    ['runs', 'parameters.a LIKE \'x%\' AND param.b iLike "Y"', "([param.a LIKE 'x%'] and [param.b ILIKE 'Y'])"],
    ['runs', "`params`.`a b` = 'x' and params.\"a b\" != 'y' and tags.'c:d' = ''", "([param.a b = 'x'] and [param.a b != 'y'] and [tag.c:d = ''])"],
    ['runs', "params.a = 'a and b' and params.b = \"it's\"", "([param.a = 'a and b'] and [param.b = 'it's'])"],
    ['runs', "tags.mlflow.source.name = 'x'", "[tag.mlflow.source.name = 'x']"],
    ['runs', "params.1a = 'x' and tags.order = 'y' and tags.from = 'z'", "([param.1a = 'x'] and [tag.order = 'y'] and [tag.from = 'z'])"],
    ['runs', 'metrics.é = 1', '[metric.é = 1]'],
    ['runs', 'params.a is null AND tags.b IS NOT NULL', '([param.a IS NULL] and [tag.b IS NOT NULL])'],
    [
      'runs',
      "status = 'FINISHED' and attr.Created > 5 and run.end_time < 6",
      "([attribute.status = 'FINISHED'] and [attribute.start_time > 5] and [attribute.end_time < 6])",
    ],
    ['runs', "`run name` = 'x' and attributes.\"Run Name\" != 'y'", "([attribute.run_name = 'x'] and [attribute.run_name != 'y'])"],
    ['runs', "run_id in ('a', \"b\",) and attribute.run_id NOT IN ('c')", "([attribute.run_id IN 'a' 'b'] and [attribute.run_id NOT IN 'c'])"],
    ['runs', "dataset.name IN ('a') and datasets.context = 'train'", "([dataset.name IN 'a'] and [dataset.context = 'train'])"],
    [
      'experiments',
      "attribute.name ILIKE '%x%' and creation_time >= 5 and tags.a IS NULL",
      "([attribute.name ILIKE '%x%'] and [attribute.creation_time >= 5] and [tag.a IS NULL])",
    ],
    ['models', "name LIKE 'a%' AND tag.x != 'y'", "([attribute.name LIKE 'a%'] and [tag.x != 'y'])"],
    [
      'versions',
      "run_id IN ('a') and version_number > 1 and source_path = 's'",
      "([attribute.run_id IN 'a'] and [attribute.version_number > 1] and [attribute.source_path = 's'])",
    ],
    ['logged', 'params.b = 5 AND attributes.status = "READY"', "([param.b = 5] and [attribute.status = 'READY'])"],
    [
      'logged',
      "creation_time > 5 and tags.a NOT IN ('x') and name = foo",
      "([attribute.creation_timestamp_ms > 5] and [tag.a NOT IN 'x'] and [attribute.name = foo])",
    ],
  ])('%s: %s', (noun, filter, tree) => {
    for (const dialect of ['mlflow', 'widened'] as Dialect[]) expect(shown(search(noun, { dialect, filter }).filter)).toBe(tree);
  });
});

describe('the widened language adds', () => {
  test.each<[NounName, string, string]>([
    ['runs', "metrics.a > 1 or metrics.b > 2 and status = 'FAILED'", "([metric.a > 1] or ([metric.b > 2] and [attribute.status = 'FAILED']))"],
    ['runs', 'NOT (metrics.a > 1 or metrics.b > 2)', 'not ([metric.a > 1] or [metric.b > 2])'],
    ['runs', 'not not metrics.a > 1', 'not not [metric.a > 1]'],
    ['runs', "metrics.a between 1 and 2 and params.b not between 'x' and 'y'", "([metric.a BETWEEN 1 2] and [param.b NOT BETWEEN 'x' 'y'])"],
    [
      'runs',
      "metrics.a in (1, 2) and status NOT IN ('FAILED') and params.a not like 'x%'",
      "([metric.a IN 1 2] and [attribute.status NOT IN 'FAILED'] and [param.a NOT LIKE 'x%'])",
    ],
    ['runs', 'params.lr < 0.01', '[param.lr < 0.01]'],
    ['runs', "params.a =~ '^re[sz]net[0-9]{2,3}$'", "[param.a =~ '^re[sz]net[0-9]{2,3}$']"],
    [
      'runs',
      'metrics.x.max > 1 and metrics.`a b`.mean < 2 and metrics.`x.max` = 3',
      '([metric.x.max > 1] and [metric.a b.mean < 2] and [metric.x.max = 3])',
    ],
    ['runs', 'start_time > now() - 7d and end_time < now()+1h-30m', '([attribute.start_time > now-604800000] and [attribute.end_time < now1800000])'],
    ['runs', 'end_time is null', '[attribute.end_time IS NULL]'],
    ['runs', 'metrics.val/loss < 0.4 and params.top-5 = 1', '([metric.val/loss < 0.4] and [param.top-5 = 1])'],
    ['runs', 'val/loss < 0.4', '([metric.val/loss < 0.4] or [param.val/loss < 0.4] or [tag.val/loss < 0.4])'],
    ['runs', "optimizer = 'adam'", "([param.optimizer = 'adam'] or [tag.optimizer = 'adam'])"],
    ['runs', 'optimizer != adam', "([param.optimizer != 'adam'] or [tag.optimizer != 'adam'])"],
    ['runs', 'loss.min IS NULL', '([metric.loss.min IS NULL] and [param.loss.min IS NULL] and [tag.loss.min IS NULL])'],
    ['runs', 'Params.lr = 0.01', '[param.lr = 0.01]'],
    ['runs', "user = 'ada' and status = finished", "([attribute.user_id = 'ada'] and [attribute.status = 'FINISHED'])"],
    ['runs', 'status IN (failed, KILLED)', "[attribute.status IN 'FAILED' 'KILLED']"],
    [
      'runs',
      "duration > 1h and duration < '1h30m' and duration >= 500",
      '([attribute.duration > 3600000] and [attribute.duration < 5400000] and [attribute.duration >= 500])',
    ],
    ['runs', 'params.window = 7d', "[param.window = '7d']"],
    ['runs', "start_time > '2026-11-26'", '[attribute.start_time > 1795651200000]'],
    [
      'runs',
      "start_time = 2026-11-26 or end_time < '2026-11-26 14:30'",
      '([attribute.start_time BETWEEN 1795651200000 1795737599999] or [attribute.end_time < 1795703400000])',
    ],
    ['runs', 'start_time < 2026-11-26T14:30:00+01:00', '[attribute.start_time < 1795699800000]'],
    ['runs', 'bold-fox', "[attribute.run_name CONTAINS 'bold-fox']"],
    [
      'runs',
      'Bold v1.2 42',
      "([attribute.run_name CONTAINS 'Bold'] and [attribute.run_name CONTAINS 'v1.2'] and [attribute.run_name CONTAINS '42'])",
    ],
    [
      'runs',
      "'bold fox' or calm and lr = 0.1",
      "([attribute.run_name CONTAINS 'bold fox'] or ([attribute.run_name CONTAINS 'calm'] and ([metric.lr = 0.1] or [param.lr = 0.1] or [tag.lr = 0.1])))",
    ],
    ['runs', 'fox not (calm)', "([attribute.run_name CONTAINS 'fox'] and not [attribute.run_name CONTAINS 'calm'])"],
    ['runs', "tags.note contains '100%'", "[tag.note CONTAINS '100%']"],
    ['runs', `${'a'.repeat(32)}`, `([attribute.run_name CONTAINS '${'a'.repeat(32)}'] or [attribute.run_id = '${'a'.repeat(32)}'])`],
    ['models', 'churn', "[attribute.name CONTAINS 'churn']"],
    ['experiments', "creation_time > '2026-11-26' and tags.owner = ada", "([attribute.creation_time > 1795651200000] and [tag.owner = 'ada'])"],
    [
      'versions',
      "stage = 'Production' and creation_timestamp > now() - 1w",
      "([attribute.stage = 'Production'] and [attribute.creation_timestamp > now-604800000])",
    ],
  ])('%s: %s', (noun, filter, tree) => {
    expect(shown(search(noun, { dialect: 'widened', filter }).filter)).toBe(tree);
    expect(fault(() => search(noun, { filter })).argument).toBe('filter');
  });
});

describe("refused, in MLflow's words where MLflow's dialect is spoken", () => {
  test.each<[NounName, string, string, number]>([
    ['runs', '   ', "Invalid filter '   '", 0],
    ['runs', 'metrics.a = 1 or metrics.b = 1', "Invalid clause(s) in filter string: 'or'", 14],
    ['runs', 'NOT metrics.a = 1', "Invalid clause(s) in filter string: 'NOT'", 0],
    ['runs', '(metrics.a = 1)', "Invalid clause(s) in filter string: '('", 0],
    ['runs', 'metrics.a > 1;', "Invalid clause(s) in filter string: ';'", 13],
    ['runs', 'metrics.a > 1; metrics.b > 1', 'Search filter contained multiple expression', 13],
    ['runs', 'metrics.a > 1 metrics.b > 2', "Invalid clause(s) in filter string: 'metrics.b' at position 14. Expected AND", 14],
    ['runs', 'metrics.a > 1 -- x', "Invalid clause(s) in filter string: '-'", 14],
    ['runs', 'metrics.a-b > 1', "Invalid comparison clause. Expected 'Identifier' found 'metrics.a-b'", 9],
    ['runs', 'metrics.a >', 'Invalid clause(s) in filter string: it ends where a number', 11],
    ['runs', "params.a = 'x", 'Invalid clause(s) in filter string: the quote at position 11 is not closed', 11],
    ['runs', 'metrics.a § 1', "Invalid clause(s) in filter string: '§'", 10],
    ['runs', "params.a = 'x\0'", 'Invalid clause(s) in filter string: the character NUL', 13],
    ['runs', 'METRICS.a > 1', "Invalid entity type 'METRICS'. Valid values are ['metric', 'parameter', 'tag', 'attribute', 'dataset']", 0],
    ['runs', "experiment_id = '1'", "Invalid attribute key 'experiment_id' specified. Valid keys are", 0],
    ['runs', "dataset.foo = 'x'", "Invalid dataset key 'foo' specified. Valid keys are", 0],
    ['runs', "metrics.a > '1'", "Expected numeric value type for metric. Found '1'", 12],
    ['runs', 'metrics.a > nan', 'Expected numeric value type for metric. Found nan', 12],
    ['runs', 'metrics.a > 1e+5', 'Expected numeric value type for metric. Found 1e+5', 12],
    ['runs', "start_time > '5'", "Expected numeric value type for numeric attribute: start_time. Found '5'", 13],
    ['runs', 'params.a = 1', "Expected a quoted string value for parameter (e.g. 'my-value'). Got value 1", 11],
    ['runs', 'params.a = `x`', 'Parameter value is either not quoted or unidentified quote types used for string value `x`', 11],
    ['runs', 'status = 1', 'Expected a quoted string value for attributes. Got value 1', 9],
    ['runs', "status IN ('a')", "Only the 'run_id' attribute supports comparison with a list of quoted string values.", 11],
    ['runs', 'run_id IN ()', 'While parsing a list in the query, expected a non-empty list of string values, but got empty list', 10],
    ['runs', 'run_id IN (a)', 'While parsing a list in the query, expected string value', 11],
    ['runs', "params.a == 'x'", "Invalid comparator '==' not one of", 9],
    ['runs', "params.a <> 'x'", "Invalid comparator '<>' not one of", 9],
    ['runs', "params.a NOT LIKE 'x'", "Invalid comparator 'NOT LIKE' not one of", 9],
    ['runs', 'metrics.a IS NULL', "IS NULL / IS NOT NULL is only supported for tags and params, not for 'metric' 'a'", 0],
    ['experiments', "attributes.name = 'x'", "Invalid entity type 'attributes'. Valid entity types are ('attribute', 'tag', 'tags')", 0],
    ['experiments', 'name IS NULL', "IS NULL / IS NOT NULL is only supported for tags, not for 'attribute' 'name'", 0],
    ['models', "timestamp = 'x'", "Invalid attribute key 'timestamp' specified. Valid keys are '{'name'}'", 0],
    ['models', 'tags.a IS NULL', 'IS NULL / IS NOT NULL is not supported', 0],
    ['versions', "name IN ('a')", "Only the 'run_id' attribute supports comparison with a list of quoted string values.", 9],
    ['logged', "tag.a = 'x'", "Invalid entity type: 'tag'. Expected one of", 0],
    ['logged', 'metrics.a > nan', 'Expected numeric value type for metric', 12],
  ])('%s: %s', (noun, filter, message, position) => {
    const found = fault(() => search(noun, { filter }));
    expect(found.mlflow).toContain(message);
    expect(found).toMatchObject({ position, argument: 'filter' });
  });

  test.each<[string, string, number | undefined]>([
    ['   ', 'Write a clause such as metrics.loss < 0.1, or leave the filter empty.', 0],
    ["params.a = 'x' or", 'It ends too early: add a name such as metrics.loss', 17],
    ["(params.a = 'x'", "It ends too early: add AND, OR or ')'.", 15],
    ["params.a = 'x')", "')' can't stand at position 14: expected AND, OR or the end of the filter.", 14],
    ["params.a = 'x'; tags.b = 'y'", "Join clauses by AND, not by ';'.", 14],
    ["params.a = 'x", 'Close the quote that opens at position 11.', 11],
    ['metrics.a BETWEEN 1', 'It ends too early: add AND between the two bounds', 19],
    ['start_time > now() - 7y', 'expected a duration such as 30m, 12h, 7d', 21],
    [`start_time > now() - ${'9'.repeat(400)}w`, 'expected a duration of less than 30,000 years', 21],
    ["attributes.loss = 'x'", "'loss' is no attribute to filter by. Use run_id, run_name,", 0],
    ['metrics.`a`.median > 1', "'.median' is no statistic. Use .min, .max", 0],
    ["metrics.a = 'x'", "Compare 'metrics.a' with a number, not with 'x'.", 12],
    ['status = 1', "Compare 'status' with a quoted string, not with 1.", 9],
    ["params.a == 'x'", "'==' can't compare 'params.a'. Use =, !=, LIKE,", 9],
    ["params.a =~ '(a'", "Change the regular expression '(a': a parenthesis is not closed", 12],
    ["params.a =~ '(a{200}){200}'", 'it repeats too much', 12],
    ["params.a =~ '(a)\\1'", '\\1 is not supported', 12],
    ["metrics.a LIKE '1%'", "Compare 'metrics.a' with a number, not with '1%'.", 15],
    ['metrics.a', 'It ends too early: add a comparator', 9],
    ['metrics.a > 1 fox', 'expected AND, OR or the end of the filter', 14],
    ['attributes.statu = finished', "'statu' is no attribute to filter by.", 0],
    ["metrics.'x' = 'a'", 'with a number', 14],
    ["start_time > '2026-02-30'", "Compare 'start_time' with", 13],
    ['duration > long', "Compare 'duration' with", 11],
    ['metrics.a > 1h', "Compare 'metrics.a' with a number", 12],
    [Array.from({ length: 67 }, () => 'a > 1').join(' and '), 'more than 200 clauses', undefined],
    [`${'('.repeat(52)}metrics.a > 1${')'.repeat(52)}`, 'nests more than 50 levels', 51],
    [Array.from({ length: 201 }, () => 'metrics.a > 1').join(' and '), 'more than 200 clauses', 200 * 18],
    [`params.a = '${'x'.repeat(100_000)}'`, 'at most 100000', 100_000],
  ])('widened: %.60s', (filter, message, position) => {
    const found = fault(() => search('runs', { dialect: 'widened', filter }));
    expect(found.message).toContain(message);
    expect(found.position).toBe(position);
    expect(found.message.length).toBeLessThan(1_000);
  });
});

describe('order', () => {
  const ordered = (noun: NounName, orderBy: SearchRequest['orderBy'], dialect: Dialect = 'mlflow') =>
    search(noun, { dialect, orderBy }).order.map(({ field, descending }) => `${fieldShown(field)}${descending ? ' desc' : ''}`);
  const name = (text: string) => text.replaceAll('attribute.', '');

  test.each<[NounName, SearchRequest['orderBy'], string[]]>([
    ['runs', [], ['start_time desc', 'run_id']],
    ['runs', ['metrics.a DESC', 'params.`a b`', 'attributes.Created asc'], ['metric.a desc', 'param.a b', 'start_time', 'run_id']],
    ['runs', ['run_id'], ['run_id', 'start_time desc']],
    ['experiments', [], ['creation_time desc', 'experiment_id']],
    ['experiments', ['attribute.name desc', 'name'], ['name desc', 'experiment_id desc']],
    ['models', ['timestamp DESC'], ['last_updated_timestamp desc', 'name']],
    ['versions', [], ['last_updated_timestamp desc', 'name', 'version_number desc']],
    ['versions', ['name DESC'], ['name desc', 'version_number desc']],
    [
      'logged',
      [{ field: 'metrics.a', ascending: false, datasetName: 'd' }, { field: 'creation_time' }],
      ['metric.a desc', 'creation_timestamp_ms', 'model_id'],
    ],
  ])('%s %j', (noun, orderBy, terms) => {
    expect(ordered(noun, orderBy).map(name)).toEqual(terms);
  });

  test.each<[NounName, SearchRequest['orderBy'], string]>([
    ['runs', ['metrics.a foo'], "Invalid ordering key in order_by clause 'metrics.a foo'"],
    ['runs', ['metrics.a asc desc'], "Invalid order_by clause 'metrics.a asc desc'. Could not be parsed"],
    ['runs', [''], "Invalid order_by clause ''"],
    ['runs', ['metrics.a, metrics.b'], 'Could not be parsed'],
    ['runs', ['metrics.`a'], 'Could not be parsed'],
    ['runs', ['lifecycle_stage'], "Invalid attribute key 'lifecycle_stage'"],
    ['runs', ['dataset.name'], 'Invalid order_by entity: dataset'],
    ['runs', ['foo.a'], "Invalid entity type 'foo'"],
    ['runs', ['start_time', 'Created DESC'], '`order_by` contains duplicate fields'],
    ['experiments', ['tags.a'], 'Invalid order_by entity: tags'],
    ['models', ['creation_timestamp'], "Invalid attribute key 'creation_timestamp'"],
    ['models', ['attribute.name'], 'Invalid order by key'],
    ['models', ['timestamp', 'last_updated_timestamp'], 'duplicate fields'],
    ['logged', [{ field: 'params.a' }], 'Invalid order by field name: params.a. Only metrics are supported'],
    ['logged', [{ field: 'foo' }], "Invalid attribute key 'foo'"],
  ])('%s %j is refused', (noun, orderBy, message) => {
    const found = fault(() => search(noun, { orderBy }));
    expect(found.mlflow).toContain(message);
    expect(found.argument).toBe('orderBy');
  });

  test.each<[SearchRequest['orderBy'], string]>([
    [['metrics.a foo'], "Write ASC or DESC after the name in 'metrics.a foo'."],
    [['metrics.a, b'], "'metrics.a, b' is no order. Write a name, then ASC or DESC, such as metrics.loss DESC."],
    [['loss'], "'loss' is no attribute to order by. Write metrics.loss, params.loss or tags.loss, or an attribute: run_id,"],
    [['start_time', 'Created DESC'], "'Created DESC' orders by a field that the order has already. Leave one out."],
  ])('widened: %j is refused', (orderBy, message) => {
    expect(fault(() => search('runs', { dialect: 'widened', orderBy })).message).toContain(message);
  });

  test('the widened language orders by statistics, and every noun by its tags', () => {
    expect(ordered('runs', ['metrics.x.max desc', 'tags.a'], 'widened')[0]).toBe('metric.x.max desc');
    expect(ordered('experiments', [{ field: 'tags.a b', ascending: false }], 'widened')[0]).toBe('tag.a b desc');
  });
});

describe('typed conditions', () => {
  type Given = { entity: string | null; key: string; stat?: string; op: string; values: (string | number)[] };
  const comparison = ({ entity, key, stat, op, values }: Given): Syntax => {
    const literals = values.map((value): Literal => ({ kind: typeof value === 'string' ? 'string' : 'number', text: String(value), position: -1 }));
    return {
      kind: 'comparison',
      name: { entity, key, quoted: true, stat: stat ?? null, text: key, position: -1 },
      op,
      opPosition: -1,
      values: literals,
    };
  };
  const where = (op: string, ...values: (string | number)[]) => comparison({ entity: 'metrics', key: 'x.max', stat: 'min', op, values });

  test('make the same tree as text', () => {
    const typed: Syntax = {
      kind: 'or',
      items: [where('<', 0.5), { kind: 'not', item: comparison({ entity: 'params', key: 'a b', op: 'in', values: ['x', 'y'] }) }],
    };
    const text = search('runs', { dialect: 'widened', filter: "metrics.`x.max`.min < 0.5 or not params.`a b` in ('x', 'y')" });
    expect(shown(search('runs', { dialect: 'widened', where: typed }).filter)).toBe(shown(text.filter));
  });

  test.each<[Syntax, string]>([
    [where('<', Number.NaN), "Compare 'x.max' with a number, not with NaN."],
    [where('<'), "'<' takes 1 value(s), not 0"],
    [where('in'), "'IN' takes at least one value"],
    [where('BETWEEN', 1), "'BETWEEN' takes 2 value(s), not 1"],
    [where('< 0; drop table runs'), "'< 0; drop table runs' can't compare 'x.max'. Use"],
    [{ kind: 'and', items: [] }, "'and' needs at least one condition"],
    [comparison({ entity: 'constructor', key: 'a', op: '=', values: ['x'] }), "A name can't begin with 'constructor.'. Begin with"],
    [comparison({ entity: null, key: 'constructor', op: '=', values: ['x'] }), "'constructor' is no attribute to filter by. Use run_id,"],
    [Array.from({ length: 200 }).reduce<Syntax>((item) => ({ kind: 'not', item }), where('<', 1)), 'nests more than 50 levels'],
  ])('%j is refused', (tree, message) => {
    const found = fault(() => search('runs', { dialect: 'widened', where: tree }));
    expect(found.message).toContain(message);
    expect(found).toMatchObject({ argument: 'where', position: undefined });
  });
});

describe('compiled', () => {
  test('keys are what the dictionary must be asked for; a name that nobody has finds nothing', () => {
    const runs = search('runs', { dialect: 'widened', filter: "metrics.x.max > 1 and params.a = 'b' or not tags.c is null", orderBy: ['metrics.d'] });
    expect(runs.keys.sort()).toEqual(['a', 'c', 'd', 'x', 'x.max']);
    const values: unknown[] = [7];
    const compiled = runs.compile({ team: '$1', values, keyIds: new Map() });
    expect(compiled).toMatchObject({ joins: '', where: '((false and false) or (true) is not true)', orderBy: 'r.start_time desc, r.run_id' });
    expect(values).toEqual([7]);
  });

  test('every parameter is cast, and appended to those that were there', () => {
    const values: unknown[] = [7];
    const where = search('runs', { filter: "metrics.a > 1 and status = 'x'" }).condition({ team: '$1', values, keyIds: new Map([['a', 3]]) });
    expect(values).toEqual([7, 3, '1', 'x']);
    expect(where).toBe(
      `(exists (select 1 from run_metrics s where s.team_id = $1 and s.experiment_id = r.experiment_id and s.run_id = r.run_id and s.key_id = $2::int and (s.value > $3::float8 and s.value < 'NaN'::float8)) and r.status = $4::text)`,
    );
  });

  test('now() is the first page’s on every page', () => {
    const first = search('runs', { dialect: 'widened', filter: 'start_time > now() - 1s', now: 5_000 });
    first.compile({ team: '$1', values: [] });
    const after = first.cursorOf({ cursor_0: '4500', cursor_1: '00000000-0000-0000-0000-000000000001' });
    const values: unknown[] = [];
    search('runs', { dialect: 'widened', filter: 'start_time > now() - 1s', now: 99_000, after }).compile({ team: '$1', values });
    expect(values[0]).toBe('4000');
  });
});

describe('page tokens', () => {
  const row = { cursor_0: '5', cursor_1: '00000000-0000-0000-0000-000000000001' };
  const token = search('runs', { filter: 'metrics.a > 1', scope: [1] }).cursorOf(row);
  const forged = (change: (content: { k: unknown[] }) => void) => {
    const content = JSON.parse(Buffer.from(token, 'base64url').toString());
    change(content);
    return Buffer.from(JSON.stringify(content)).toString('base64url');
  };

  test('stand for one search: filter, order and scope, but not the size of a page', () => {
    const same = { filter: 'metrics.a > 1', scope: [1] };
    expect(() => search('runs', { ...same, after: token })).not.toThrow();
    expect(() => search('runs', { ...same, after: '' })).not.toThrow();
    for (const other of [
      { ...same, filter: 'metrics.a > 2' },
      { ...same, orderBy: ['status'] },
      { ...same, scope: [2] },
      { ...same, dialect: 'widened' as const },
    ]) {
      expect(fault(() => search('runs', { ...other, after: token })).message).toContain(
        'The filter, the order or the scope of the search has changed',
      );
    }
  });

  test.each([
    ['no base64', '§§§'],
    ['no JSON', 'abcd'],
    ['another server’s', Buffer.from('{"offset": 5}').toString('base64')],
    ['null', Buffer.from('null').toString('base64url')],
    ['too few values', forged((content) => content.k.pop())],
    ['text for a number', forged((content) => content.k.splice(0, 1, "1'; drop table runs"))],
    ['a number beyond 64 bits', forged((content) => content.k.splice(0, 1, '9223372036854775808'))],
    ['no uuid', forged((content) => content.k.splice(1, 1, 'x'))],
    ['a number for text', forged((content) => content.k.splice(0, 1, 5))],
  ])('refused: %s', (_, after) => {
    const found = fault(() => search('runs', { filter: 'metrics.a > 1', scope: [1], after }));
    expect(found.message).toContain("This isn't a cursor of this list");
    expect(found.argument).toBe('after');
  });
});
