// What anybody logged is no formula in a spreadsheet, and numbers stay numbers.
import { expect, it } from 'vitest';
import { csvCell } from '../../web/src/runs/export/csv.ts';

it('guards what a spreadsheet would take for a formula, however it begins', () => {
  const bad = [
    '=1',
    "-1+1|cmd|' /C calc'!A0",
    '\n=1',
    '\t=1',
    '\r\n+1+2',
    ' =1',
    '\u00a0=1',
    '\ufeff=1',
    '\u200b@SUM(A1)',
    '\uff1d1',
    '+cmd',
    '@x',
    '-x',
    '"=1',
    "'=1",
    '|x',
    '%0A=1',
    '--1',
    '-1-1',
  ];
  for (const text of bad) expect(csvCell(text).replace(/^"/, ''), JSON.stringify(text)).toMatch(/^'/);
});

it('leaves numbers and words as they are', () => {
  for (const text of ['-1', '+1.5', '1e-7', '-.5', '-1.25E+10', 'Infinity', '-Infinity', 'it is = 1', 'a-b', '0.001'])
    expect(csvCell(text)).toBe(text);
  expect([csvCell(-1), csvCell(Number.NEGATIVE_INFINITY), csvCell(null), csvCell(12345678901234567890n)]).toEqual([
    '-1',
    '-Infinity',
    '',
    '12345678901234567890',
  ]);
});

it('quotes what would end a cell or a line', () => {
  expect(['a,b', 'a;b', 'a"b', 'a\nb', 'a\tb'].map(csvCell)).toEqual(['"a,b"', '"a;b"', '"a""b"', '"a\nb"', '"a\tb"']);
});
