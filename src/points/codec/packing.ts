// The bytes that points are stored as: for each key a section with steps and timestamps as varint differences and values as doubles.
// Blocks are written plain, since requests wait for them; chunks have their values' bytes sorted by place and all deflated.
import { promisify } from 'node:util';
import { deflateRaw, deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Long } from '../../lib/long.ts';
import type { Columns, Longs } from './columns.ts';

/** One after the other: key (4), step (8), timestamp (8), value (8), big-endian: what SQL can make. Only read. */
const ROWS = 0;
const PLAIN = 1;
const DEFLATED = 2;
const ROW_BYTES = 28;

/** How a column of integers is written. */
const DIFFERENCES = 0;
const WHOLE = 1;
/** Zigzag doubles a difference, which must stay an exact number. */
const MAX_DIFFERENCE = 2 ** 51;
const MAX_VARINT = 8;
const FOUR_SEVENS = 2 ** 28;

export type Section = readonly [keyId: number, points: Columns];

/** The least and the greatest step of sections in order, which must hold points. */
export function stepRange(sections: readonly Section[]): [from: Long, to: Long] {
  let [from, to] = [sections[0]![1].steps[0]!, sections[0]![1].steps[0]!];
  for (const [, { steps }] of sections) {
    if (steps[0]! < from) from = steps[0]!;
    if (steps[steps.length - 1]! > to) to = steps[steps.length - 1]!;
  }
  return [from, to];
}

const deflate = promisify(deflateRaw);

function isExact(column: Longs): boolean {
  let previous = 0;
  for (let index = 0; index < column.length; index += 1) {
    const value = column[index]!;
    if (typeof value !== 'number' || !(Math.abs(value - previous) < MAX_DIFFERENCE) || !(Math.abs(value) < 2 * MAX_DIFFERENCE)) return false;
    previous = value;
  }
  return true;
}

/** Below this an array is made quicker than a typed one, whose memory is apart. */
const FEW = 200;

class Writer {
  readonly buffer: Buffer;
  /** Much quicker than Buffer's methods for one number. */
  readonly view: DataView;
  at = 0;
  constructor(bytes: number) {
    this.buffer = Buffer.allocUnsafe(bytes);
    this.view = new DataView(this.buffer.buffer, this.buffer.byteOffset, bytes);
  }

  varint(given: number): void {
    const { buffer } = this;
    let { at } = this;
    let value = given;
    // Four bytes at a time by integers: dividing numbers of more than 32 bits, which times in milliseconds are, is slow.
    while (value >= FOUR_SEVENS) {
      const high = Math.floor(value / FOUR_SEVENS);
      const low = value - high * FOUR_SEVENS;
      buffer[at] = low | 128;
      buffer[at + 1] = (low >> 7) | 128;
      buffer[at + 2] = (low >> 14) | 128;
      buffer[at + 3] = (low >> 21) | 128;
      at += 4;
      value = high;
    }
    while (value >= 128) {
      buffer[at] = value | 128;
      at += 1;
      value >>= 7;
    }
    buffer[at] = value;
    this.at = at + 1;
  }

  longs(column: Longs): void {
    if (!isExact(column)) {
      this.varint(WHOLE);
      for (const value of column) {
        this.view.setBigInt64(this.at, BigInt(value), true);
        this.at += 8;
      }
      return;
    }
    this.varint(DIFFERENCES);
    let previous = 0;
    for (let index = 0; index < column.length; index += 1) {
      const difference = (column[index] as number) - previous;
      previous = column[index] as number;
      this.varint(difference < 0 ? -2 * difference - 1 : 2 * difference);
    }
  }

  values(values: Columns['values'], byPlace: boolean): void {
    const { length } = values;
    if (length < FEW && !byPlace) {
      for (let index = 0; index < length; index += 1) this.view.setFloat64(this.at + index * 8, values[index]!, true);
      this.at += length * 8;
      return;
    }
    const bytes = new Uint8Array(new Float64Array(values).buffer);
    if (byPlace) {
      for (let place = 0; place < 8; place += 1) {
        for (let index = 0; index < length; index += 1) this.buffer[this.at + place * length + index] = bytes[index * 8 + place]!;
      }
    } else this.buffer.set(bytes, this.at);
    this.at += length * 8;
  }
}

/** Sections of different keys, by key. */
function write(sections: readonly Section[], version: number): Buffer {
  const points = sections.reduce((sum, [, columns]) => sum + columns.values.length, 0);
  const writer = new Writer(16 + sections.length * 32 + points * (2 * MAX_VARINT + 8));
  writer.varint(version);
  writer.varint(sections.length);
  let previousKey = 0;
  for (const [keyId, columns] of sections) {
    writer.varint(keyId - previousKey);
    previousKey = keyId;
    writer.varint(columns.values.length);
    // The section's length, so that readers can step over it; written once it is known.
    const lengthAt = writer.at;
    writer.at += 4;
    writer.longs(columns.steps);
    writer.longs(columns.timestamps);
    writer.values(columns.values, version === DEFLATED);
    writer.view.setUint32(lengthAt, writer.at - lengthAt - 4, true);
  }
  return writer.buffer.subarray(0, writer.at);
}

/** For blocks: quick, about 8 bytes a value and 3 for where it stands. */
export const packPlain = (sections: readonly Section[]): Buffer => write(sections, PLAIN);

/** Below this many bytes another thread costs more than the work, most of which is taking memory: so less of that. */
const FEW_BYTES = 8_192;

/** For chunks: small; the work is done off the main thread, where it is much. */
export async function packDeflated(sections: readonly Section[]): Promise<Buffer> {
  const raw = write(sections, DEFLATED);
  const packed =
    raw.length < FEW_BYTES
      ? deflateRawSync(raw.subarray(1), { level: 3, memLevel: 5, windowBits: 13, chunkSize: FEW_BYTES })
      : ((await deflate(raw.subarray(1), { level: 3, memLevel: 9 })) as Buffer);
  const head = Buffer.alloc(5, DEFLATED);
  head.writeUInt32LE(raw.length - 1, 1);
  return Buffer.concat([head, packed]);
}

const unzigzag = (zigzag: number): number => (zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2);

/** Columns of blocks are cut from larger arrays. Thousands of typed arrays, each with memory of its own, keep the garbage collector busy. */
const ARENA = 32_768;
let arena = new Float64Array(0);
let taken = 0;

function takeDoubles(count: number): Float64Array {
  if (count > ARENA / 8) return new Float64Array(count);
  if (taken + count > arena.length) {
    arena = new Float64Array(ARENA);
    taken = 0;
  }
  taken += count;
  return arena.subarray(taken - count, taken);
}

class Reader {
  readonly buffer: Buffer;
  at = 0;
  constructor(buffer: Buffer) {
    this.buffer = buffer;
  }

  varint(): number {
    let byte = this.buffer[this.at++]!;
    if (byte < 128) return byte;
    let value = byte & 127;
    let scale = 128;
    do {
      byte = this.buffer[this.at++]!;
      value += (byte & 127) * scale;
      scale *= 128;
    } while (byte >= 128);
    return value;
  }

  longs(count: number): Longs {
    if (this.varint() === WHOLE) {
      const wide = Array.from({ length: count }, (_none, index) => this.buffer.readBigInt64LE(this.at + index * 8));
      this.at += count * 8;
      return wide.map((value) => (Number.isSafeInteger(Number(value)) ? Number(value) : value));
    }
    if (count < FEW) {
      const few = new Array<number>(count);
      let value = 0;
      for (let index = 0; index < count; index += 1) {
        value += unzigzag(this.varint());
        few[index] = value;
      }
      return few;
    }
    // The same with everything in locals: most of what it costs to draw a curve is this loop.
    const column = takeDoubles(count);
    const { buffer } = this;
    let { at } = this;
    let value = 0;
    for (let index = 0; index < count; index += 1) {
      const byte = buffer[at]!;
      const next = buffer[at + 1]!;
      if (byte < 128) {
        at += 1;
        value += (byte & 1) === 0 ? byte >> 1 : -((byte + 1) >> 1);
      } else if (next < 128) {
        // Seconds between points, in milliseconds.
        const zigzag = (byte & 127) | (next << 7);
        at += 2;
        value += (byte & 1) === 0 ? zigzag >> 1 : -((zigzag + 1) >> 1);
      } else {
        this.at = at;
        value += unzigzag(this.varint());
        at = this.at;
      }
      column[index] = value;
    }
    this.at = at;
    return column;
  }

  values(count: number, byPlace: boolean): Columns['values'] {
    if (count < FEW && !byPlace) {
      const few = new Array<number>(count);
      for (let index = 0; index < count; index += 1) few[index] = this.buffer.readDoubleLE(this.at + index * 8);
      this.at += count * 8;
      return few;
    }
    const values = takeDoubles(count);
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const from = this.buffer;
    if (byPlace) {
      for (let place = 0; place < 8; place += 1) {
        const start = this.at + place * count;
        for (let index = 0; index < count; index += 1) bytes[index * 8 + place] = from[start + index]!;
      }
    } else bytes.set(from.subarray(this.at, this.at + count * 8));
    this.at += count * 8;
    return values;
  }
}

/** Key → its points; only the keys wanted, if they are named. */
export function unpack(packed: Buffer, wanted?: ReadonlySet<number>): Map<number, Columns> {
  const version = packed[0];
  if (version === ROWS) return unpackRows(packed, wanted);
  if (version !== PLAIN && version !== DEFLATED) throw new Error(`Points are stored in a format (${version}) that this version doesn't know`);
  const raw = version === PLAIN ? packed.subarray(1) : inflateRawSync(packed.subarray(5), { chunkSize: Math.max(64, packed.readUInt32LE(1)) });
  const reader = new Reader(raw);
  const found = new Map<number, Columns>();
  let keyId = 0;
  for (let left = reader.varint(); left > 0; left -= 1) {
    keyId += reader.varint();
    const count = reader.varint();
    const end = reader.at + 4 + raw.readUInt32LE(reader.at);
    reader.at += 4;
    if (!wanted || wanted.has(keyId)) {
      const steps = reader.longs(count);
      found.set(keyId, { steps, timestamps: reader.longs(count), values: reader.values(count, version === DEFLATED) });
    }
    reader.at = end;
  }
  return found;
}

function unpackRows(packed: Buffer, wanted?: ReadonlySet<number>): Map<number, Columns> {
  const found = new Map<number, { steps: (number | bigint)[]; timestamps: (number | bigint)[]; values: number[] }>();
  const long = (at: number) => {
    const value = packed.readBigInt64BE(at);
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  };
  for (let at = 1; at < packed.length; at += ROW_BYTES) {
    const keyId = packed.readInt32BE(at);
    if (wanted && !wanted.has(keyId)) continue;
    let points = found.get(keyId);
    if (!points) {
      points = { steps: [], timestamps: [], values: [] };
      found.set(keyId, points);
    }
    points.steps.push(long(at + 4));
    points.timestamps.push(long(at + 12));
    points.values.push(packed.readDoubleBE(at + 20));
  }
  return found;
}
