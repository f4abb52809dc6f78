// Previews say what is in the file: its encoding, its numbers digit by digit, all cells, and where it is no text.
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineOf } from '../../web/src/charts/lines/lines.ts';
import { short } from '../../web/src/format.ts';
import { literalOf, parseLoosely, stringifyLoosely } from '../../web/src/run/previews/loose-json.ts';
import { binaryKind, textOf, wholeLines } from '../../web/src/run/previews/text-of-bytes.ts';
import { parseTable, separatorOf, tableOf } from '../../web/src/run/previews/text-table.ts';

const utf8 = (text: string) => new TextEncoder().encode(text);
const utf16 = (text: string, little = true, mark = true) => {
  const bytes = Buffer.from(`${mark ? '\ufeff' : ''}${text}`, 'utf16le');
  return new Uint8Array(little ? bytes : bytes.swap16());
};

describe('bytes', () => {
  it.each([
    ['UTF-8', utf8('naïve 🙂\n'), 'naïve 🙂\n', null],
    ['UTF-8 with a mark', utf8('\ufeffa,b\n'), 'a,b\n', null],
    ['UTF-16 LE', utf16('größe,値\n1,2\n'), 'größe,値\n1,2\n', 'UTF-16LE'],
    ['UTF-16 BE', utf16('größe,値\n', false), 'größe,値\n', 'UTF-16BE'],
    ['UTF-16 without a mark', utf16('a,b\n1,2\n', true, false), 'a,b\n1,2\n', 'UTF-16LE'],
    ['UTF-16 BE without a mark', utf16('a,b\n1,2\n', false, false), 'a,b\n1,2\n', 'UTF-16BE'],
    ['Latin-1', new Uint8Array(Buffer.from('Größe;Straße\n', 'latin1')), 'Größe;Straße\n', 'Windows-1252 (Latin-1)'],
    ['a log with colours', utf8('\u001b[31mred\u001b[0m\r\n'), '\u001b[31mred\u001b[0m\r\n', null],
  ])('%s', (_, bytes, text, encoding) => expect(textOf(bytes)).toEqual({ text, encoding }));

  it('that are no text are told so, and what they are', () => {
    const pickle = Buffer.from('8004950c000000000000007d94288c016194', 'hex');
    const npy = Buffer.concat([
      Buffer.from('934e554d50590100', 'hex'),
      Buffer.from("v\0{'descr': '<f8'}"),
      Buffer.from(new Float64Array([1, 2]).buffer),
    ]);
    const random = Uint8Array.from({ length: 400 }, (_, at) => (at * 197 + 13) % 256);
    for (const [bytes, kind] of [
      [pickle, 'a Python pickle'],
      [npy, 'a NumPy array'],
      [gzipSync('a,b\n1,2\n'), 'compressed (gzip)'],
      [random, null],
      [new Uint8Array(8), null],
    ] as const) {
      expect(textOf(new Uint8Array(bytes))).toBeNull();
      expect(binaryKind(new Uint8Array(bytes))).toBe(kind);
    }
  });

  it('cut anywhere still read as what they are', () => {
    const text = 'größe,値,🙂\n'.repeat(4);
    fc.assert(
      fc.property(fc.nat(40), fc.nat(40), fc.constantFrom('utf8', 'le', 'be'), (first, last, as) => {
        const whole = as === 'utf8' ? utf8(text) : utf16(text, as === 'le');
        const part = whole.subarray(first, whole.length - last);
        const read = textOf(part, { from: first, head: whole, cut: { start: first > 0, end: last > 0 } })!;
        expect(read.encoding).toBe(as === 'utf8' ? null : as === 'le' ? 'UTF-16LE' : 'UTF-16BE');
        // At the edges half a pair of surrogates may stand for itself.
        expect(text).toContain(read.text.replaceAll('\ufffd', '').trim());
      }),
    );
  });

  it('leave out a broken line, but not most of what there is', () => {
    const end = { start: true, end: false };
    const beginning = { start: false, end: true };
    expect(wholeLines('ken\nwhole\nlast\n', end)).toBe('whole\nlast\n');
    expect(wholeLines('one long line without an end', end)).toBe('…one long line without an end');
    expect(wholeLines('one long line with an end\n', end)).toBe('…one long line with an end\n');
    expect(wholeLines('first\nsecond\nbro', beginning)).toBe('first\nsecond\n');
    expect(wholeLines('a\none long line that goes on', beginning)).toBe('a\none long line that goes on…');
    expect(wholeLines('all of it', { start: false, end: false })).toBe('all of it');
  });
});

describe('JSON', () => {
  const leaf = (text: string) => literalOf(parseLoosely(text)!.value).text;

  it.each(['12345678901234567890', '1.0', '-0', '1e400', '0.1', '1e5', '123', 'NaN', 'Infinity', '-Infinity', '0.10000000000000000001'])(
    '%s stays as it is',
    (text) => {
      expect(leaf(text)).toBe(text);
      expect(literalOf((parseLoosely(`{"a": [${text}]}`)!.value as { a: unknown[] }).a[0])).toEqual({ text, kind: 'number' });
    },
  );

  it('keeps texts, whatever they hold, and refuses what is none', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.constantFrom('\0', '\0' + '1', '\0\0', '1.0', 'NaN', '"', '\\')), (text) => {
        const said = JSON.stringify(text);
        expect(literalOf(parseLoosely(said)!.value)).toEqual({ text: said, kind: 'string' });
        expect(Object.keys(parseLoosely(JSON.stringify({ [text]: 1.5 }))!.value as object)).toEqual([text]);
      }),
    );
    for (const text of ['{', '[1,]', '01', '{a: 1}', 'nan', '- 1', '1 2', '']) expect(parseLoosely(text)).toBeUndefined();
    fc.assert(fc.property(fc.jsonValue(), (value) => parseLoosely(JSON.stringify(value)) !== undefined));
  });

  it('of what a Parquet file holds has all digits too', () => {
    expect(stringifyLoosely({ a: 12345678901234567890n, b: [Number.NaN, Number.NEGATIVE_INFINITY, 1.5], c: new Uint8Array(3) })).toBe(
      '{"a":12345678901234567890,"b":[NaN,-Infinity,1.5],"c":"3 bytes"}',
    );
  });
});

describe('a table', () => {
  it('has the cells beyond its header, and numbers its columns where the header is not read', () => {
    const rows = parseTable('a,b\n1,2,3\n4\n"x,""y""\nz",5,6,7', ',', 100);
    expect(tableOf(rows, true)).toEqual({ head: ['a', 'b', '', ''], body: [['1', '2', '3'], ['4'], ['x,"y"\nz', '5', '6', '7']] });
    expect(tableOf(parseTable('1,2\n3,4\n', ',', 100), false)).toEqual({
      head: ['#1', '#2'],
      body: [
        ['1', '2'],
        ['3', '4'],
      ],
    });
    expect(separatorOf('a;b,c;d\n')).toBe(';');
  });
});

describe('infinity', () => {
  it('is no gap: it is marked as itself', () => {
    const values = [1, Number.POSITIVE_INFINITY, Number.NaN, Number.NEGATIVE_INFINITY];
    const options = { runId: 'r', label: 'r', colour: '#000', dash: null, x: 'step' as const, smoothing: 0, log: false, startedAt: null };
    const { line } = lineOf({ steps: [0, 1, 2, 3], times: [0, 1, 2, 3], values }, options);
    expect(line).toMatchObject({
      ys: [1, null, null, null],
      holes: [2],
      infinite: [
        { x: 1, above: true },
        { x: 3, above: false },
      ],
      last: Number.NEGATIVE_INFINITY,
    });
    expect(['Infinity', '-Infinity', Number.NEGATIVE_INFINITY, 'NaN'].map(short)).toEqual(['∞', '−∞', '−∞', 'NaN']);
  });
});
