// What a tuned experiment tells: how a metric went from run to run, which run is the best, and which params go with it.
import { SegmentedControl, Select } from '@mantine/core';
import { useMemo, useState } from 'react';
import { plural, RUN_COLOURS } from '../../format.ts';
import { go, to, useParam } from '../../router.ts';
import buttonsCss from '../../ui/buttons.module.css';
import { Icon } from '../../ui/icons.tsx';
import { type Goal, goalOf } from '../best-value.ts';
import boardCss from '../board.module.css';
import type { ChartSettings } from '../chart-settings.ts';
import { yRangeOf } from '../lines/y-range.ts';
import { BestRun } from './best-run.tsx';
import { ParamCard } from './param-card.tsx';
import { rankedParams } from './ranked-params.ts';
import { scaleOf } from './scales.ts';
import css from './story.module.css';
import { type Candidate, improvements, type TrialRow, trialsOf } from './trials.ts';
import { TrialsCard } from './trials-card.tsx';

const FEW_PARAMS = 6;
const PARAM_HEIGHT = 130;
const REPLACE = { replace: true };

type Props = {
  team: string;
  rows: readonly TrialRow[];
  candidates: readonly Candidate[];
  /** By which the table is sorted. */
  sorted: string | null;
  params: readonly string[];
  settings: ChartSettings;
  standing: ReadonlyMap<string, string>;
  /** Runs that the table has, where these are not all of them. */
  total: number | null;
};

export function Story({ team, rows, candidates, sorted, params, settings, standing, total }: Props) {
  const [chosen, setChosen] = useParam('of');
  const [told, setTold] = useParam('best');
  const usual = candidates.find(({ metric }) => metric === sorted) ?? candidates[0]!;
  const { metric, single } = candidates.find((one) => one.metric === chosen) ?? usual;
  const [shown, setShown] = useParam('over');
  const [all, setAll] = useState(false);
  const goal: Goal | null = told === 'lowest' || told === 'highest' ? told : goalOf(metric);
  const of = useMemo(() => trialsOf(rows, metric), [rows, metric]);
  const ranked = useMemo(() => rankedParams(of.trials, params), [of, params]);
  // Of a few curves the last value is only part of what they tell; of more runs than curves are drawn of, it tells which params made the difference.
  const tuned = ranked.length > 0 && of.trials.length > RUN_COLOURS.length;
  const open = shown === '' ? single || tuned || chosen !== '' : shown === 'open';
  const values = useMemo(() => of.trials.map(({ value }) => value), [of]);
  const log = settings.log && values.every((value) => value > 0);
  const { range } = yRangeOf(values, { log, outliers: settings.outliers, hand: settings.ranges.get(metric) ?? null });
  const best = goal ? improvements(of.trials, goal).at(-1) : undefined;
  const visit = (runId: string) => go(to('t', team, 'runs', runId));
  const names = ranked.map(({ param }) => param);
  const others = candidates.filter((one) => one.single && one.metric !== metric);
  const card = { params: names, settings, standing, open: visit };
  return (
    <section className={css.story} aria-label="Over the runs">
      <div className={css.head}>
        <h2>
          <button type="button" aria-expanded={open} onClick={() => setShown(open ? 'folded' : 'open', REPLACE)}>
            <Icon name={open ? 'down' : 'right'} size={12} /> Over {plural(of.trials.length, 'run')}
            {total !== null && total > rows.length && <span className="dim"> of {total.toLocaleString('en-US')}</span>}
          </button>
        </h2>
        {open && candidates.length > 1 && (
          <Select
            aria-label="Metric over the runs"
            data={candidates.map((one) => one.metric)}
            value={metric}
            searchable
            allowDeselect={false}
            onChange={(next) => setChosen(next, REPLACE)}
          />
        )}
        {open && (
          <SegmentedControl
            aria-label="Which value is the best"
            value={goal ?? ''}
            onChange={(next) => setTold(next === goalOf(metric) ? null : next, REPLACE)}
            data={[...(goal ? [] : [{ value: '', label: 'Best is?' }]), { value: 'lowest', label: 'Lowest' }, { value: 'highest', label: 'Highest' }]}
          />
        )}
      </div>
      {open && (
        <>
          {best && <BestRun {...{ team, metric, best }} others={values} params={names} />}
          <TrialsCard {...card} {...{ metric, of, goal }} height={210} />
          <div className={boardCss.grid}>
            {ranked.slice(0, all ? undefined : FEW_PARAMS).map((one) => (
              <ParamCard
                key={one.param}
                of={one}
                {...{ metric, standing }}
                trials={of.trials}
                y={scaleOf(range, 3, { log })}
                best={best?.row.runId}
                params={names}
                height={PARAM_HEIGHT}
                open={visit}
              />
            ))}
            {others.map((one) => (
              <TrialsCard
                key={one.metric}
                {...card}
                metric={one.metric}
                of={trialsOf(rows, one.metric)}
                goal={goalOf(one.metric)}
                height={PARAM_HEIGHT}
              />
            ))}
          </div>
          {ranked.length > FEW_PARAMS && (
            <button type="button" className={buttonsCss.link} aria-expanded={all} onClick={() => setAll(!all)}>
              {all ? 'Fewer params' : `and ${plural(ranked.length - FEW_PARAMS, 'param')} that go less with it`}
            </button>
          )}
          {ranked.length === 0 && params.length > 0 && <p className="dim small">No param differs between these runs.</p>}
        </>
      )}
    </section>
  );
}
