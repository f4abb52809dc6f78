// Ticks of an axis and what they say: labels that differ wherever the ticks do, at every size of the numbers. Pure.
import { duration } from '../format.ts';

/** `base`: what is to be added to each label, where the numbers in full would be too long; else empty. */
export type Ticks = { values: number[]; labels: string[]; base: string };
type Range = { low: number; high: number };

/** A label longer than this takes more room than the chart has beside it. */
const LONGEST = 8;
const CLOSEST = 4 * Number.EPSILON;

/** `digits` × 10^`power`, exactly. */
type Decimal = { digits: bigint; power: number };

/** A range that numbers of that size can divide; what is narrower, or one value, is made wide enough. */
export function divisible(low: number, high: number): [number, number] {
  const size = Math.max(Math.abs(low), Math.abs(high));
  if (high - low > size * CLOSEST * 16) return [low, high];
  const half = size === 0 ? 1 : Math.max(size * CLOSEST * 16, Number.MIN_VALUE * 16);
  return [low - half, high + half];
}

/** What a y axis shows of values from `low` to `high`: some room at both ends; from zero where that is near; one value in the middle. */
export function padded(low: number, high: number, log = false): [number, number] {
  if (log) {
    if (high <= low) return [low / 2, low * 2];
    const room = (high / low) ** 0.05;
    return [Math.max(low / room, Number.MIN_VALUE), Math.min(high * room, Number.MAX_VALUE)];
  }
  if (high <= low) {
    const half = low === 0 ? 1 : Math.abs(low) * 0.05;
    return [low - half, high + half];
  }
  // Halved first: the difference of the largest numbers is none.
  const room = (high / 2 - low / 2) * 0.12;
  const [from, to] = divisible(Math.max(low - room, -Number.MAX_VALUE), Math.min(high + room, Number.MAX_VALUE));
  return [low >= 0 && from < 0 ? 0 : from, high <= 0 && to > 0 ? 0 : to];
}

function plain({ digits, power }: Decimal): string {
  const negative = digits < 0n;
  let text = String(negative ? -digits : digits);
  if (power >= 0) text += '0'.repeat(power);
  else {
    text = text.padStart(1 - power, '0');
    text = `${text.slice(0, power)}.${text.slice(power)}`.replace(/\.?0+$/, '');
  }
  return negative ? `−${text}` : text;
}

/** In full where that is short; else `1.25e−9`. Never rounded. */
function print(decimal: Decimal): string {
  if (decimal.digits === 0n) return '0';
  const text = String(decimal.digits < 0n ? -decimal.digits : decimal.digits);
  const size = text.length - 1 + decimal.power;
  if (size >= -4 && size < 7) {
    const written = plain(decimal);
    if (written.length <= LONGEST) return written;
  }
  const mantissa = text.replace(/0+$/, '');
  const point = mantissa.length > 1 ? `${mantissa[0]}.${mantissa.slice(1)}` : mantissa;
  return `${decimal.digits < 0n ? '−' : ''}${point}${size === 0 ? '' : `e${String(size).replace('-', '−')}`}`;
}

const numberOf = ({ digits, power }: Decimal) => Number(`${digits}e${power}`);

/** Multiples of a round step. */
function linear({ low, high }: Range, count: number, whole: boolean): Ticks {
  const rough = high / count - low / count;
  let power = Math.floor(Math.log10(rough));
  const part = rough / 10 ** power;
  let mantissa = part <= 1 ? 1 : part <= 2 ? 2 : part <= 2.5 ? 25 : part <= 5 ? 5 : 10;
  if (mantissa === 25) power -= 1;
  if (whole && (power < 0 || mantissa * 10 ** power < 1)) [mantissa, power] = rough <= 1 ? [1, 0] : rough <= 2 ? [2, 0] : [5, 0];
  const step = mantissa * 10 ** power;
  const found: Decimal[] = [];
  const slack = whole ? 0 : 1e-9;
  for (let at = Math.ceil(low / step - slack); at <= Math.floor(high / step + slack) && found.length < 100; at += 1) {
    const tick = { digits: BigInt(at) * BigInt(mantissa), power };
    // The next number that there is may lie on the tick before.
    if (found.length === 0 || numberOf(tick) > numberOf(found.at(-1)!)) found.push(tick);
    if (at + 1 === at) break;
  }
  const values = found.map(numberOf);
  const labels = found.map(print);
  if (labels.every((label) => label.replace('−', '').length <= LONGEST)) return { values, labels, base: '' };
  // What all have in common stands apart: whole tens of the last place that the range doesn't reach.
  const scale = 10n ** BigInt(Math.max(0, Math.ceil(Math.log10(high - low)) - power));
  const first = found[0]!.digits;
  const base = (first >= 0n ? first / scale : (first - scale + 1n) / scale) * scale;
  return {
    values,
    labels: found.map(({ digits }) => (digits === base ? '+0' : `+${print({ digits: digits - base, power })}`)),
    base: longPrint({ digits: base, power }),
  };
}

const longPrint = (decimal: Decimal): string => {
  const size = String(decimal.digits).replace('-', '').length - 1 + decimal.power;
  return size >= -4 && size < 16 ? plain(decimal) : print(decimal);
};

/** Powers of ten, with 2 and 5 between where there is room, every so many of them where there is none. Null where that makes fewer than three. */
function logarithmic({ low, high }: Range, count: number): Ticks | null {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const within = (every: number, digits: bigint[]) => {
    const found: Decimal[] = [];
    for (let power = Math.ceil(first / every) * every; power <= last; power += every) for (const one of digits) found.push({ digits: one, power });
    return found.filter((tick) => numberOf(tick) >= low * 0.999 && numberOf(tick) <= high * 1.001);
  };
  const close = within(1, [1n, 2n, 5n]);
  const room = count * 1.6;
  const found = close.length <= room ? close : within(Math.max(1, Math.ceil((last - first) / room)), [1n]);
  if (found.length < 2 || (found.length < 3 && high / low < 10)) return null;
  return { values: found.map(numberOf), labels: found.map(print), base: '' };
}

/** Round numbers within a range, about `count` of them. `whole`: of what is counted. A range of nothing has its one value. */
export function ticksOf({ low, high }: Range, count = 5, { log = false, whole = false } = {}): Ticks {
  if (!(high > low)) return { values: [low], labels: labelsOf([low]), base: '' };
  return (log && low > 0 && logarithmic({ low, high }, count)) || linear({ low, high }, count, whole);
}

const SECONDS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400];

/** Of lengths of time in seconds: `1m 30s`, in steps that people count in. */
export function durationTicks({ low, high }: Range, count: number): Ticks {
  const rough = (high - low) / count;
  if (rough < 1 || rough > 86_400) {
    const unit = rough < 1 ? 0.001 : 86_400;
    const { values, labels, base } = ticksOf({ low: low / unit, high: high / unit }, count);
    const name = rough < 1 ? 'ms' : 'd';
    return { values: values.map((value) => value * unit), labels: labels.map((label) => (label === '0' ? label : `${label}${name}`)), base };
  }
  const step = SECONDS.find((one) => one >= rough) ?? 86_400;
  const values: number[] = [];
  for (let at = Math.ceil(low / step - 1e-9); at * step <= high + step * 1e-9; at += 1) values.push(at * step);
  return { values, labels: values.map(whole), base: '' };
}

/** All units of a whole number of seconds, so that two that differ read differently. */
function whole(seconds: number): string {
  if (seconds === 0) return '0';
  const size = Math.abs(seconds);
  const parts = [
    [Math.floor(size / 86_400), 'd'],
    [Math.floor(size / 3_600) % 24, 'h'],
    [Math.floor(size / 60) % 60, 'm'],
    [size % 60, 's'],
  ] as const;
  const text = parts.flatMap(([amount, unit]) => (amount > 0 ? `${amount}${unit}` : [])).join(' ');
  return `${seconds < 0 ? '−' : ''}${text || duration(size * 1000)}`;
}

/** Any numbers, to four significant digits, or as many as it takes to tell them apart. */
export function labelsOf(values: readonly number[]): string[] {
  const distinct = new Set(values).size;
  for (let digits = 4; digits <= 17; digits += 1) {
    const labels = values.map((value) => rounded(value, digits));
    if (digits === 17 || new Set(labels).size === distinct) return labels;
  }
  return [];
}

function rounded(value: number, digits: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '−∞';
  if (Number.isInteger(value) && Math.abs(value) < 1e7) return String(value).replace('-', '−');
  const [mantissa = '0', exponent = '0'] = value.toExponential(digits - 1).split('e');
  const places = (mantissa.split('.')[1] ?? '').length;
  return print({ digits: BigInt(mantissa.replace('.', '')), power: Number(exponent) - places }).replace(/^(−?\d\.\d*?)0+(?=e|$)/, '$1');
}

/** Texts of at most so many letters that differ where the texts do: without what all begin with, and in the last resort numbered. */
export function clippedTexts(texts: readonly string[], most: number): string[] {
  const clip = (text: string) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
  const distinct = new Set(texts).size;
  const clipped = texts.map(clip);
  if (new Set(clipped).size === distinct) return clipped;
  const ends = texts.map((text) => (text.length > most ? `…${text.slice(1 - most)}` : text));
  if (new Set(ends).size === distinct) return ends;
  const places = [...new Set(texts)];
  return texts.map((text) => {
    const mark = `·${places.indexOf(text) + 1}`;
    return `${text.slice(0, Math.max(1, most - mark.length - 1))}…${mark}`;
  });
}
