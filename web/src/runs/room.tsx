// The runs of an experiment, of several, or of the team: filter, table and charts side by side. What is worth sharing stands in the address.

import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { ApiError } from '../api/client.ts';
import { ExperimentDocument, ExperimentsDocument } from '../api/documents.gen.ts';
import { keys as queryKeys } from '../api/keys.ts';
import { useAnyRun, useRunKeys } from '../api/runs.ts';
import { useLivePoints } from '../api/series.ts';
import { ask } from '../api/session.ts';
import { type TableAsk, type TableRow, useRunTable } from '../api/table.ts';
import { Board } from '../charts/board.tsx';
import type { ChartRun } from '../charts/line-card.tsx';
import { colourOf, plural } from '../format.ts';
import { go, patchQuery, to, useParam } from '../router.ts';
import { useTeam } from '../shell/team.ts';
import buttonsCss from '../ui/buttons.module.css';
import { useKeys } from '../ui/shortcuts.ts';
import { Empty, ErrorState, Rows } from '../ui/states.tsx';
import { columnOf, defaultColumns, isKnown } from './columns.ts';
import { FilterBar } from './filter-bar.tsx';
import { FirstSteps } from './first-steps.tsx';
import { Groups } from './group-table.tsx';
import { forgetColumns, useKept, useRememberedColumns, useUsual } from './remembered-columns.ts';
import css from './room.module.css';
import { BulkBar, compare, exportRuns } from './selection-bar.tsx';
import { Split } from './split.tsx';
import { RunsTable } from './table.tsx';
import { Bar } from './toolbar.tsx';

/** Charts follow the selection, else the first rows; more lines than this nobody tells apart. */
const CHARTED = 10;
const CHARTED_SELECTED = 100;
const NONE: readonly string[] = [];
const DENSITIES = ['compact', 'comfortable'] as const;

function useExperiments(team: string, enabled: boolean) {
  return useQuery({
    queryKey: queryKeys.experimentNames(team),
    enabled,
    staleTime: 60_000,
    queryFn: async ({ signal }) => (await ask(ExperimentsDocument, { team, lifecycle: 'ACTIVE', first: 500 }, signal)).team?.experiments.nodes ?? [],
  });
}

/** `experimentIds`: numbers with commas between them; all runs of the team unless given. */
export function RunsRoom({ experimentIds: idText = '' }: { experimentIds?: string }) {
  const team = useTeam();
  const [filter, setFilter] = useParam('filter');
  const [sort, setSort] = useParam('sort');
  const [cols, setCols] = useParam('cols', 'default');
  const [pin, setPin] = useParam('pin');
  const [shown, setShown] = useParam('show');
  const [saved] = useParam('saved');
  const [group] = useParam('group');
  const narrow = window.innerWidth < 1000;
  const [view, setView] = useParam('view', narrow ? 'table' : 'both');
  const [live, setLive] = useState(true);
  const [density, setDensity] = useKept('runledger.density', DENSITIES);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [cursor, setCursor] = useState(-1);
  const field = useRef<HTMLInputElement>(null);
  const experimentIds = useMemo(() => (idText ? idText.split(',') : null), [idText]);
  const experimentId = experimentIds?.length === 1 ? experimentIds[0] : undefined;
  const room = `${team.slug}.${idText || 'all'}`;

  const experiment = useQuery({
    queryKey: queryKeys.experiment(team.slug, experimentId),
    enabled: experimentId !== undefined,
    queryFn: async ({ signal }) => (await ask(ExperimentDocument, { team: team.slug, id: experimentId! }, signal)).team?.experiment ?? null,
  });
  // Rows come first; what pickers offer is asked for once they stand.
  const [painted, setPainted] = useState(false);
  const experiments = useExperiments(team.slug, painted);
  const names = useMemo(() => new Map((experiments.data ?? []).map((one) => [one.experimentId, one.name])), [experiments.data]);
  const experimentName = useCallback((id: string) => names.get(id) ?? id, [names]);
  const title = !experimentIds
    ? 'All runs'
    : experimentId
      ? (experiment.data?.name ?? names.get(experimentId) ?? '')
      : experimentIds.map(experimentName).join(', ');
  useEffect(() => {
    document.title = `${title || 'Runs'} · Runledger`;
  }, [title]);

  useRememberedColumns(room, { cols: cols === 'default' ? null : cols, pin: pin || null, ofView: saved !== '' });
  const keys = useRunKeys(team.slug, experimentIds, painted);
  const usual = useUsual(
    room,
    useMemo(() => defaultColumns(keys.data, experimentId !== undefined), [keys.data, experimentId]),
    keys.data !== undefined,
  );
  const ids = useMemo(() => (cols === 'default' ? usual : cols.split(',').filter(isKnown)), [cols, usual]);
  // Pinned ones stand first.
  const pinText = pin
    .split(',')
    .filter((id) => ids.includes(id))
    .join(',');
  const pinned = useMemo<ReadonlySet<string>>(() => new Set(pinText.split(',').filter(Boolean)), [pinText]);
  const columnText = [...pinned, ...ids.filter((id) => !pinned.has(id))].join(',');
  // The ids as text, so that polling the keys draws nothing anew.
  const columns = useMemo(() => columnText.split(',').filter(Boolean).map(columnOf), [columnText]);
  const by = useMemo(() => group.split(',').filter(isKnown).slice(0, 3), [group]);
  const deleted = shown === 'deleted';
  const asked: TableAsk = { team: team.slug, experimentIds, filter, sort, lifecycle: deleted ? 'DELETED' : 'ACTIVE', columns };
  const runs = useRunTable(asked, live);
  const { rows, total, tookMs, news, showNews } = runs;
  const fault = runs.error instanceof ApiError ? runs.error : null;
  const answered = runs.data !== undefined || fault !== null;
  useEffect(() => {
    if (answered) setPainted(true);
  }, [answered]);
  const nothing = rows.length === 0 && runs.data !== undefined && !filter && !deleted;
  const anyRun = useAnyRun(team.slug, nothing);

  const select = useCallback((runIds: string[], on: boolean) => {
    setSelected((before) => {
      const next = new Set(before);
      for (const id of runIds) on ? next.add(id) : next.delete(id);
      return next;
    });
  }, []);
  const setColumns = useCallback(
    (next: string[] | null) => {
      if (next === null) {
        forgetColumns(room);
        patchQuery({ cols: null, pin: null }, { replace: true });
      } else setCols(next.join(',') || 'none', { replace: true });
    },
    [setCols, room],
  );
  const setPinned = useCallback((next: string[]) => setPin(next.join(','), { replace: true }), [setPin]);
  const hrefOf = useCallback((run: TableRow) => to('t', team.slug, 'runs', run.runId), [team.slug]);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = runs;
  const more = useMemo(
    () => (hasNextPage && !isFetchingNextPage ? () => void fetchNextPage() : null),
    [hasNextPage, isFetchingNextPage, fetchNextPage],
  );
  useKeys({
    '/': () => field.current?.focus(),
    j: () => setCursor(Math.min(cursor + 1, rows.length - 1)),
    k: () => setCursor(Math.max(cursor - 1, 0)),
    x: () => rows[cursor] && select([rows[cursor].runId], !selected.has(rows[cursor].runId)),
    Enter: () => rows[cursor] && go(hrefOf(rows[cursor])),
    c: () => selected.size > 1 && compare(team.slug, [...selected]),
    Escape: () => setSelected(new Set()),
    t: () => setView('table', { replace: true }),
    b: () => setView('both', { replace: true }),
    g: () => setView('charts', { replace: true }),
  });

  const charted = useMemo<ChartRun[]>(() => {
    const ticked = rows.filter(({ runId }) => selected.has(runId));
    const chosen = ticked.length > 0 ? ticked.slice(0, CHARTED_SELECTED) : rows.slice(0, CHARTED);
    return chosen.map(({ runId, name, startedAt }) => ({ runId, name, startedAt, colour: colourOf(runId) }));
  }, [rows, selected]);
  const chartedText = JSON.stringify(charted);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a row that only got new values is no other run
  const chartRuns = useMemo(() => charted, [chartedText]);
  const running = useMemo(() => rows.filter(({ status }) => status === 'RUNNING').map(({ runId }) => runId), [rows]);
  useLivePoints(team.slug, live && view !== 'table' ? running : (NONE as string[]));
  const metrics = useMemo(() => {
    const first = columns.filter(({ kind }) => kind === 'metrics').map(({ key }) => key);
    return [...new Set([...first, ...(keys.data?.metrics ?? []).map(({ key }) => key)])];
  }, [columns, keys.data]);

  if (experimentId && experiment.data === null) {
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
    <div className={css.pane} aria-busy={runs.isPlaceholderData}>
      {by.length > 0 && !fault ? (
        <Groups team={team.slug} experimentIds={experimentIds} filter={filter} lifecycle={deleted ? 'DELETED' : 'ACTIVE'} by={by} columns={columns} />
      ) : runs.data === undefined || (nothing && (anyRun.data === undefined || keys.data === undefined)) ? (
        fault && !filter ? (
          <ErrorState error={fault} again={() => void runs.refetch()} />
        ) : fault ? (
          <Empty title="The filter has a mistake">
            <p>It is underlined above.</p>
          </Empty>
        ) : (
          <Rows count={16} />
        )
      ) : rows.length === 0 ? (
        <Empty title={deleted ? 'No deleted runs' : filter ? 'No run matches' : 'No runs'}>
          {filter ? (
            <Button variant="default" onClick={() => setFilter(null)}>
              Clear the filter
            </Button>
          ) : (
            <p>{deleted ? 'What is deleted can be restored here.' : 'They appear here as they start.'}</p>
          )}
        </Empty>
      ) : (
        <RunsTable
          {...{ rows, columns, pinned, setPinned, density, sort, selected, select, cursor, setCursor, more, hrefOf, experimentName, total }}
          setSort={(next) => setSort(next, { replace: true })}
          setColumns={setColumns}
          loadingMore={isFetchingNextPage}
          sizeKey={room}
        />
      )}
      {news > 0 && (
        <button type="button" className={css.news} onClick={showNews}>
          {plural(news, 'new run')}. Show from the first
        </button>
      )}
      {selected.size > 0 && <BulkBar {...{ selected, select, total, asked, title }} loaded={rows.length} clear={() => setSelected(new Set())} />}
    </div>
  );
  const charts = (
    <div className={css.chartsPane}>
      <p className={css.chartsOf}>
        {chartRuns.some(({ runId }) => selected.has(runId))
          ? `The ${chartRuns.length} selected`
          : `The first ${plural(chartRuns.length, 'run')} of the table`}
        {selected.size === 0 && rows.length > CHARTED ? '; tick some to draw those' : ''}
      </p>
      <Board team={team.slug} runs={chartRuns} metrics={metrics} group="runs" compact settle={keys.data !== undefined} />
    </div>
  );

  return (
    <div className={css.runs}>
      <Bar
        {...{ title, experimentIds, total, tookMs, filter, deleted, live, setLive, view, by, ids, setColumns, density, setDensity }}
        experiments={experiments.data ?? []}
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
