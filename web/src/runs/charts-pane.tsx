// The charts beside the table: what its runs tell together, and the curves of those that are ticked, else of the first ones; of groups the mean.
import { Skeleton } from '@mantine/core';
import { lazy, Suspense, useMemo } from 'react';
import { usePointCounts } from '../api/charted.ts';
import { useLivePoints } from '../api/live-points.ts';
import type { TableAsk } from '../api/table.ts';
import { Board } from '../charts/board.tsx';
import { BandCard } from '../charts/lines/band-card.tsx';
import { useKeptScroll } from '../kept.ts';
import { usePlace } from '../router.ts';
import { useTeam } from '../shell/team.ts';
import buttonsCss from '../ui/buttons.module.css';
import type { Charted } from './charted/use-charted.ts';
import { sortedBy, useTrials } from './charted/use-trials.ts';
import css from './room.module.css';
import type { Column, RunKeys } from './table/columns.ts';

const Story = lazy(() => import('../charts/story/story.tsx').then((m) => ({ default: m.Story })));

type Props = {
  asked: TableAsk;
  charted: Charted;
  hidden: ReadonlySet<string>;
  showAll: () => void;
  ticked: ReadonlySet<string>;
  columns: Column[];
  keys: RunKeys | undefined;
  total: number | null;
  live: boolean;
};

export function ChartsPane({ asked, charted, hidden, showAll, ticked, columns, keys, total, live }: Props) {
  const team = useTeam();
  const kept = useKeptScroll(`charts.${usePlace().path.join('/')}`);
  const { runs, rows, said, looks, grouped } = charted;
  const followed = useMemo(() => rows.map(({ runId, status }) => ({ runId, running: status === 'RUNNING' })), [rows]);
  useLivePoints(team.slug, followed, { live });
  const metrics = useMemo(() => {
    const first = columns.filter(({ kind }) => kind === 'metrics').map(({ key }) => key);
    return [...new Set([...first, ...(keys?.metrics ?? []).map(({ key }) => key)])];
  }, [columns, keys]);
  const runIds = useMemo(() => runs.map(({ runId }) => runId), [runs]);
  const { counts, pending } = usePointCounts(asked, runIds, metrics);
  const trials = useTrials(asked, keys, hidden, grouped ? null : total);
  // Those that the story tells of all runs; of chosen ones they stand beside each other too.
  const drawn = useMemo(() => {
    const told = new Set(ticked.size > 0 ? [] : trials.candidates.flatMap(({ metric, single }) => (single ? metric : [])));
    return metrics.filter((metric) => !told.has(metric));
  }, [metrics, trials.candidates, ticked]);
  const standing = useMemo(() => new Map(ticked.size > 0 ? runs.map(({ runId }) => [runId, looks.get(runId)!.colour]) : []), [ticked, runs, looks]);
  const ready = keys !== undefined && !pending && !trials.loading;
  const story = ready && trials.candidates.length > 0;
  // The story is of all runs; of which the curves are, stands beside these.
  const apart = story && ticked.size === 0;
  const curves = counts !== undefined && drawn.some((metric) => counts.has(metric));
  const line = (
    <p className={apart && curves ? css.curvesOf : css.chartsOf} role="status" aria-label="What is drawn">
      {!apart ? said : curves ? `Curves: ${said[0]?.toLowerCase()}${said.slice(1)}` : 'Tick runs to make them stand out'}{' '}
      {hidden.size > 0 && (
        <button type="button" className={buttonsCss.link} onClick={showAll}>
          Show all
        </button>
      )}
    </p>
  );
  return (
    <div className={css.chartsPane} ref={kept}>
      {!(apart && curves) && line}
      <Board
        team={team.slug}
        runs={runs}
        metrics={ready ? drawn : NONE}
        {...(counts ? { counts } : {})}
        group="runs"
        compact
        settle={ready}
        {...(grouped ? { Card: BandCard } : {})}
      >
        {!ready ? (
          <Skeleton height={240} radius={6} />
        ) : story ? (
          (settings) => (
            <>
              <Suspense fallback={<Skeleton height={240} radius={6} />}>
                <Story team={team.slug} {...trials} {...{ settings, standing, total }} sorted={sortedBy(asked.sort)} />
              </Suspense>
              {apart && curves && line}
            </>
          )
        ) : null}
      </Board>
    </div>
  );
}

const NONE: string[] = [];
