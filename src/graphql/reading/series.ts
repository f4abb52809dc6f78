// Curves of many runs in as few statements as there are different questions, and never more than the limit in one request.
import DataLoader from 'dataloader';
import type { TeamCtx } from '../../context.ts';
import { type AxisName, readSeries, type SampleMethod, type Series, type SeriesRequest } from '../../domain/tracking/metrics.ts';
import type { Run } from '../../domain/tracking/runs.ts';
import { limitExceeded } from '../../lib/errors.ts';
import { LIMITS } from '../server/limits.ts';

export type SeriesAsk = {
  run: Run;
  keys: string[];
  axis: AxisName;
  from: SeriesRequest['from'];
  to: SeriesRequest['to'];
  maxPoints: number;
  method: SampleMethod;
};

/** Asks that differ only in the run are one question. */
const questionOf = ({ run: _, ...rest }: SeriesAsk) => JSON.stringify(rest, (_key, value) => (typeof value === 'bigint' ? String(value) : value));

function groupBy<T>(list: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of list) {
    const group = groups.get(keyOf(one));
    if (group) group.push(one);
    else groups.set(keyOf(one), [one]);
  }
  return groups;
}

export function seriesLoader(team: TeamCtx): DataLoader<SeriesAsk, Series[], string> {
  let asked = 0;
  const read = async (asks: readonly SeriesAsk[]): Promise<Series[][]> => {
    asked += asks.reduce((sum, ask) => sum + ask.keys.length, 0);
    if (asked > LIMITS.series) {
      throw limitExceeded(`At most ${LIMITS.series} series can be read in a request, and this one asks for ${asked}. Ask for fewer runs or keys.`, {
        argument: 'keys',
        limit: LIMITS.series,
        asked,
      });
    }
    const questions = groupBy(asks, questionOf);
    const answers = new Map<SeriesAsk, Series[]>();
    for (const same of questions.values()) {
      const { run: _, ...question } = same[0]!;
      const runs = same.map((ask) => ask.run);
      const series = groupBy(await readSeries(team, { ...question, runs }), (one) => one.runId);
      for (const ask of same) answers.set(ask, series.get(ask.run.runId) ?? []);
    }
    return asks.map((ask) => answers.get(ask)!);
  };
  return new DataLoader(read, { cacheKeyFn: (ask) => `${ask.run.runId} ${questionOf(ask)}` });
}
