// What stands above the tabs of a run: name, status, facts, and what can be done with it.
import { ActionIcon, Button, Menu } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import clsx from 'clsx';
import { useState } from 'react';
import { queryKeys } from '../api/query-keys.ts';
import { colourOf } from '../format.ts';
import { go, to } from '../router.ts';
import { useLifecycle } from '../runs/toolbar/use-lifecycle.ts';
import { useCan } from '../shell/team.ts';
import flagCss from '../ui/flag.module.css';
import { Icon } from '../ui/icons.tsx';
import pageCss from '../ui/page.module.css';
import { Ago, Dot, Id, Status, Took } from '../ui/tables/values.tsx';
import { Commit } from './commit.tsx';
import type { FullRun } from './full-run.ts';
import css from './header.module.css';
import { Rename } from './rename-run.tsx';

export function Header({ run }: { run: FullRun }) {
  const queries = useQueryClient();
  const lifecycle = useLifecycle();
  const mayChange = useCan('run:write');
  const [renaming, setRenaming] = useState(false);
  const swap = async (how: 'remove' | 'restore') => {
    await lifecycle[how]([run.runId], run.name);
    await queries.invalidateQueries({ queryKey: queryKeys.run(run.runId) });
  };
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
          <Button variant="default" onClick={() => void swap('restore')}>
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
            {mayChange && !deleted && <Menu.Item onClick={() => void swap('remove')}>Delete</Menu.Item>}
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
