// Runs side by side: their curves over each other, what differs between them, and how values hang together.
import { Switch, TextInput } from '@mantine/core';
import { lazy, Suspense, useEffect, useMemo, useState } from 'react';
import { type RunRow, useFullRuns } from '../api/runs.ts';
import { useLivePoints } from '../api/series.ts';
import { Board } from '../charts/board.tsx';
import { hover, useHovered } from '../charts/hover.ts';
import { colourOf, duration, full, plural, short } from '../format.ts';
import { Icon } from '../parts/icons.tsx';
import { Empty, Loaded, Rows } from '../parts/states.tsx';
import { Status } from '../parts/values.tsx';
import { patchQuery, to, useParam, usePlace, withQuery } from '../router.ts';
import { MAX_COMPARED } from '../runs/bulk.tsx';
import { useTeam } from '../shell/team.ts';

const Parallel = lazy(() => import('./parallel.tsx').then((m) => ({ default: m.Parallel })));
const Scatter = lazy(() => import('./scatter.tsx').then((m) => ({ default: m.Scatter })));
const TABS = [
  ['charts', 'Charts'],
  ['table', 'Differences'],
  ['parallel', 'Parallel'],
  ['scatter', 'Scatter'],
] as const;

export function CompareRoom() {
  const team = useTeam();
  const { query } = usePlace();
  const [tab] = useParam('tab', 'charts');
  const text = query.get('runs') ?? '';
  const ids = useMemo(() => [...new Set(text.split(',').filter((id) => /^[0-9a-f]{32}$/.test(id)))].slice(0, MAX_COMPARED), [text]);
  const runs = useFullRuns(team.slug, ids);
  useEffect(() => {
    document.title = `Compare ${plural(ids.length, 'run')} · Runledger`;
  }, [ids.length]);
  if (ids.length === 0) {
    return (
      <Empty title="Nothing to compare">
        <p>Tick two or more runs, then press Compare.</p>
        <a href={to('t', team.slug, 'runs')}>To the runs</a>
      </Empty>
    );
  }
  const href = (name: string) => withQuery(`${to('t', team.slug, 'compare')}?${query}`, { tab: name === 'charts' ? null : name });
  return (
    <div className="compare">
      <div className="page-bar">
        <h1>Compare {plural(ids.length, 'run')}</h1>
      </div>
      <nav className="tabs" aria-label="Of this comparison">
        {TABS.map(([name, label]) => (
          <a key={name} href={href(name)} aria-current={name === tab ? 'page' : undefined}>
            {label}
          </a>
        ))}
      </nav>
      <Loaded of={runs}>
        {(rows) => (
          <>
            <Legend rows={rows} ids={ids} />
            <Suspense fallback={<Rows />}>
              {rows.length === 0 ? <Empty title="None of these runs is here" /> : <View rows={rows} tab={tab} />}
            </Suspense>
          </>
        )}
      </Loaded>
    </div>
  );
}

function View({ rows, tab }: { rows: RunRow[]; tab: string }) {
  if (tab === 'table') return <Differences rows={rows} />;
  if (tab === 'parallel') return <Parallel rows={rows} />;
  if (tab === 'scatter') return <Scatter rows={rows} />;
  return <Curves rows={rows} />;
}

function Curves({ rows }: { rows: RunRow[] }) {
  const team = useTeam();
  const metricText = [...new Set(rows.flatMap((row) => [...row.metrics.keys()]))].sort().join('\n');
  const runText = JSON.stringify(rows.map(({ runId, name, startedAt }) => ({ runId, name, startedAt, colour: colourOf(runId) })));
  const metrics = useMemo(() => metricText.split('\n').filter(Boolean), [metricText]);
  const runs = useMemo(() => JSON.parse(runText), [runText]);
  useLivePoints(
    team.slug,
    rows.filter(({ status }) => status === 'RUNNING').map(({ runId }) => runId),
  );
  return <Board team={team.slug} runs={runs} metrics={metrics} group="compare" />;
}

function Legend({ rows, ids }: { rows: RunRow[]; ids: string[] }) {
  const team = useTeam();
  return (
    <ul className="legend" aria-label="Runs compared">
      {rows.map((row) => (
        <LegendItem
          key={row.runId}
          row={row}
          href={to('t', team.slug, 'runs', row.runId)}
          drop={() => patchQuery({ runs: ids.filter((id) => id !== row.runId).join(',') })}
        />
      ))}
    </ul>
  );
}

function LegendItem({ row, href, drop }: { row: RunRow; href: string; drop: () => void }) {
  const lit = useHovered(row.runId);
  return (
    <li className={lit ? 'chip lit' : 'chip'} onMouseEnter={() => hover(row.runId)} onMouseLeave={() => hover(null)}>
      <span className="dot" style={{ background: colourOf(row.runId) }} aria-hidden="true" />
      <a href={href}>{row.name}</a>
      <button type="button" aria-label={`Leave out ${row.name}`} onClick={drop}>
        <Icon name="close" size={10} />
      </button>
    </li>
  );
}

type Line = { kind: string; key: string; cells: (string | null)[]; show: (cell: string | null) => string; differs: boolean; best: number };

/** The lowest where the name says that less is better, else nothing: a table can't know what is good. */
const LESS_IS_BETTER = /loss|error|rmse|mse|mae|perplexity/i;
const MORE_IS_BETTER = /acc|auc|f1|precision|recall|r2|score|bleu|rouge|map\b/i;

function bestOf(key: string, cells: (string | null)[]): number {
  const values = cells.map((cell) => (cell === null ? Number.NaN : Number(cell)));
  const known = values.filter(Number.isFinite);
  if (known.length < 2 || new Set(known).size < 2) return -1;
  if (LESS_IS_BETTER.test(key)) return values.indexOf(Math.min(...known));
  return MORE_IS_BETTER.test(key) ? values.indexOf(Math.max(...known)) : -1;
}

function linesOf(rows: RunRow[]): Line[] {
  const line = (kind: string, key: string, cells: (string | null)[], show: Line['show'] = (cell) => cell ?? '–'): Line => ({
    kind,
    key,
    cells,
    show,
    differs: new Set(cells).size > 1,
    best: kind === 'Metrics' ? bestOf(key, cells) : -1,
  });
  const keys = (of: (row: RunRow) => Map<string, unknown>) => [...new Set(rows.flatMap((row) => [...of(row).keys()]))].sort();
  return [
    ...keys((row) => row.metrics).map((key) =>
      line(
        'Metrics',
        key,
        rows.map((row) => (row.metrics.has(key) ? full(row.metrics.get(key)!.last) : null)),
        (cell) => (cell === null ? '–' : short(cell)),
      ),
    ),
    ...keys((row) => row.params).map((key) =>
      line(
        'Params',
        key,
        rows.map((row) => row.params.get(key) ?? null),
      ),
    ),
    ...keys((row) => row.tags)
      .filter((key) => !key.startsWith('mlflow.'))
      .map((key) =>
        line(
          'Tags',
          key,
          rows.map((row) => row.tags.get(key) ?? null),
        ),
      ),
    line(
      'Run',
      'Duration',
      rows.map((row) => (row.durationMs === null ? null : String(row.durationMs))),
      (cell) => (cell === null ? '–' : duration(cell)),
    ),
    line(
      'Run',
      'User',
      rows.map((row) => row.user),
    ),
    line(
      'Run',
      'Commit',
      rows.map((row) => row.source.gitCommit),
      (cell) => cell?.slice(0, 8) ?? '–',
    ),
    line(
      'Run',
      'Source',
      rows.map((row) => row.source.name),
    ),
  ];
}

function Differences({ rows }: { rows: RunRow[] }) {
  const team = useTeam();
  const [all, setAll] = useParam('all');
  const [search, setSearch] = useState('');
  const lines = useMemo(() => linesOf(rows), [rows]);
  const shown = lines.filter((line) => (all || line.differs) && line.key.toLowerCase().includes(search.toLowerCase()));
  const kinds = [...new Set(shown.map(({ kind }) => kind))];
  return (
    <div className="page-part">
      <div className="page-bar">
        <TextInput
          placeholder="Filter"
          aria-label="Filter rows"
          leftSection={<Icon name="search" size={13} />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <Switch label="Only what differs" checked={!all} onChange={(event) => setAll(event.currentTarget.checked ? null : '1', { replace: true })} />
        <span className="dim">
          {shown.length} of {lines.length} rows
        </span>
      </div>
      {shown.length === 0 ? (
        <Empty title="No differences">
          <p>These runs have the same values throughout.</p>
        </Empty>
      ) : (
        <div className="scroll-both" tabIndex={0} role="group" aria-label="Differences, table">
          <table className="data differences">
            <thead>
              <tr>
                <th scope="col">Key</th>
                {rows.map((row) => (
                  <th key={row.runId} scope="col">
                    <span className="dot" style={{ background: colourOf(row.runId) }} aria-hidden="true" />
                    <a href={to('t', team.slug, 'runs', row.runId)}>{row.name}</a>
                    <Status status={row.status} text={false} />
                  </th>
                ))}
              </tr>
            </thead>
            {kinds.map((kind) => (
              <tbody key={kind}>
                <tr className="data-kind">
                  <th scope="rowgroup" colSpan={rows.length + 1}>
                    {kind}
                  </th>
                </tr>
                {shown
                  .filter((line) => line.kind === kind)
                  .map(({ key, cells, show, best }) => (
                    <tr key={key}>
                      <th scope="row">{key}</th>
                      {cells.map((cell, at) => (
                        <td
                          key={rows[at]!.runId}
                          className={at === best ? 'mono best' : 'mono'}
                          title={at === best ? `${cell} (the best of these)` : (cell ?? undefined)}
                        >
                          {cell === null ? <span className="absent">–</span> : show(cell)}
                        </td>
                      ))}
                    </tr>
                  ))}
              </tbody>
            ))}
          </table>
        </div>
      )}
    </div>
  );
}
