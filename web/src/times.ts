// How times read. Clients' clocks may say anything (nanoseconds, minus infinity, text), and nothing here throws at it: what no calendar holds is
// shown as the number that it is, with a hint. The only place of the page that makes a Date of what came from outside. Pure.
import { duration } from './format.ts';

export type When = string | number | null | undefined;

/** Milliseconds. The server writes what lies further away as this end of the calendar. */
const END = 8.64e15;
const DAY = 86_400_000;

/** Milliseconds since 1970 of a number, its digits or an ISO text; null where none was said, NaN for what is no time. */
export function millisOf(when: When): number | null {
  if (when === null || when === undefined || when === '') return null;
  if (typeof when === 'number') return when;
  return /^[-+]?\d+(\.\d+)?(e[-+]?\d+)?$/i.test(when.trim()) ? Number(when) : Date.parse(when);
}

const isHeld = (ms: number) => Math.abs(ms) < END;

/** The same where a calendar holds it, else null: for what is reckoned with. */
export function knownTime(when: When): number | null {
  const ms = millisOf(when);
  return ms !== null && isHeld(ms) ? ms : null;
}

/** As ISO 8601; null where no calendar holds it. */
export function isoOf(when: When): string | null {
  const ms = knownTime(when);
  return ms === null ? null : new Date(ms).toISOString();
}

const PLAIN = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** What stands in the place of a date that there is not. */
function outside(when: Exclude<When, null | undefined>): string {
  const ms = millisOf(when);
  if (ms !== null && Math.abs(ms) === END) return ms > 0 ? 'after the year 275760' : 'before the year −271821';
  if (typeof when === 'string' && Number.isNaN(ms)) return when.slice(0, 40);
  return String(when);
}

/** Likely units of a number that is too large for milliseconds: seconds since 1970 from 2001 to 2128 in them. */
function unitHint(ms: number): string {
  for (const [unit, size] of [
    ['microseconds', 1e3],
    ['nanoseconds', 1e6],
  ] as const) {
    const read = ms / size;
    if (read > 1e12 && read < 5e12) return ` In ${unit} it would be ${PLAIN.format(new Date(read))}.`;
  }
  return '';
}

/** Why a time is shown as a number; empty where it is shown as a date. */
export function hintOf(when: When): string {
  const ms = millisOf(when);
  if (ms === null || isHeld(ms)) return '';
  if (Math.abs(ms) === END) return 'The time that was logged lies outside every calendar. Times are milliseconds since 1970.';
  return `${when} is no time in milliseconds since 1970.${unitHint(ms)}`;
}

/** Date and time in words, or what stands for it. */
export function moment(when: When): string {
  if (when === null || when === undefined || when === '') return '';
  const ms = knownTime(when);
  return ms === null ? outside(when) : PLAIN.format(new Date(ms));
}

/** `3h ago`; from ten months on the day. */
export function ago(when: When, now = Date.now()): string {
  if (when === null || when === undefined || when === '') return '';
  const at = knownTime(when);
  if (at === null) return outside(when);
  const ms = now - at;
  if (ms < 5_000 && ms > -60_000) return 'now';
  if (Math.abs(ms) > 300 * DAY) return new Date(at).toISOString().split('T')[0]!;
  if (ms < 0) return `in ${duration(-ms).split(' ')[0]}`;
  return `${duration(ms).split(' ')[0]!.replace(/\.\d/, '')} ago`;
}

/** The first and last second that an axis of dates is drawn for: further away, or further apart, ticks are numbers. */
const FIRST_YEAR = Date.UTC(1000, 0) / 1000;
const LAST_YEAR = Date.UTC(5000, 0) / 1000;
const LONGEST = 500 * 366 * 86_400;

/** Whether ticks of this stretch, in seconds, can be dates. */
export const isCalendar = (range: readonly [number, number] | null): boolean =>
  range === null || (range[0] >= FIRST_YEAR && range[1] <= LAST_YEAR && range[1] - range[0] <= LONGEST);
