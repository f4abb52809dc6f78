// Secrets that are none: placeholders from examples, and text that a few guesses find.

const PLACEHOLDER =
  /change|replace|placeholder|example|your.?(?:own.?)?secret|insert|todo|fixme|dummy|sample|default|password|qwerty|12345678|secret.?here|runledger/i;
const LEAST_DIFFERENT = 6;

/** The same again and again, also where the last time is cut off. */
function repeats(text: string): boolean {
  for (let period = 1; period <= text.length / 2; period += 1) if (text.slice(period) === text.slice(0, -period)) return true;
  return false;
}

const isRow = (text: string): boolean =>
  [...text].slice(1).filter((letter, index) => Math.abs(letter.charCodeAt(0) - text.charCodeAt(index)) === 1).length > text.length * 0.6;

/** Why a secret to sign with is no secret; undefined for one that may be. */
export function weaknessOf(secret: string): string | undefined {
  if (PLACEHOLDER.test(secret)) return 'is a placeholder from an example, which everybody knows';
  if (new Set(secret).size < LEAST_DIFFERENT || repeats(secret) || isRow(secret)) return 'is the same few characters again and again';
  return undefined;
}
