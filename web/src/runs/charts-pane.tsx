// The charts beside the table: of the runs that are ticked, else of its first ones.
import { useMemo } from 'react';
import { useLivePoints } from '../api/live-points.ts';
import type { TableRow } from '../api/table.ts';
import { Board } from '../charts/board.tsx';
import type { ChartRun } from '../charts/chart-settings.ts';
import { colourOf, plural } from '../format.ts';
import { useKeptScroll } from '../kept.ts';
import { usePlace } from '../router.ts';
import { useTeam } from '../shell/team.ts';
import css from './room.module.css';
import type { Column, RunKeys } from './table/columns.ts';

/** More lines than this nobody tells apart. */
const CHARTED = 10;
const CHARTED_SELECTED = 100;

type Props = { rows: TableRow[]; selected: ReadonlySet<string>; columns: Column[]; keys: RunKeys | undefined; live: boolean };

export function ChartsPane({ rows, selected, columns, keys, live }: Props) {
  const team = useTeam();
  const kept = useKeptScroll(`charts.${usePlace().path.join('/')}`);
  const charted = useMemo<ChartRun[]>(() => {
    const ticked = rows.filter(({ runId }) => selected.has(runId));
    const chosen = ticked.length > 0 ? ticked.slice(0, CHARTED_SELECTED) : rows.slice(0, CHARTED);
    return chosen.map(({ runId, name, startedAt }) => ({ runId, name, startedAt, colour: colourOf(runId) }));
  }, [rows, selected]);
  const chartedText = JSON.stringify(charted);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a row that only got new values is no other run
  const runs = useMemo(() => charted, [chartedText]);
  const followed = useMemo(() => {
    const drawn = new Set(runs.map(({ runId }) => runId));
    return rows.filter(({ runId }) => drawn.has(runId)).map(({ runId, status }) => ({ runId, running: status === 'RUNNING' }));
  }, [rows, runs]);
  useLivePoints(team.slug, followed, { live });
  const metrics = useMemo(() => {
    const first = columns.filter(({ kind }) => kind === 'metrics').map(({ key }) => key);
    return [...new Set([...first, ...(keys?.metrics ?? []).map(({ key }) => key)])];
  }, [columns, keys]);
  return (
    <div className={css.chartsPane} ref={kept}>
      <p className={css.chartsOf}>
        {runs.some(({ runId }) => selected.has(runId)) ? `The ${runs.length} selected` : `The first ${plural(runs.length, 'run')} of the table`}
        {selected.size === 0 && rows.length > CHARTED ? '; tick some to draw those' : ''}
      </p>
      <Board team={team.slug} runs={runs} metrics={metrics} group="runs" compact settle={keys !== undefined} />
    </div>
  );
}
