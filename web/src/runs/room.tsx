// The runs of an experiment, of several, or of the team: filter, table and charts side by side. What is worth sharing stands in the address.
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { ApiError } from '../api/client.ts';
import { useAnyRun, useRunKeys } from '../api/runs.ts';
import { type TableAsk, type TableRow, useRunTable } from '../api/table.ts';
import { go, to, useParam } from '../router.ts';
import { useTeam } from '../shell/team.ts';
import buttonsCss from '../ui/buttons.module.css';
import { Empty } from '../ui/feedback/states.tsx';
import { useKeys } from '../ui/shortcuts.ts';
import { useCharted } from './charted/use-charted.ts';
import { ChartsPane } from './charts-pane.tsx';
import { compare } from './compare-runs.ts';
import { exportRuns } from './export/export-runs.ts';
import { FilterBar } from './filter/filter-bar.tsx';
import { FirstSteps } from './first-steps.tsx';
import css from './room.module.css';
import { Split } from './split.tsx';
import { isKnown } from './table/columns.ts';
import { useKept } from './table/remembered-columns.ts';
import { TablePane } from './table/table-pane.tsx';
import { useColumns } from './table/use-columns.ts';
import { useSelection } from './table/use-selection.ts';
import { Bar } from './toolbar/toolbar.tsx';
import { useExperiments, useNamesOf } from './use-experiments.ts';

const DENSITIES = ['compact', 'comfortable'] as const;

/** `experimentIds`: numbers with commas between them; all runs of the team unless given. */
export function RunsRoom({ experimentIds: idText = '' }: { experimentIds?: string }) {
  const team = useTeam();
  const [filter, setFilter] = useParam('filter');
  const [sort, setSort] = useParam('sort');
  const [shown, setShown] = useParam('show');
  const [group] = useParam('group');
  const [view, setView] = useParam('view', window.innerWidth < 1000 ? 'table' : 'both');
  const [live, setLive] = useState(true);
  const [density, setDensity] = useKept('runledger.density', DENSITIES);
  const field = useRef<HTMLInputElement>(null);
  const experimentIds = useMemo(() => (idText ? idText.split(',') : null), [idText]);
  const room = `${team.slug}.${idText || 'all'}`;
  const selection = useSelection(room);
  const { selected, select, clear, at, setAt, hidden, toggle } = selection;
  // Rows come first; what pickers offer is asked for once they stand.
  const [painted, setPainted] = useState(false);
  const { experimentId, title, nameOf, isNamed, gone } = useExperiments(team.slug, experimentIds, painted);
  const keys = useRunKeys(team.slug, experimentIds, painted);
  const { ids, columns, setColumns, pinned, setPinned } = useColumns(room, keys.data, experimentId !== undefined);
  const by = useMemo(() => group.split(',').filter(isKnown).slice(0, 3), [group]);
  const deleted = shown === 'deleted';
  const asked: TableAsk = { team: team.slug, experimentIds, filter, sort, lifecycle: deleted ? 'DELETED' : 'ACTIVE', columns };
  const runs = useRunTable(asked, live);
  const { rows, total, tookMs, hasNextPage, isFetchingNextPage, fetchNextPage } = runs;
  // By its id, so that the keys stay at a run that others have come before.
  const cursor = useMemo(() => (at === null ? -1 : rows.findIndex(({ runId }) => runId === at)), [rows, at]);
  const setCursor = (index: number) => setAt(rows[index]?.runId ?? null);
  /** To the next or last one; with Shift both are ticked. */
  const move = (by: number, ticking: boolean) => {
    const next = Math.min(Math.max(cursor + by, 0), rows.length - 1);
    if (ticking)
      select(
        [rows[Math.max(cursor, 0)], rows[next]].flatMap((run) => run?.runId ?? []),
        true,
      );
    setCursor(next);
  };
  const charted = useCharted({ asked, rows, total, selected, hidden, by });
  const fault = runs.error instanceof ApiError ? runs.error : null;
  const answered = runs.data !== undefined || fault !== null;
  useEffect(() => {
    if (answered) setPainted(true);
  }, [answered]);
  const ofRows = useMemo(() => rows.flatMap(({ cells }) => String(cells['attributes.experiment'] ?? '') || []), [rows]);
  const laterName = useNamesOf(team.slug, ofRows, isNamed);
  const experimentName = useCallback((id: string) => (isNamed(id) ? nameOf(id) : (laterName(id) ?? id)), [isNamed, nameOf, laterName]);
  const nothing = rows.length === 0 && runs.data !== undefined && !filter && !deleted;
  const anyRun = useAnyRun(team.slug, nothing);
  const hrefOf = useCallback((run: TableRow) => to('t', team.slug, 'runs', run.runId), [team.slug]);
  const more = useMemo(
    () => (hasNextPage && !isFetchingNextPage ? () => void fetchNextPage() : null),
    [hasNextPage, isFetchingNextPage, fetchNextPage],
  );
  useKeys({
    '/': () => field.current?.focus(),
    j: () => move(1, false),
    k: () => move(-1, false),
    J: () => move(1, true),
    K: () => move(-1, true),
    x: () => rows[cursor] && select([rows[cursor].runId], !selected.has(rows[cursor].runId)),
    Enter: () => rows[cursor] && go(hrefOf(rows[cursor])),
    c: () => selected.size > 1 && compare(team.slug, [...selected]),
    h: () => rows[cursor] && toggle(rows[cursor].runId),
    Escape: () => selected.size > 0 && clear(),
    t: () => setView('table', { replace: true }),
    b: () => setView('both', { replace: true }),
    g: () => setView('charts', { replace: true }),
  });

  if (gone) {
    return (
      <Empty title="No such experiment">
        <p>It may have been removed for good, or belong to another team.</p>
        <a href={to('t', team.slug, 'experiments')}>All experiments</a>
      </Empty>
    );
  }
  if (nothing && anyRun.data === false) return <FirstSteps />;
  if (nothing && experimentIds && keys.data?.empty) return <FirstSteps experiment={experimentId && title ? title : undefined} />;

  const table = (
    <TablePane
      {...{ asked, runs, selection, charted, cursor, setCursor, by, title, columns, pinned, setPinned, setColumns, density, sort, more, hrefOf }}
      undecided={nothing && (anyRun.data === undefined || keys.data === undefined)}
      setSort={(next) => setSort(next, { replace: true })}
      applyFilter={setFilter}
      experimentName={experimentName}
      sizeKey={room}
    />
  );
  const charts = <ChartsPane {...{ asked, charted, hidden, columns, total, live }} ticked={selected} showAll={() => toggle()} keys={keys.data} />;
  return (
    <div className={css.runs}>
      <Bar
        {...{ title, experimentIds, total, tookMs, filter, deleted, live, setLive, view, by, ids, setColumns, density, setDensity }}
        keys={keys.data}
        setView={(next) => setView(next, { replace: true })}
        ready={painted}
        exportAll={(format) => void exportRuns(asked, null, total ?? 0, format, title)}
      />
      <FilterBar {...{ fault, field, experimentIds }} team={team.slug} value={filter} apply={setFilter} keys={keys.data} />
      {deleted && (
        <p className={css.banner}>
          Deleted runs.{' '}
          <button type="button" className={buttonsCss.link} onClick={() => setShown(null)}>
            Back to the active ones
          </button>
        </p>
      )}
      {view === 'table' ? table : view === 'charts' ? charts : <Split left={table} right={charts} />}
    </div>
  );
}
