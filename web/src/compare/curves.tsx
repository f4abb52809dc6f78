// The curves of the runs over each other: one line a run, or of each group the mean with a band.
import { SegmentedControl } from '@mantine/core';
import { useMemo } from 'react';
import { useLivePoints } from '../api/live-points.ts';
import type { RunRow } from '../api/runs.ts';
import { Board } from '../charts/board.tsx';
import { type ChartRun, countsOf } from '../charts/chart-settings.ts';
import { BandCard } from '../charts/lines/band-card.tsx';
import { useParam } from '../router.ts';
import { useTeam } from '../shell/team.ts';
import css from './curves.module.css';
import type { Grouping } from './groups.ts';

export function Curves({ rows, grouping }: { rows: RunRow[]; grouping: Grouping }) {
  const team = useTeam();
  const [shape, setShape] = useParam('shape', 'runs');
  const metricText = [...new Set(rows.flatMap((row) => [...row.metrics.keys()]))].sort().join('\n');
  const drawn: ChartRun[] = rows.map((row) => ({
    runId: row.runId,
    name: row.name,
    startedAt: row.startedAt,
    colour: grouping.colour(row),
    dash: grouping.dash(row),
    ...(grouping.by ? { group: grouping.valueOf(row) } : {}),
  }));
  const runText = JSON.stringify(drawn);
  const metrics = useMemo(() => metricText.split('\n').filter(Boolean), [metricText]);
  const runs = useMemo(() => JSON.parse(runText) as ChartRun[], [runText]);
  const counts = useMemo(() => countsOf(rows), [rows]);
  useLivePoints(
    team.slug,
    rows.map(({ runId, status }) => ({ runId, running: status === 'RUNNING' })),
  );
  return (
    <>
      {grouping.by && (
        <div className={css.compareBar}>
          <SegmentedControl
            aria-label="What is drawn"
            value={shape}
            onChange={(next) => setShape(next, { replace: true })}
            data={[
              { value: 'runs', label: 'Each run' },
              { value: 'sd', label: 'Mean ± sd' },
              { value: 'range', label: 'Mean, min–max' },
            ]}
          />
        </div>
      )}
      <Board team={team.slug} {...{ runs, metrics, counts }} group="compare" {...(grouping.by && shape !== 'runs' ? { Card: BandCard } : {})} />
    </>
  );
}
