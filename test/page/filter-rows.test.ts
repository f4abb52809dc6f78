// The filter's form and its text say the same, and what the form can't show is left to the text.
import { describe, expect, it } from 'vitest';
import { complete, valueAt } from '../../web/src/runs/filter/completion.ts';
import { unknownNames } from '../../web/src/runs/filter/fields.ts';
import { parseRows } from '../../web/src/runs/filter/filter-reader.ts';
import { printRows } from '../../web/src/runs/filter/filter-rows.ts';

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

  it.each([
    ['fox', "run_name CONTAINS 'fox'"],
    ['bold fox AND lr = 0.1', "run_name CONTAINS 'bold' AND run_name CONTAINS 'fox' AND lr = 0.1"],
    ['duration > 1h30m and start_time >= 2026-11-26', "duration > 1h30m AND start_time >= '2026-11-26'"],
    ['status = finished', "status = 'FINISHED'"],
    ['val/loss < 0.4 OR optimizer = adam', "val/loss < 0.4 OR optimizer = 'adam'"],
    ["params.note NOT LIKE 'x%'", "params.note NOT LIKE 'x%'"],
  ])('reads %s as people type it', (text, printed) => expect(printRows(parseRows(text)!)).toBe(printed));

  it('knows whose value is being written', () => {
    expect(valueAt("params.model = 'x")).toEqual({ field: 'params.model', part: 'x', from: 15 });
    expect(valueAt("metrics.a < 1 AND tags.`my tag` IN ('a', ")).toMatchObject({ field: 'tags.my tag', part: '' });
    expect(valueAt('user_id = ')).toMatchObject({ field: 'attributes.user_id', part: '' });
    expect(valueAt('metrics.a = ')).toBeNull();
    expect(valueAt("params.model = 'xgb' ")).toBeNull();
    expect(valueAt('optimizer = ', keys)).toMatchObject({ field: 'params.optimizer', part: '' });
    expect(valueAt('user = ad', keys)).toMatchObject({ field: 'attributes.user_id', part: 'ad' });
  });
});

const use = (...all: [key: string, runs: number][]) => all.map(([key, runs]) => ({ key, runs, values: 2 }));
const keys = {
  metrics: use(['train/loss', 9], ['val/loss', 9], ['accuracy', 4]),
  params: use(['lr', 9], ['optimizer', 8], ['loss_scale', 2]),
  tags: use(['stage', 9]),
  empty: false,
};

describe('completion', () => {
  const offered = (text: string) => complete(text, text.length, keys).options.map((option) => option.text);
  it('offers the nearest first, and of these what most runs have', () => {
    expect(offered('loss')).toEqual(['params.loss_scale', 'metrics.`train/loss`', 'metrics.`val/loss`']);
    expect(offered('lr = 0.1 and st')).toEqual(['tags.stage', 'status', 'start_time']);
    expect(offered('')[0]).toBe('metrics.`train/loss`');
  });
  it('offers every operator that the field takes, also of a key without its kind', () => {
    expect(offered('val/loss ')).toEqual(offered('metrics.`val/loss` '));
    expect(offered('optimizer ')).toEqual(expect.arrayContaining(['=', '<', 'CONTAINS', 'NOT LIKE', '=~', 'BETWEEN', 'IS NOT NULL']));
    expect(offered('optimizer not l')).toEqual(['NOT LIKE']);
    expect(offered('duration <')).toEqual(['<=']);
    expect(offered('optimizer = adam ')).toEqual(['AND', 'OR']);
  });
});

describe('names that no run has', () => {
  it.each<[string, [string, string | null][]]>([
    ['val/los < 0.4', [['val/los', 'metrics.`val/loss`']]],
    [
      "metrics.lr > 1 AND params.optimiser = 'adam'",
      [
        ['metrics.lr', 'params.lr'],
        ['params.optimiser', 'params.optimizer'],
      ],
    ],
    ['loss < 1', [['loss', 'metrics.`train/loss`']]],
    ['statu = failed', [['statu', 'status']]],
    ["colour = 'a = b'", [['colour', null]]],
    ["lr = 0.1 and (user = 'x' or tags.mlflow.user = 'y') and fox", []],
  ])('%s', (filter, expected) => expect(unknownNames(filter, keys, true).map(({ text, meant }) => [text, meant])).toEqual(expected));
});
