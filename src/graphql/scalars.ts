// Long, MetricValue, DateTime and JSON: what GraphQL's Int (32 bits) and Float (no NaN) can't say. Bad input is INVALID_ARGUMENT.
import { GraphQLError, type GraphQLScalarType, Kind, type ValueNode, valueFromASTUntyped } from 'graphql';

/** GraphQL adds the place (`input.metrics[0].value`) to the message of its own errors only. */
const invalid = (message: string) => new GraphQLError(message);

const MAX = 2n ** 63n - 1n;
/** Milliseconds: the furthest that a Date reaches from 1970. */
const MAX_DATE = 8.64e15;

function readLong(value: unknown): number | bigint {
  if (Number.isSafeInteger(value)) return value as number;
  const whole = typeof value === 'bigint' || (typeof value === 'string' && /^[+-]?\d{1,30}$/.test(value));
  const exact = whole ? BigInt(value as string | number | bigint) : undefined;
  if (exact === undefined || exact > MAX || exact < -MAX - 1n) {
    throw invalid(`${show(value)} is not a 64-bit integer. Beyond 2^53 write it as a string of digits.`);
  }
  return Number.isSafeInteger(Number(exact)) ? Number(exact) : exact;
}

const SPECIAL: Record<string, number> = { NaN: Number.NaN, Infinity: Number.POSITIVE_INFINITY, '-Infinity': Number.NEGATIVE_INFINITY };

function readMetricValue(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && value in SPECIAL) return SPECIAL[value]!;
  // Integers of many digits arrive as text (src/lib/json.ts).
  if (typeof value === 'string' && /^[+-]?\d+(\.\d*)?([eE][+-]?\d+)?$/.test(value)) return Number(value);
  throw invalid(`${show(value)} is not a metric's value: a number, "NaN", "Infinity" or "-Infinity".`);
}

const ISO = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d))?$/;

function readDateTime(value: unknown): Date {
  const date = typeof value === 'string' && ISO.test(value) ? new Date(value) : new Date(Number.NaN);
  if (Number.isNaN(date.getTime())) throw invalid(`${show(value)} is not a time such as 2026-01-31T12:00:00.000Z.`);
  return date;
}

const show = (value: unknown) => String(JSON.stringify(typeof value === 'bigint' ? String(value) : value) ?? value).slice(0, 100);

/** Numbers in a query's text stay text until here, so that none loses digits. */
const literal =
  <T>(read: (value: unknown) => T) =>
  (node: ValueNode): T => {
    if (node.kind === Kind.INT) return read(Number.isSafeInteger(Number(node.value)) ? Number(node.value) : node.value);
    if (node.kind === Kind.FLOAT) return read(Number(node.value));
    return read(node.kind === Kind.STRING ? node.value : valueFromASTUntyped(node));
  };

type Behaviour = Pick<GraphQLScalarType, 'serialize' | 'parseValue' | 'parseLiteral'>;

const scalar = (read: (value: unknown) => unknown, serialize: (value: unknown) => unknown): Behaviour => ({
  parseValue: read,
  parseLiteral: literal(read),
  serialize,
});

/** By the SDL's names. JSON is as it comes. */
export const scalars: Record<string, Behaviour> = {
  Long: scalar(readLong, (value) => {
    const long = readLong(value);
    return typeof long === 'bigint' ? String(long) : long;
  }),
  MetricValue: scalar(readMetricValue, (value) => (Number.isFinite(value) ? (value as number) : String(value))),
  /** Only in answers. */
  Cell: scalar(
    () => {
      throw invalid('Cells are never given.');
    },
    (value) => (typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value)) ? String(value) : value),
  ),
  /** Given a Date or milliseconds since 1970. Clients' clocks may say anything; what no Date holds becomes the nearest that one does. */
  DateTime: scalar(readDateTime, (value) => {
    const milliseconds = value instanceof Date ? value.getTime() : Number(value);
    return new Date(Math.max(-MAX_DATE, Math.min(MAX_DATE, milliseconds))).toISOString();
  }),
};
