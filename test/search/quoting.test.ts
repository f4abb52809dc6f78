// Every text can be said in the filter language, as a value and as a key: from the page's functions to the checked filter and back.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseFilter } from '../../src/search/parser.ts';
import { searchRuns } from '../../src/search/search.ts';
import { containsText, fieldText, quoteText } from '../../web/src/api/filter-text.ts';

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc
    .array(fc.constantFrom("'", "''", '"', '`', '\\', "\\'", ' ', 'a', '%', '_', ' and ', '(', ')', 'é', '🙂'), { maxLength: 12 })
    .map((parts) => parts.join('')),
);
const sayable = text.filter((value) => !value.includes('\0') && value.isWellFormed());

test('any text as a value', () => {
  fc.assert(
    fc.property(sayable, sayable, (first, second) => {
      const { filter } = searchRuns({
        dialect: 'widened',
        filter: `tags.a = ${quoteText(first)} and tags.b in (${quoteText(second)}, ${quoteText(first)})`,
        now: 0,
      });
      const values = (filter as { items: { values: { text: string }[] }[] }).items.map((item) => item.values.map((value) => value.text));
      expect(values).toEqual([[first], [second, first]]);
    }),
    { numRuns: 3_000 },
  );
});

test('any text as a key', () => {
  fc.assert(
    fc.property(
      sayable.filter((key) => key !== ''),
      (key) => {
        const parsed = parseFilter(`${fieldText('params', key)} = 'x'`, 'widened') as { name: { entity: string; key: string } };
        expect(parsed.name).toMatchObject({ entity: 'params', key });
      },
    ),
    { numRuns: 3_000 },
  );
});

test("MLflow's own dialect keeps a doubled quote as it is, as its parser does", () => {
  const { filter } = searchRuns({ dialect: 'mlflow', filter: "tags.a = 'it''s'", now: 0 });
  expect((filter as unknown as { values: { text: string }[] }).values[0]!.text).toBe("it''s");
});

test('any text as a part of a name', () => {
  fc.assert(
    fc.property(sayable, (part) => {
      const { filter } = searchRuns({ dialect: 'widened', filter: containsText('run_name', part), now: 0 });
      expect(filter).toMatchObject({ op: 'CONTAINS', values: [{ text: part }] });
    }),
  );
});
