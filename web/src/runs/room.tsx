// The runs of an experiment, or of the team: filter, table and charts side by side. What is worth sharing stands in the address.
import { ActionIcon, Button, Menu, SegmentedControl, Tooltip } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { ApiError } from '../api/client.ts';
import { ExperimentDocument, ExperimentsDocument } from '../api/documents.gen.ts';
import { type RunRow, useAnyRun, useRunKeys, useRuns } from '../api/runs.ts';
import { useLivePoints } from '../api/series.ts';
import { ask } from '../api/session.ts';
import { Board } from '../charts/board.tsx';
import type { ChartRun } from '../charts/card.tsx';
import { colourOf, count, plural } from '../format.ts';
import { Icon } from '../parts/icons.tsx';
import { useKeys } from '../parts/keys.ts';
import { Empty, ErrorState, Rows } from '../parts/states.tsx';
import { copy } from '../parts/values.tsx';
import { go, patchQuery, to, useParam } from '../router.ts';
import { useTeam } from '../shell/team.ts';
import { BulkBar, compare } from './bulk.tsx';
import { ColumnPicker } from './column-picker.tsx';
import { columnOf, defaultColumns, isKnown } from './columns.ts';
import { FilterBar } from './filter-bar.tsx';
import { FirstSteps } from './first-steps.tsx';
import { GroupPicker, Groups } from './groups.tsx';
import { Split } from './split.tsx';
import { RunsTable } from './table.tsx';

/** Charts follow the selection, else the first rows; more lines than this nobody tells apart. */
const CHARTED = 10;
const CHARTED_SELECTED = 50;
const NONE: readonly string[] = [];

function useExperiments(team: string) {
  return useQuery({
    queryKey: ['experiments', team, 'names'],
    staleTime: 60_000,
    queryFn: async ({ signal }) => (await ask(ExperimentsDocument, { team, lifecycle: 'ACTIVE', first: 500 }, signal)).team?.experiments.nodes ?? [],
  });
}

export function RunsRoom({ experimentId }: { experimentId?: string }) {
  const team = useTeam();
  const anyRun = useAnyRun(team.slug);
  if (anyRun.error && anyRun.data === undefined) return <ErrorState error={anyRun.error} again={() => void anyRun.refetch()} />;
  if (anyRun.data === undefined) {
    return (
      <div className="page">
        <Rows />
      </div>
    );
  }
  return anyRun.data ? <Filled experimentId={experimentId} /> : <FirstSteps />;
}

function Filled({ experimentId }: { experimentId: string | undefined }) {
  const team = useTeam();
  const [filter, setFilter] = useParam('filter');
  const [sort, setSort] = useParam('sort');
  const [cols, setCols] = useParam('cols', 'default');
  const [shown, setShown] = useParam('show');
  const [group] = useParam('group');
  const narrow = window.innerWidth < 1000;
  const [view, setView] = useParam('view', narrow ? 'table' : 'both');
  const [live, setLive] = useState(true);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [cursor, setCursor] = useState(-1);
  const field = useRef<HTMLInputElement>(null);
  const experimentIds = useMemo(() => (experimentId ? [experimentId] : null), [experimentId]);

  const experiment = useQuery({
    queryKey: ['experiments', team.slug, experimentId],
    enabled: experimentId !== undefined,
    queryFn: async ({ signal }) => (await ask(ExperimentDocument, { team: team.slug, id: experimentId! }, signal)).team?.experiment ?? null,
  });
  const experiments = useExperiments(team.slug);
  const names = useMemo(() => new Map((experiments.data ?? []).map((one) => [one.experimentId, one.name])), [experiments.data]);
  const experimentName = useCallback((id: string) => names.get(id) ?? id, [names]);
  const title = experimentId ? (experiment.data?.name ?? names.get(experimentId) ?? '') : 'All runs';
  useEffect(() => {
    document.title = `${title || 'Runs'} · Runledger`;
  }, [title]);

  const keys = useRunKeys(team.slug, experimentIds);
  const ids = useMemo(
    () => (cols === 'default' ? defaultColumns(keys.data, experimentId !== undefined) : cols.split(',').filter(isKnown)),
    [cols, keys.data, experimentId],
  );
  const idText = ids.join(',');
  // biome-ignore lint/correctness/useExhaustiveDependencies: the ids as text, so that polling the keys draws nothing anew
  const columns = useMemo(() => ids.map(columnOf), [idText]);
  const by = useMemo(() => group.split(',').filter(isKnown).slice(0, 3), [group]);
  const deleted = shown === 'deleted';
  const runs = useRuns({ team: team.slug, experimentIds, filter, sort, lifecycle: deleted ? 'DELETED' : 'ACTIVE', columns }, live);
  const { rows, total, tookMs } = runs;
  const fault = runs.error instanceof ApiError ? runs.error : null;

  const select = useCallback((runIds: string[], on: boolean) => {
    setSelected((before) => {
      const next = new Set(before);
      for (const id of runIds) on ? next.add(id) : next.delete(id);
      return next;
    });
  }, []);
  const setColumns = useCallback((next: string[] | null) => setCols(next === null ? null : next.join(',') || 'none', { replace: true }), [setCols]);
  const hrefOf = useCallback((run: RunRow) => to('t', team.slug, 'runs', run.runId), [team.slug]);
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
  if (experimentId && keys.data?.empty && total === 0 && !filter && !deleted) return <FirstSteps experiment={title || undefined} />;

  const table = (
    <div className="runs-pane" aria-busy={runs.isPlaceholderData}>
      {by.length > 0 && !fault ? (
        <Groups team={team.slug} experimentIds={experimentIds} filter={filter} lifecycle={deleted ? 'DELETED' : 'ACTIVE'} by={by} columns={columns} />
      ) : runs.data === undefined ? (
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
          {...{ rows, columns, sort, selected, select, cursor, setCursor, more, hrefOf, experimentName, total }}
          setSort={(next) => setSort(next, { replace: true })}
          setColumns={setColumns}
          loadingMore={isFetchingNextPage}
          sizeKey={`${team.slug}.${experimentId ?? 'all'}`}
        />
      )}
      {selected.size > 0 && <BulkBar {...{ selected, rows, deleted }} clear={() => setSelected(new Set())} />}
    </div>
  );
  const charts = (
    <div className="charts-pane">
      <p className="charts-of">
        {chartRuns.some(({ runId }) => selected.has(runId))
          ? `The ${chartRuns.length} selected`
          : `The first ${plural(chartRuns.length, 'run')} of the table`}
        {selected.size === 0 && rows.length > CHARTED ? '; tick some to draw those' : ''}
      </p>
      <Board team={team.slug} runs={chartRuns} metrics={metrics} group="runs" compact settle={keys.data !== undefined} />
    </div>
  );

  return (
    <div className="runs">
      <div className="runs-bar">
        <h1 className="runs-where">
          <Menu position="bottom-start">
            <Menu.Target>
              <button type="button" className="runs-switch" aria-label={`${title}, switch experiment`}>
                <span>{title || '…'}</span>
                <Icon name="down" size={13} />
              </button>
            </Menu.Target>
            <Menu.Dropdown mah={420} className="scroll-y">
              <Menu.Item onClick={() => go(to('t', team.slug, 'runs'))}>All runs</Menu.Item>
              <Menu.Divider />
              {(experiments.data ?? []).slice(0, 100).map((one) => (
                <Menu.Item key={one.id} onClick={() => go(to('t', team.slug, 'experiments', one.experimentId))}>
                  {one.name}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        </h1>
        <span className="runs-count dim" aria-live="polite">
          {total !== null && `${count(total)} ${deleted ? 'deleted ' : ''}${total === 1 ? 'run' : 'runs'}`}
          {filter && tookMs !== null && total !== null && ` · ${tookMs < 10 ? tookMs.toFixed(1) : Math.round(tookMs)} ms`}
        </span>
        <span className="grow" />
        <Tooltip label={live ? 'Moving as runs do. Pause' : 'Paused. Go on'}>
          <button type="button" className={live ? 'live on' : 'live'} aria-pressed={live} onClick={() => setLive(!live)}>
            <span className="live-dot" aria-hidden="true" />
            {live ? 'Live' : 'Paused'}
          </button>
        </Tooltip>
        <SegmentedControl
          className="runs-view"
          aria-label="View"
          value={view}
          onChange={(next) => setView(next, { replace: true })}
          data={[
            { value: 'table', label: 'Table' },
            { value: 'both', label: 'Both' },
            { value: 'charts', label: 'Charts' },
          ]}
        />
        <GroupPicker by={by} keys={keys.data} />
        <ColumnPicker shown={ids} change={setColumns} keys={keys.data} />
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon variant="default" aria-label="More">
              <Icon name="more" />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => void copy(window.location.href, 'Copied the link to this view')}>Copy the link to this view</Menu.Item>
            <Menu.Item onClick={() => patchQuery({ show: deleted ? null : 'deleted' })}>
              {deleted ? 'Show active runs' : 'Show deleted runs'}
            </Menu.Item>
            <Menu.Item disabled={!sort} onClick={() => setSort(null)}>
              Newest first
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
      <FilterBar value={filter} apply={setFilter} keys={keys.data} fault={fault} field={field} />
      {deleted && (
        <p className="banner">
          Deleted runs.{' '}
          <button type="button" className="link" onClick={() => setShown(null)}>
            Back to the active ones
          </button>
        </p>
      )}
      {view === 'table' ? table : view === 'charts' ? charts : <Split left={table} right={charts} />}
    </div>
  );
}
