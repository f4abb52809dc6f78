// Runs side by side: their curves over each other, what differs between them, how values hang together, and their files.
import { lazy, Suspense, useEffect, useMemo } from 'react';
import { type RunRow, useFullRuns } from '../api/runs.ts';
import { useSlots } from '../charts/use-slots.ts';
import { plural } from '../format.ts';
import { to, useParam, usePlace, withQuery } from '../router.ts';
import { MAX_COMPARED } from '../runs/compare-runs.ts';
import { useTeam } from '../shell/team.ts';
import { ErrorBoundary } from '../ui/feedback/error-boundary.tsx';
import { Empty, Loaded, Rows } from '../ui/feedback/states.tsx';
import pageCss from '../ui/page.module.css';
import { Tabs } from '../ui/tabs.tsx';
import { Curves } from './curves.tsx';
import { Differences } from './differences.tsx';
import { type Grouping, groupingOf } from './groups.ts';
import { ColourBy, Legend } from './legend.tsx';
import css from './room.module.css';

const Parallel = lazy(() => import('../charts/across/parallel.tsx').then((m) => ({ default: m.Parallel })));
const Scatter = lazy(() => import('../charts/across/scatter.tsx').then((m) => ({ default: m.Scatter })));
const Boxes = lazy(() => import('../charts/across/box-plot.tsx').then((m) => ({ default: m.Boxes })));
const ComparedArtifacts = lazy(() => import('./artifacts.tsx').then((m) => ({ default: m.ComparedArtifacts })));
const TABS = [
  ['charts', 'Charts'],
  ['table', 'Differences'],
  ['parallel', 'Parallel'],
  ['scatter', 'Scatter'],
  ['box', 'Box'],
  ['artifacts', 'Artifacts'],
] as const;

export function CompareRoom() {
  const team = useTeam();
  const { query } = usePlace();
  const [tab] = useParam('tab', 'charts');
  const [by] = useParam('by');
  const text = query.get('runs') ?? '';
  const ids = useMemo(() => [...new Set(text.split(',').filter((id) => /^[0-9a-f]{32}$/.test(id)))].slice(0, MAX_COMPARED), [text]);
  const runs = useFullRuns(team.slug, ids);
  const rows = runs.data;
  const slots = useSlots(useMemo(() => rows?.map(({ runId }) => runId) ?? [], [rows]));
  const grouping = useMemo(() => groupingOf(rows ?? [], by, slots), [rows, by, slots]);
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
    <div className={css.compare}>
      <div className={pageCss.bar}>
        <h1>Compare {plural(ids.length, 'run')}</h1>
        {rows && rows.length < ids.length && <span className="dim">{plural(ids.length - rows.length, 'of them is', 'of them are')} not here</span>}
        <span className="grow" />
        {rows && <ColourBy rows={rows} />}
      </div>
      <Tabs label="Of this comparison" current={tab} tabs={TABS.map(([name, label]) => ({ name, label, href: href(name) }))} />
      <Loaded of={runs}>
        {(found) => (
          <>
            <Legend rows={found} ids={ids} grouping={grouping} />
            <ErrorBoundary address={tab}>
              <Suspense fallback={<Rows />}>
                {found.length === 0 ? <Empty title="None of these runs is here" /> : <View rows={found} tab={tab} grouping={grouping} />}
              </Suspense>
            </ErrorBoundary>
          </>
        )}
      </Loaded>
    </div>
  );
}

function View({ rows, tab, grouping }: { rows: RunRow[]; tab: string; grouping: Grouping }) {
  if (tab === 'table') return <Differences rows={rows} grouping={grouping} />;
  if (tab === 'parallel') return <Parallel rows={rows} grouping={grouping} />;
  if (tab === 'scatter') return <Scatter rows={rows} grouping={grouping} />;
  if (tab === 'box') return <Boxes rows={rows} />;
  if (tab === 'artifacts') return <ComparedArtifacts rows={rows} grouping={grouping} />;
  return <Curves rows={rows} grouping={grouping} />;
}
