// Which rows of a long table are drawn.
import { expect, it } from 'vitest';
import { windowOf } from '../../web/src/runs/table/row-window.ts';

it('draws all rows in view, ahead of where it is scrolled to, as many at every place, and none that isn’t there', () => {
  for (const count of [0, 1, 30, 61, 20_000])
    for (const height of [120, 700, 1_400])
      for (const down of [true, false]) {
        const lengths = new Set<number>();
        const most = Math.max(0, count * 28 - height);
        for (let part = 0; part <= 1; part += 0.01) {
          const top = Math.round(most * part);
          const { from, to } = windowOf({ top, height, count, row: 28 }, down);
          lengths.add(to - from);
          expect(from).toBeGreaterThanOrEqual(0);
          expect(to).toBeLessThanOrEqual(count);
          expect(from).toBeLessThanOrEqual(Math.floor(top / 28));
          expect(to).toBeGreaterThanOrEqual(Math.min(count, Math.ceil((top + height) / 28)));
        }
        expect(lengths.size).toBe(1);
      }
});
