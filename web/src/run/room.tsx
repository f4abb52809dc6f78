// One run: its header and tabs. Reads the run once; tabs read what only they show.

import { ActionIcon, Button, Menu, Modal, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import clsx from 'clsx';
import { type FormEvent, lazy, Suspense, useCallback, useEffect, useMemo, useState } from 'react';
import { DeleteRunsDocument, RestoreRunsDocument, RunDocument, type RunQuery, UpdateRunDocument } from '../api/documents.gen.ts';
import { keys } from '../api/keys.ts';
import { useLivePoints } from '../api/series.ts';
import { ask } from '../api/session.ts';
import { Board } from '../charts/board.tsx';
import { colourOf } from '../format.ts';
import { go, to } from '../router.ts';
import { useCan, useTeam } from '../shell/team.ts';
import { useAct } from '../ui/act.ts';
import { ErrorBoundary } from '../ui/error-boundary.tsx';
import flagCss from '../ui/flag.module.css';
import formCss from '../ui/form.module.css';
import { Icon } from '../ui/icons.tsx';
import pageCss from '../ui/page.module.css';
import { useKeys } from '../ui/shortcuts.ts';
import { Empty, Loaded, Rows } from '../ui/states.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { Ago, Dot, Id, Status, Took } from '../ui/values.tsx';
import { Commit } from './commit.tsx';
import { Overview } from './overview.tsx';
import css from './room.module.css';

const Artifacts = lazy(() => import('./artifacts.tsx').then((m) => ({ default: m.Artifacts })));
const Children = lazy(() => import('./children.tsx').then((m) => ({ default: m.Children })));
const RunModels = lazy(() => import('./run-models.tsx').then((m) => ({ default: m.RunModels })));

export type FullRun = NonNullable<RunQuery['run']>;
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
    queryKey: keys.run(runId),
    queryFn: async ({ signal }) => (await ask(RunDocument, { runId }, signal)).run,
    refetchInterval: ({ state }) => (state.data?.status === 'RUNNING' || state.data?.status === 'SCHEDULED' ? 3_000 : false),
  });
  const running = run.data?.status === 'RUNNING';
  useLivePoints(
    run.data?.team.slug ?? '',
    useMemo(() => (running ? [runId] : []), [running, runId]),
    useCallback(() => void queries.invalidateQueries({ queryKey: keys.run(runId) }), [queries, runId]),
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

function Header({ run }: { run: FullRun }) {
  const team = useTeam();
  const act = useAct();
  const mayChange = useCan('run:write');
  const [renaming, setRenaming] = useState(false);
  const again = [keys.run(run.runId), keys.runs(team.slug)];
  const runIds = [run.runId];
  const remove = () => ask(DeleteRunsDocument, { runIds });
  const restore = () => ask(RestoreRunsDocument, { runIds });
  const deleted = run.lifecycle === 'DELETED';
  return (
    <header className={css.runHead}>
      <p className={pageCss.crumbs}>
        <a href={to('t', run.team.slug, 'experiments', run.experiment.experimentId)}>{run.experiment.name}</a>
        {run.parent && (
          <>
            <Icon name="right" size={11} />
            <a href={to('t', run.team.slug, 'runs', run.parent.runId)}>{run.parent.name}</a>
          </>
        )}
      </p>
      <div className={css.runTitle}>
        <Dot colour={colourOf(run.runId)} />
        <h1>{run.name}</h1>
        <Status status={run.status} />
        {deleted && <span className={clsx(flagCss.flag, flagCss.bad)}>Deleted</span>}
        <span className="grow" />
        {mayChange && deleted && (
          <Button variant="default" onClick={() => void act(restore, { done: 'Restored', again })}>
            Restore
          </Button>
        )}
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon variant="default" aria-label="Actions on this run">
              <Icon name="more" />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {mayChange && <Menu.Item onClick={() => setRenaming(true)}>Rename</Menu.Item>}
            {mayChange && !deleted && (
              <Menu.Item onClick={() => void act(remove, { done: `Deleted ${run.name}`, undo: restore, again })}>Delete</Menu.Item>
            )}
            <Menu.Item onClick={() => go(to('t', run.team.slug, 'experiments', run.experiment.experimentId))}>
              All runs of {run.experiment.name}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
      <dl className={pageCss.facts}>
        <Fact name="Started">
          <Ago when={run.startedAt} />
        </Fact>
        <Fact name="Took">
          <Took run={run} />
        </Fact>
        <Fact name="User">{run.user ?? run.createdBy?.name ?? '–'}</Fact>
        <Fact name="Id">
          <Id id={run.runId} />
        </Fact>
        {run.source.gitCommit && (
          <Fact name="Commit">
            <Commit source={run.source} />
          </Fact>
        )}
      </dl>
      {renaming && <Rename run={run} close={() => setRenaming(false)} />}
    </header>
  );
}

export function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Rename({ run, close }: { run: FullRun; close: () => void }) {
  const act = useAct();
  const [name, setName] = useState(run.name);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (
      await act(() => ask(UpdateRunDocument, { runId: run.runId, name: name.trim() }), {
        done: 'Renamed',
        again: [keys.run(run.runId), keys.runs(run.team.slug)],
      })
    )
      close();
  };
  return (
    <Modal opened onClose={close} title="Rename the run" size="sm">
      <form className={formCss.form} onSubmit={(event) => void submit(event)}>
        <TextInput data-autofocus label="Name" required withAsterisk={false} value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <Button type="submit">Rename</Button>
      </form>
    </Modal>
  );
}
