// The filter's form and its text say the same, and what the form can't show is left to the text.
import { describe, expect, it } from 'vitest';
import { valueAt } from '../../web/src/runs/filter/completion.ts';
import { parseRows, printRows } from '../../web/src/runs/filter/filter-rows.ts';

describe('rows and text', () => {
  it.each([
    ["metrics.rmse < 6.5 AND params.model = 'xgb'", 'AND', ['metrics.rmse < 6.5', 'params.model = xgb']],
    ["metrics.`val/loss`.min >= 1e-3 OR status != 'FAILED'", 'OR', ['metrics.val/loss@min >= 1e-3', 'attributes.status != FAILED']],
    ["tags.stage IN ('a', 'b')", 'AND', ['tags.stage IN a, b']],
    ["params.note LIKE '%it''s%'", 'AND', ["params.note LIKE %it's%"]],
    ['start_time > now() - 7d AND end_time IS NULL', 'AND', ['attributes.start_time > now() - 7d', 'attributes.end_time IS NULL ']],
    ['params.lr < 0.1', 'AND', ['params.lr < 0.1']],
    ["tags.`mlflow.source.name` =~ 'train'", 'AND', ['tags.mlflow.source.name =~ train']],
  ])('%s', (text, join, rows) => {
    const read = parseRows(text)!;
    expect(read.join).toBe(join);
    expect(read.rows.map(({ field, operator, value }) => `${field} ${operator} ${value}`)).toEqual(rows);
    expect(printRows(read)).toBe(text);
  });

  it('reads what people write otherwise', () => {
    expect(printRows(parseRows("attributes.status='RUNNING' and parameters.lr!='1'  AND metric.loss.max>2")!)).toBe(
      "status = 'RUNNING' AND params.lr != '1' AND metrics.loss.max > 2",
    );
    expect(parseRows('  ')).toEqual({ join: 'AND', rows: [] });
  });

  it.each([
    "(params.a = '1')",
    "params.a = '1' AND params.b = '2' OR params.c = '3'",
    "NOT params.a = '1'",
    'metrics.a BETWEEN 1 AND 2',
    'metrics.a <',
    "params.a IN ('x,y')",
  ])('leaves %s to the text', (text) => expect(parseRows(text)).toBeNull());

  it('knows whose value is being written', () => {
    expect(valueAt("params.model = 'x")).toEqual({ field: 'params.model', part: 'x', from: 15 });
    expect(valueAt("metrics.a < 1 AND tags.`my tag` IN ('a', ")).toMatchObject({ field: 'tags.my tag', part: '' });
    expect(valueAt('user_id = ')).toMatchObject({ field: 'attributes.user_id', part: '' });
    expect(valueAt('metrics.a = ')).toBeNull();
    expect(valueAt("params.model = 'xgb' ")).toBeNull();
  });
});
