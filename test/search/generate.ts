// Random filters and orders over the rows of fixtures.ts.
import type { Filter, Op, Order, Where } from './evaluate.ts';
import { KEYS, type Kit, TEXTS } from './fixtures.ts';
import type { Random } from './random.ts';

const NUMBER_OPS: readonly Op[] = [
  '=',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  '=',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  'IN',
  'NOT IN',
  'BETWEEN',
  'NOT BETWEEN',
  'IS NULL',
  'IS NOT NULL',
];
const TEXT_OPS: readonly Op[] = [
  'CONTAINS',
  '=',
  '!=',
  'LIKE',
  'ILIKE',
  '=',
  '!=',
  'LIKE',
  'ILIKE',
  'NOT LIKE',
  'IN',
  'NOT IN',
  'BETWEEN',
  'NOT BETWEEN',
  '=~',
  'IS NULL',
  'IS NOT NULL',
];
const PATTERNS = ['%', '%a%', 'A%', '_', 'b_c', 'b%c', 'x\\y', '%\\%', '', '%1%'];
const REGEXES = ['a', '^a', 'c$', '^.b*c?$', '[a-c]{2}', '(a|x)+', '^$', '\\d+', 'b.c', '[^a]'];
const ASKED = [0, 1, 1.5, -2, 0.1, 1e300, 1e-310, 5, 10];
const STATS = ['min', 'max', 'mean', 'first', 'last', 'count', undefined, undefined, undefined];

function textValues(random: Random, op: Op, worth: readonly string[]): string[] {
  if (op.includes('LIKE')) return [random.pick([...PATTERNS, ...worth])];
  if (op === '=~') return [random.pick(REGEXES)];
  const some = (count: number) => Array.from({ length: count }, () => random.pick(worth));
  return op.startsWith('IS') ? [] : op.endsWith('BETWEEN') ? some(2) : op.endsWith('IN') ? some(1 + random.int(3)) : some(1);
}

function numberValues<T>(random: Random, op: Op, worth: readonly T[]): T[] {
  const some = (count: number) => Array.from({ length: count }, () => random.pick(worth));
  return op.startsWith('IS') ? [] : op.endsWith('BETWEEN') ? some(2) : op.endsWith('IN') ? some(1 + random.int(3)) : some(1);
}

function clause(random: Random, kit: Kit): Filter {
  if (random.chance(0.08)) {
    const text = random.pick([...TEXTS.filter((one) => one !== ''), 'b_', '%', '\\', 'ZZ']);
    return { kind: 'word', of: kit.noun === 'runs' ? 'run_name' : 'name', text };
  }
  const dice = random.int(10);
  const writable = (values: readonly string[]) => values.filter((value) => !value.includes("'"));
  if (dice < 3 && Object.keys(kit.integers).length > 0) {
    const [key, worth] = random.pick(Object.entries(kit.integers));
    const op = random.pick(NUMBER_OPS);
    return { kind: 'clause', at: { entity: 'attribute', key }, op, values: numberValues(random, op, worth) };
  }
  if (dice < 5) {
    const [key, worth] = random.pick(Object.entries(kit.text));
    const op = random.pick(TEXT_OPS);
    return { kind: 'clause', at: { entity: 'attribute', key }, op, values: textValues(random, op, writable(worth)) };
  }
  if (dice === 5 && kit.noun === 'runs') {
    const key = random.pick(['name', 'digest', 'context']);
    const op = random.pick(TEXT_OPS);
    return { kind: 'clause', at: { entity: 'dataset', key }, op, values: textValues(random, op, ['train', 'eval', 'Iris', 'dtest', '']) };
  }
  const entity = kit.noun === 'runs' && random.chance(0.15) ? 'bare' : random.pick(kit.sides);
  const key = random.pick(KEYS);
  if (entity === 'metric') {
    const stat = kit.noun === 'runs' ? random.pick(STATS) : undefined;
    const op = random.pick(NUMBER_OPS);
    return { kind: 'clause', at: { entity, key, ...(stat ? { stat } : {}) }, op, values: numberValues(random, op, ASKED) };
  }
  // Logged models compare unquoted numbers as text, as MLflow does.
  if (random.chance(entity === 'bare' ? 0.5 : 0.2) && kit.noun !== 'loggedModels') {
    const op = random.pick(NUMBER_OPS.slice(0, 16));
    return { kind: 'clause', at: { entity, key }, op, values: numberValues(random, op, ASKED) };
  }
  const op = random.pick(TEXT_OPS);
  return { kind: 'clause', at: { entity, key }, op, values: textValues(random, op, TEXTS) };
}

export function randomFilter(random: Random, kit: Kit, depth = 0): Filter {
  const dice = random.int(10);
  if (depth < 3 && dice < 4) {
    const items = Array.from({ length: 2 + random.int(2) }, () => randomFilter(random, kit, depth + 1));
    return { kind: dice < 2 ? 'and' : 'or', items };
  }
  if (depth < 3 && dice === 4) return { kind: 'not', item: randomFilter(random, kit, depth + 1) };
  return clause(random, kit);
}

/** Up to three columns, then the noun's tie-break. `asked` is what to ask for. */
export function randomOrder(random: Random, kit: Kit): { asked: Order[]; total: Order[] } {
  const asked: Order[] = [];
  for (let count = random.int(4); count > 0; count -= 1) {
    const side = random.chance(0.5) ? random.pick(kit.sides) : null;
    const stat = side === 'metric' && kit.noun === 'runs' ? random.pick(STATS) : undefined;
    const at: Where = side
      ? { entity: side, key: random.pick(KEYS), ...(stat ? { stat } : {}) }
      : { entity: 'attribute', key: random.pick(kit.ordered) };
    // `last` is the metric itself, so that it would be the same column twice.
    if (asked.some((one) => one.at.key === at.key)) continue;
    asked.push({ at, descending: random.chance(0.5), asNumbers: side === 'param' });
  }
  const appended = asked.length === 0 && kit.defaultOrder ? kit.defaultOrder : kit.tieBreak;
  const rest = appended.filter((one) => !asked.some(({ at }) => at.entity === 'attribute' && at.key === one.at.key));
  return { asked, total: [...asked, ...rest] };
}
