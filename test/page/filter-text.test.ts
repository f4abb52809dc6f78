// Every text that people or runs have written can be filtered by, from every place of the page that makes a filter: what the server reads is that text.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runField } from '../../src/search/fields.ts';
import { searchExperiments, searchRuns } from '../../src/search/search.ts';
import { containsText, equalsText, fieldText, oneOfTexts } from '../../web/src/api/filter-text.ts';
import { complete, faultRange, valueAt } from '../../web/src/runs/filter/completion.ts';
import { parseRows } from '../../web/src/runs/filter/filter-reader.ts';
import { type FilterRow, printRows, shownAs } from '../../web/src/runs/filter/filter-rows.ts';
import { columnOf } from '../../web/src/runs/table/columns.ts';

const text = fc
  .oneof(
    fc.string({ unit: 'grapheme', maxLength: 20 }),
    fc
      .array(fc.constantFrom("'", "''", '"', '`', '\\', ' ', 'a', '%', '_', ',', ' and ', ' OR ', '(', ')', '=', '\n', '.min', '@', 'é', '🙂'), {
        maxLength: 10,
      })
      .map((parts) => parts.join('')),
  )
  .filter((value) => !value.includes('\0') && value.isWellFormed());
const key = text.filter((value) => value !== '');
const kind = fc.constantFrom('params' as const, 'tags' as const);

type Leaf = { kind?: string; name?: { key: string }; key?: string; op: string; values: { text: string }[] };
/** The comparisons of a filter joined by AND, as the server reads them. */
function read(filter: string): Leaf[] {
  const found = searchRuns({ dialect: 'widened', filter, now: 0 }).filter as unknown as Leaf & { items?: Leaf[] };
  return found.items ?? [found];
}
const valuesOf = (filter: string) => read(filter).map(({ values }) => values.map((value) => value.text));
const check = (property: fc.IProperty<unknown> | fc.IPropertyWithHooks<never>) => fc.assert(property as fc.IProperty<unknown>, { numRuns: 1_500 });

describe('what the page asks by', () => {
  it('a group that is opened, within a filter that is there', () => {
    check(
      fc.property(kind, key, text, text, (of, name, value, other) => {
        const filter = [`(${equalsText('tags.x', other)})`, equalsText(`${of}.${name}`, value)].join(' AND ');
        expect(valuesOf(filter)).toEqual([[other], [value]]);
        expect(parseRows(equalsText(`${of}.${name}`, null))?.rows).toEqual([{ field: `${of}.${name}`, operator: 'IS NULL', value: '' }]);
      }),
    );
  });

  it('a person, and whatever a search box holds', () => {
    check(
      fc.property(text, text, (name, email) => {
        expect(valuesOf(oneOfTexts('user_id', [name, email]))).toEqual([[name, email]]);
        expect(read(containsText('run_name', name))).toMatchObject([{ op: 'CONTAINS', values: [{ text: name }] }]);
        expect(() => searchExperiments({ dialect: 'widened', filter: containsText('name', name), now: 0 })).not.toThrow();
      }),
    );
  });

  it('a row of the form, and back from the text', () => {
    const row = fc.record({
      of: kind,
      name: key,
      operator: fc.constantFrom('=' as const, '!=' as const, 'LIKE' as const, '=~' as const),
      value: text,
    });
    check(
      fc.property(fc.array(row, { minLength: 1, maxLength: 3 }), (rows) => {
        const given = rows.map(({ of, name, operator, value }): FilterRow => ({ field: `${of}.${name}`, operator, value: shownAs(value, operator) }));
        const printed = printRows({ join: 'AND', rows: given });
        expect(parseRows(printed)).toEqual({ join: 'AND', rows: given });
        if (rows.every(({ operator }) => operator !== '=~')) expect(valuesOf(printed)).toEqual(rows.map(({ value }) => [value]));
      }),
    );
  });

  it('a list of a row, but for what has commas', () => {
    check(
      fc.property(
        key,
        fc.array(
          text.filter((value) => !value.includes(',')),
          { minLength: 1, maxLength: 4 },
        ),
        (name, values) => {
          const printed = printRows({
            join: 'AND',
            rows: [{ field: `params.${name}`, operator: 'IN', value: values.map((value) => shownAs(value, 'IN')).join(', ') }],
          });
          expect(valuesOf(printed)).toEqual([values]);
          const [again] = parseRows(printed)!.rows;
          expect(printRows({ join: 'AND', rows: [again!] })).toBe(printed);
        },
      ),
    );
  });

  it('keys: columns, orders, completions', () => {
    const keys = (name: string) => ({ params: [{ key: name, runs: 1, values: 1 }], metrics: [], tags: [], empty: false });
    check(
      fc.property(kind, key, (of, name) => {
        expect(runField(columnOf(`${of}.${name}`).wire, 'columns')).toMatchObject({ key: name });
        const offered = complete('', 0, keys(name)).options[0]!.text;
        expect(offered).toBe(fieldText('params', name));
        expect(read(`${offered} = 'x'`)).toHaveLength(1);
      }),
    );
  });

  it('a value that is being written is known as far as it goes', () => {
    check(
      fc.property(key, text, text, (name, first, value) => {
        const field = fieldText('params', name);
        const open = (said: string) => `'${said.replaceAll("'", "''")}`;
        for (const before of [`${field} = ${open(value)}`, `${field} IN (${open(first)}', ${open(value)}`])
          expect(valueAt(before)).toEqual({ field: `params.${name}`, part: value, from: before.length - open(value).length });
        const said = `${open(value)}'`;
        expect(faultRange(`${field} = ${said}`, field.length + 3)).toEqual([field.length + 3, field.length + 3 + said.length]);
      }),
    );
  });
});
