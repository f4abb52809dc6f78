// Lengths of time as people write them in settings and commands: `30d`, `12h`, `1d12h`, `90m` (what `mlflow gc --older-than` takes, and weeks).
const UNITS: Record<string, number> = { w: 7 * 86_400_000, d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 };
/** Beyond, moments could no longer be written down. */
const LONGEST = 100 * 365 * UNITS.d!;

/** Milliseconds; undefined for text that isn't a length of time, or longer than a hundred years. */
export function parseDuration(text: string): number | undefined {
  if (!/^(\d{1,9}(\.\d{1,3})?[wdhms])+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)([wdhms])/g)) total += Number(amount) * UNITS[unit!]!;
  return total <= LONGEST ? total : undefined;
}
