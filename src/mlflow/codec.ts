// Reads MLflow requests (proto3-style JSON bodies and query strings) into typed objects. Knows shapes, no rules.
// Accepts snake_case and lowerCamelCase, 64-bit integers as numbers or strings, NaN and Infinity as strings; unknown fields are ignored.
// Messages are MLflow's own, because clients and tests match them.
import { isText } from '../domain/limits.ts';
import { AppError } from '../lib/errors.ts';

type Path = (string | number)[];

/** A value of the wrong type, or a required one that is missing. The door turns it into INVALID_PARAMETER_VALUE. */
export class DecodeFault extends Error {
  readonly path: Path;
  readonly value: unknown;
  readonly missing: boolean;
  constructor(path: Path, value: unknown, missing: boolean) {
    super('decode fault');
    // Decoders go on changing theirs.
    this.path = [...path];
    this.value = value;
    this.missing = missing;
  }
}

const HELP = ' See the API docs for more information about request parameters.';

export const printPath = (path: Path) =>
  path.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`)).join('');

const pythonType = (value: unknown, source: string | undefined) => {
  if (value === null || value === undefined) return 'NoneType';
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'string') return 'str';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return source?.includes('.') || !Number.isInteger(value) ? 'float' : 'int';
  return 'dict';
};

/** JSON.stringify recurses, and what a client sends may be nested deeper than the stack. */
function print(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'null';
  } catch {
    return '…';
  }
}

/** `source`: the value as written in the body, where it is known. */
export function faultToError(fault: DecodeFault, source: string | undefined): AppError {
  const name = printPath(fault.path);
  if (fault.missing) return new AppError('INVALID_ARGUMENT', `Missing value for required parameter '${name}'.${HELP}`, { argument: name });
  const shown = (source ?? print(fault.value)).slice(0, 200);
  const message = `Invalid value ${shown} for parameter '${name}' supplied:  Hint: Value was of type '${pythonType(fault.value, source)}'.${HELP}`;
  return new AppError('INVALID_ARGUMENT', message, { argument: name });
}

/** `path`: where the value stands. One array for the whole message: making one for each value costs more than the value. */
export type Decoder<T> = { read: (value: unknown, path: Path) => T; list?: boolean };

const absent = (value: unknown) => value === undefined || value === null;
const bad = (path: Path, value: unknown): never => {
  throw new DecodeFault(path, value, false);
};

function checkText(value: string, path: Path): string {
  if (isText(value)) return value;
  const fault = value.includes('\0') ? "holds a NUL character, which can't be stored" : 'is not well-formed Unicode (a lone surrogate)';
  throw new AppError('INVALID_ARGUMENT', `Parameter '${printPath(path)}' ${fault}.`);
}

const MAX_INT64 = 2n ** 63n - 1n;

function readInt64(value: unknown, path: Path): number | bigint {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 2 ** 63) return BigInt(value);
  if (typeof value !== 'string' || !/^[+-]?\d{1,19}(\.0+)?$/.test(value)) return bad(path, value);
  const long = BigInt(value.replace(/\.0+$/, '').replace(/^\+/, ''));
  if (long > MAX_INT64 || long < -MAX_INT64 - 1n) return bad(path, value);
  return Number.isSafeInteger(Number(long)) ? Number(long) : long;
}

const DOUBLE = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

function readDouble(value: unknown, path: Path): number {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return bad(path, value);
  const special = { NaN: Number.NaN, Infinity: Number.POSITIVE_INFINITY, '-Infinity': Number.NEGATIVE_INFINITY }[value];
  if (special !== undefined) return special;
  return DOUBLE.test(value) ? Number(value) : bad(path, value);
}

const optional =
  <T>(read: (value: unknown, path: Path) => T) =>
  (): Decoder<T | undefined> => ({ read: (value, path) => (absent(value) ? undefined : read(value, path)) });

export const string = optional((value, path) => (typeof value === 'string' ? checkText(value, path) : bad(path, value)));
export const int64 = optional(readInt64);
/** For sizes and counts, which never exceed 2^53. */
export const int = optional((value, path) => {
  const long = readInt64(value, path);
  return typeof long === 'number' ? long : bad(path, value);
});
export const double = optional(readDouble);
export const bool = optional((value, path) => {
  if (typeof value === 'boolean') return value;
  if (value === 'true' || value === 'True') return true;
  if (value === 'false' || value === 'False') return false;
  return bad(path, value);
});

/** One of a protobuf enum's names, or its number. */
export const oneOf = <N extends string>(names: Record<N, number>) =>
  optional((value, path): N => {
    for (const name of Object.keys(names) as N[]) if (value === name || value === names[name] || value === String(names[name])) return name;
    return bad(path, value);
  })();

/** Absent and the empty string both count as missing, as in MLflow. */
export const required = <T>(decoder: Decoder<T | undefined>): Decoder<T> => ({
  list: decoder.list,
  read(value, path) {
    if (absent(value) || value === '') throw new DecodeFault(path, value, true);
    return decoder.read(value, path) as T;
  },
});

/** Required, but may be the empty string (a tag's value). */
export const present = <T>(decoder: Decoder<T | undefined>): Decoder<T> => ({
  list: decoder.list,
  read(value, path) {
    if (absent(value)) throw new DecodeFault(path, value, true);
    return decoder.read(value, path) as T;
  },
});

export const list = <T>(item: Decoder<T>): Decoder<T[]> => ({
  list: true,
  read(value, path) {
    if (absent(value)) return [];
    if (!Array.isArray(value)) return bad(path, value);
    const read = new Array<T>(value.length);
    for (let index = 0; index < value.length; index += 1) {
      path.push(index);
      read[index] = item.read(value[index], path);
      path.pop();
    }
    return read;
  },
});

export type Shape = Record<string, Decoder<unknown>>;
export type Read<S extends Shape> = { [K in keyof S]: S[K] extends Decoder<infer T> ? T : never };

const camel = (name: string) => name.replace(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase());

/** An object with these fields. */
export function message<S extends Shape>(shape: S): Decoder<Read<S>> {
  const fields = Object.entries(shape).map(([name, decoder]) => ({ name, other: camel(name), decoder }));
  return {
    read(value, path) {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return bad(path, value);
      const from = value as Record<string, unknown>;
      const out: Record<string, unknown> = {};
      for (const { name, other, decoder } of fields) {
        const given = from[name];
        path.push(name);
        out[name] = decoder.read(given === undefined && other !== name ? from[other] : given, path);
        path.pop();
      }
      return out as Read<S>;
    },
  };
}

/** Reads with `fast` what is written as nearly everybody writes it. Where that answers undefined, reads with `decoder`, whose result is the same. */
export const mostly = <T>(decoder: Decoder<T>, fast: (value: Record<string, unknown>) => T | undefined): Decoder<T> => ({
  list: decoder.list,
  read: (value, path) =>
    (typeof value === 'object' && value !== null ? fast(value as Record<string, unknown>) : undefined) ?? decoder.read(value, path),
});

/** Query strings know no types and no lists of one: fields declared as lists become lists, the rest their last value. */
export function queryToJson(query: Record<string, string | string[] | undefined>, shape: Shape): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    const decoder = shape[name] ?? shape[name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)];
    out[name] = decoder?.list ? [value].flat() : [value].flat().at(-1);
  }
  return out;
}
