// Cells of a CSV file that a spreadsheet opens.

const NUMBER = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|Infinity)$/i;
/** Spreadsheets look past blanks, control characters and marks that can't be seen, and take the wide forms of the signs too. */
const FORMULA = /^[\s\p{C}\p{Z}"']*[=+\-@|%\uff1d\uff0b\uff0d\uff20\u2212]/u;

/** Quoted where it has to be. What a spreadsheet would take for a formula is given an apostrophe: params come from anybody's runs. */
export function csvCell(value: string | number | bigint | boolean | null): string {
  if (value === null) return '';
  const guarded = typeof value === 'string' && (/^[\t\r\n]/.test(value) || (FORMULA.test(value) && !NUMBER.test(value)));
  const text = guarded ? `'${value}` : String(value);
  return /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
