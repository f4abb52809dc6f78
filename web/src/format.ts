// How values read: numbers to four significant digits, times, durations, sizes, ids. Pure.

export const number = (value: number | string | null | undefined): number | null =>
  value === null || value === undefined || value === '' ? null : typeof value === 'number' ? value : Number(value);

/** `0.123456` → `0.1235`, `12345678` → `1.235e7`; integers up to seven digits stay whole. */
export function short(value: number | string | null | undefined): string {
  const n = number(value);
  if (n === null) return '';
  if (Number.isNaN(n)) return 'NaN';
  if (!Number.isFinite(n)) return n > 0 ? '∞' : '−∞';
  if (Number.isInteger(n) && Math.abs(n) < 1e7) return String(n).replace('-', '−');
  const size = Math.abs(n);
  const text =
    size < 1e-4 || size >= 1e7
      ? n
          .toExponential(3)
          .replace(/\.?0+e/, 'e')
          .replace('e+', 'e')
      : String(Number(n.toPrecision(4)));
  return text.replace('-', '−').replace('e−', 'e-').replace('e-', 'e−');
}

export const full = (value: number | string | null | undefined): string => (value === null || value === undefined ? '' : String(value));

export function count(n: number | string | null | undefined): string {
  const value = number(n);
  return value === null ? '' : value.toLocaleString('en-US');
}

export const plural = (n: number, one: string, many = `${one}s`): string => `${count(n)} ${n === 1 ? one : many}`;

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

/** The two largest units: `2h 14m`, `3.2s`, `840ms`. */
export function duration(milliseconds: number | string | null | undefined): string {
  const ms = number(milliseconds);
  if (ms === null) return '';
  if (!Number.isFinite(ms)) return short(ms);
  if (ms < 0) return `−${duration(-ms)}`;
  if (ms < 1_000) return `${Math.round(ms)}ms`;
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1)}s`;
  const at = UNITS.findIndex(([, size]) => ms >= size);
  const [name, size] = UNITS[at]!;
  const next = UNITS[at + 1];
  const rest = next ? Math.floor((ms % size) / next[1]) : 0;
  return `${Math.floor(ms / size)}${name}${next && rest ? ` ${rest}${next[0]}` : ''}`;
}

export function bytes(size: number | string | null | undefined): string {
  const n = number(size);
  if (n === null) return '';
  if (n < 1024) return `${n} B`;
  const power = Math.min(4, Math.floor(Math.log2(n) / 10));
  const scaled = n / 1024 ** power;
  return `${scaled < 10 ? scaled.toFixed(1) : Math.round(scaled)} ${['B', 'kB', 'MB', 'GB', 'TB'][power]}`;
}

/** `…2c7d81d0`: ids begin with the time, so that those made together differ at the end; what stands before a dash says of what kind. Copied whole. */
export const shortId = (id: string): string => (id.length <= 13 ? id : `${/^[a-z]{1,4}-/.exec(id)?.[0] ?? ''}…${id.slice(-8)}`);

// Ten colours that keep apart for colour-blind eyes (by lightness as well as hue) and have 3:1 against both themes' panels.
export const RUN_COLOURS = ['#4c78e0', '#d9730d', '#12936a', '#d6456b', '#8b5cd9', '#a3780f', '#0d8fae', '#c653a6', '#6a8a22', '#7c808c'] as const;
