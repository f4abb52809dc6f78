// The params that differ between trials, those that go most with the metric first. Pure.
import type { ParamPlot } from './param-card.tsx';
import { paramScale } from './scales.ts';
import { groupStrength, rankCorrelation } from './strength.ts';
import type { Trial } from './trials.ts';

const TICKS = 4;

export function rankedParams(trials: readonly Trial[], params: readonly string[]): ParamPlot[] {
  const found = params.flatMap((param): ParamPlot[] => {
    const scale = paramScale(
      trials.map(({ row }) => row.params.get(param) ?? null),
      TICKS,
    );
    if (!scale) return [];
    const both = trials.flatMap(({ value }, at) => (scale.places[at] == null ? [] : [[scale.places[at]!, value] as const]));
    const [xs, ys] = [both.map(([x]) => x), both.map(([, y]) => y)];
    return [{ param, scale, strength: scale.text ? groupStrength(xs, ys) : rankCorrelation(xs, ys) }];
  });
  return found.sort((a, b) => Math.abs(b.strength) - Math.abs(a.strength));
}
