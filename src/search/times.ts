// Durations and times as people write them. Pure.

const UNIT_MS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const DAY_MS = 86_400_000;
const TIME = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?) ?(Z|[+-]\d{2}:?\d{2})?)?$/;

/** `90m`, `1h30m`, `1.5d` in milliseconds; null for anything else. */
export function durationIn(text: string): number | null {
  if (!/^(?:\d+(?:\.\d+)?(?:ms|[smhdw]))+$/.test(text)) return null;
  let sum = 0;
  for (const [, amount, unit] of text.matchAll(/([\d.]+)(ms|[smhdw])/g)) sum += Number(amount) * UNIT_MS[unit!]!;
  return sum;
}

/**
 * `2026-11-26`, `2026-11-26 14:30`, `2026-11-26T14:30:00+01:00` as the first and the last millisecond that it names: of a day all of it. Without an
 * offset it is UTC, since nothing says where the reader is. Null for anything else.
 */
export function timeIn(text: string): { from: number; to: number } | null {
  const found = TIME.exec(text.trim());
  if (!found) return null;
  const [, day, clock, offset = 'Z'] = found;
  const from = Date.parse(`${day}T${clock ?? '00:00'}${offset}`);
  // 2026-02-30 rolls over to March elsewhere; here it is no day.
  if (Number.isNaN(from) || new Date(Date.parse(`${day}T00:00Z`)).toISOString().slice(0, 10) !== day) return null;
  return { from, to: clock === undefined ? from + DAY_MS - 1 : from };
}
