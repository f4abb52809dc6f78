// The bands of a chart: of each group of runs the mean of what its members logged. Pure.
import type { Curves, XKind } from '../../api/curve-points.ts';
import { knownTime } from '../../times.ts';
import type { ChartRun } from '../chart-settings.ts';
import { type Band, bandOf, type Spread } from './bands.ts';
import type { Missing } from './foot.ts';
import { lineOf, smooth } from './lines.ts';

export type GroupBand = { name: string; colour: string; members: number; band: Band };
/** `values`: all that were drawn into the means. `single`: each run logged one alone, so that there are means and no curves. */
type Bands = { bands: GroupBand[]; values: (number | null)[]; single: boolean; missing: Missing };
type Asked = { x: XKind; log: boolean; smoothing: number; spread: Spread };

export function groupBands(runs: readonly ChartRun[], data: Curves | undefined, { x, log, smoothing, spread }: Asked): Bands {
  const missing: Missing = { refused: 0, holes: 0, infinite: 0, above: 0, below: 0, logged: null, read: 0 };
  const lines = runs.flatMap((run) => {
    const curve = data?.get(run.runId);
    if (!curve || curve.steps.length === 0) return [];
    const { runId, colour, group = '' } = run;
    const { line, refused } = lineOf(curve, { runId, label: group, colour, dash: null, x, smoothing: 0, log, startedAt: knownTime(run.startedAt) });
    missing.refused += refused;
    missing.holes += line.holes.length;
    missing.infinite += line.infinite.length;
    return [line];
  });
  const single = lines.every(({ xs }) => xs.length <= 1);
  const bands = [...new Set(lines.map(({ label }) => label))].map((name): GroupBand => {
    const members = lines.filter(({ label }) => label === name);
    const band = bandOf(single ? members.map(({ ys }) => ({ xs: [0], ys })) : members, spread);
    const even = (values: Band['mean']) => (smoothing > 0 ? smooth(values, smoothing) : values);
    const evened = { ...band, mean: even(band.mean), low: even(band.low), high: even(band.high) };
    return { name, colour: members[0]!.colour, members: members.length, band: evened };
  });
  return { bands, values: lines.flatMap(({ ys }) => ys), single, missing };
}
