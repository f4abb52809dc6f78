// One run: its header and tabs. Reads the run once; tabs read what only they show.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useMemo } from 'react';
import { RunDocument } from '../api/documents.gen.ts';
import { useLivePoints } from '../api/live-points.ts';
import { queryKeys } from '../api/query-keys.ts';
import { ask } from '../api/session.ts';
import { Board } from '../charts/board.tsx';
import { colourOf } from '../format.ts';
import { go, to } from '../router.ts';
import { useTeam } from '../shell/team.ts';
import { ErrorBoundary } from '../ui/feedback/error-boundary.tsx';
import { Empty, Loaded, Rows } from '../ui/feedback/states.tsx';
import { useKeys } from '../ui/shortcuts.ts';
import { Tabs } from '../ui/tabs.tsx';
import type { FullRun } from './full-run.ts';
import { Header } from './header.tsx';
import { Overview } from './overview.tsx';

const Artifacts = lazy(() => import('./artifacts/artifacts.tsx').then((m) => ({ default: m.Artifacts })));

const Children = lazy(() => import('./children.tsx').then((m) => ({ default: m.Children })));

const RunModels = lazy(() => import('./run-models.tsx').then((m) => ({ default: m.RunModels })));

const TABS = [
  ['overview', 'Overview'],
  ['charts', 'Charts'],
  ['artifacts', 'Artifacts'],
  ['model', 'Model'],
  ['children', 'Nested'],
] as const;

export function RunRoom({ runId, tab }: { runId: string; tab: string }) {
  const queries = useQueryClient();
  const team = useTeam();
  const run = useQuery({
    queryKey: queryKeys.run(runId),
    queryFn: async ({ signal }) => (await ask(RunDocument, { runId }, signal)).run,
    refetchInterval: ({ state }) => (state.data?.status === 'RUNNING' || state.data?.status === 'SCHEDULED' ? 3_000 : false),
  });
  const running = run.data?.status === 'RUNNING';
  useLivePoints(
    run.data?.team.slug ?? '',
    useMemo(() => [{ runId, running }], [running, runId]),
    { onNew: () => void queries.invalidateQueries({ queryKey: queryKeys.run(runId) }) },
  );
  useEffect(() => {
    document.title = `${run.data?.name ?? 'Run'} · Runledger`;
  }, [run.data?.name]);
  // An address without a team, as MLflow's client prints it, finds runs of any team of yours.
  const owner = run.data?.team.slug;
  useEffect(() => {
    if (owner && owner !== team.slug) go(to('t', owner, 'runs', runId), { replace: true });
  }, [owner, team.slug, runId]);
  return (
    <Loaded of={run} rows={14}>
      {(found) =>
        found ? (
          <Found run={found} tab={tab} />
        ) : (
          <Empty title="No such run">
            <p>It may have been removed for good, or belong to a team that you are not in.</p>
            <a href="#/">Your runs</a>
          </Empty>
        )
      }
    </Loaded>
  );
}

function Found({ run, tab }: { run: FullRun; tab: string }) {
  const slug = run.team.slug;
  const models = run.outputs.length + run.inputs.models.length || run.modelVersions.length;
  const nested = Number(run.children.totalCount);
  const tabs = TABS.filter(([name]) => (name === 'model' ? models > 0 : name === 'children' ? nested > 0 : true));
  const at = tabs.findIndex(([name]) => name === tab);
  const visit = (index: number) => {
    const name = tabs[(index + tabs.length) % tabs.length]![0];
    go(to('t', slug, 'runs', run.runId, ...(name === 'overview' ? [] : [name])), { replace: true });
  };
  useKeys({ ArrowRight: () => visit(at + 1), ArrowLeft: () => visit(at - 1) });
  const numbers: Record<string, number> = { charts: run.metrics.length, model: models, children: nested };
  return (
    <div>
      <Header run={run} />
      <Tabs
        label="Of this run"
        current={tab}
        tabs={tabs.map(([name, label]) => ({
          name,
          href: to('t', slug, 'runs', run.runId, ...(name === 'overview' ? [] : [name])),
          label: (
            <>
              {label}
              {numbers[name] ? <span className="dim">{numbers[name]}</span> : null}
            </>
          ),
        }))}
      />
      <ErrorBoundary address={tab}>
        <Suspense fallback={<Rows />}>
          <Tab run={run} tab={tab} />
        </Suspense>
      </ErrorBoundary>
    </div>
  );
}

function Tab({ run, tab }: { run: FullRun; tab: string }) {
  const metricText = run.metrics.map(({ key }) => key).join('\n');
  const metrics = useMemo(() => metricText.split('\n').filter(Boolean), [metricText]);
  const runs = useMemo(
    () => [{ runId: run.runId, name: run.name, colour: colourOf(run.runId), startedAt: run.startedAt }],
    [run.runId, run.name, run.startedAt],
  );
  if (tab === 'charts') return <Board team={run.team.slug} runs={runs} metrics={metrics} group={run.runId} />;
  if (tab === 'artifacts') return <Artifacts of={{ kind: 'run', id: run.runId }} root={run.artifactUri} />;
  if (tab === 'model') return <RunModels run={run} />;
  if (tab === 'children') return <Children run={run} />;
  return <Overview run={run} />;
}
