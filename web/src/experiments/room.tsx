// The experiments of a team: find, make, rename, delete and restore.
import { ActionIcon, Button, Menu, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { DeleteExperimentDocument, type ExperimentRowFragment, ExperimentsDocument, RestoreExperimentDocument } from '../api/documents.gen.ts';
import { containsText } from '../api/filter-text.ts';
import { nextCursor } from '../api/pages.ts';
import { queryKeys } from '../api/query-keys.ts';
import { ask } from '../api/session.ts';
import { go, to, useParam } from '../router.ts';
import { useCan, useTeam } from '../shell/team.ts';
import { useAct } from '../ui/feedback/act.ts';
import { Empty, Loaded } from '../ui/feedback/states.tsx';
import { Icon } from '../ui/icons.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import pageCss from '../ui/page.module.css';
import { useKeys } from '../ui/shortcuts.ts';
import listTableCss from '../ui/tables/list-table.module.css';
import { ACTIONS, ListTable, numeric } from '../ui/tables/list-table.tsx';
import { Ago, Copyable } from '../ui/tables/values.tsx';
import { NameForm } from './name-form.tsx';
import { RunsOf } from './run-count.tsx';

export function ExperimentsRoom() {
  const team = useTeam();
  const mayMake = useCan('experiment:write');
  const mayDelete = useCan('experiment:delete');
  const act = useAct();
  const [search, setSearch] = useParam('search');
  const [shown, setShown] = useParam('show');
  const [settled] = useDebouncedValue(search.trim(), 200);
  const [form, setForm] = useState<{ renaming: ExperimentRowFragment | null } | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const deleted = shown === 'deleted';
  useKeys({ '/': () => field.current?.focus() });
  useEffect(() => {
    document.title = 'Experiments · Runledger';
  }, []);
  const experiments = useInfiniteQuery({
    queryKey: queryKeys.experimentList(team.slug, settled, deleted),
    initialPageParam: null as string | null,
    placeholderData: keepPreviousData,
    queryFn: async ({ pageParam, signal }) =>
      (
        await ask(
          ExperimentsDocument,
          {
            team: team.slug,
            filter: settled ? containsText('name', settled) : null,
            lifecycle: deleted ? 'DELETED' : 'ACTIVE',
            after: pageParam,
          },
          signal,
        )
      ).team!.experiments,
    getNextPageParam: nextCursor,
  });
  const again = [queryKeys.experiments(team.slug), queryKeys.runs(team.slug)];
  const ref = (one: ExperimentRowFragment) => ({ team: team.slug, id: one.experimentId });
  const remove = (one: ExperimentRowFragment) =>
    void act(() => ask(DeleteExperimentDocument, ref(one)), {
      done: `Deleted ${one.name} with its runs`,
      undo: () => ask(RestoreExperimentDocument, ref(one)),
      again,
    });
  const restore = (one: ExperimentRowFragment) => void act(() => ask(RestoreExperimentDocument, ref(one)), { done: `Restored ${one.name}`, again });

  return (
    <div className={pageCss.page}>
      <div className={pageCss.bar}>
        <h1>Experiments</h1>
        <span className="grow" />
        <TextInput
          ref={field}
          placeholder="Find by name"
          aria-label="Find by name"
          leftSection={<Icon name="search" size={13} />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value, { replace: true })}
        />
        <Button variant="default" onClick={() => setShown(deleted ? null : 'deleted')}>
          {deleted ? 'Show active' : 'Show deleted'}
        </Button>
        {mayMake && (
          <Button leftSection={<Icon name="plus" size={13} />} onClick={() => setForm({ renaming: null })}>
            New experiment
          </Button>
        )}
      </div>
      <Loaded of={experiments}>
        {({ pages }) => {
          const rows = pages.flatMap(({ nodes }) => nodes);
          if (rows.length === 0) return <Empty title={settled ? `No experiment is called “${settled}”` : 'No experiments'} />;
          return (
            <>
              <ListTable label="Experiments" columns={['Name', numeric('Runs'), 'Last run', 'Changed', 'Id', ACTIONS]}>
                {rows.map((one) => (
                  <tr key={one.id}>
                    <td>
                      <a className="strong" href={to('t', team.slug, 'experiments', one.experimentId)}>
                        {one.name}
                      </a>
                      {one.notes && <span className={listTableCss.listNote}>{one.notes.split('\n')[0]}</span>}
                    </td>
                    <RunsOf id={one.experimentId} />
                    <td>
                      <Ago when={one.updatedAt} />
                    </td>
                    <td>
                      <Copyable text={one.experimentId} />
                    </td>
                    <td className={listTableCss.actionsCell}>
                      <Menu position="bottom-end">
                        <Menu.Target>
                          <ActionIcon aria-label={`Actions on ${one.name}`}>
                            <Icon name="more" />
                          </ActionIcon>
                        </Menu.Target>
                        <Menu.Dropdown>
                          {mayMake && <Menu.Item onClick={() => setForm({ renaming: one })}>Rename</Menu.Item>}
                          {mayDelete &&
                            (deleted ? (
                              <Menu.Item onClick={() => restore(one)}>Restore</Menu.Item>
                            ) : (
                              <Menu.Item onClick={() => remove(one)}>Delete</Menu.Item>
                            ))}
                          <Menu.Item onClick={() => go(to('t', team.slug, 'experiments', one.experimentId))}>Open</Menu.Item>
                        </Menu.Dropdown>
                      </Menu>
                    </td>
                  </tr>
                ))}
              </ListTable>
              <LoadMore of={experiments} />
            </>
          );
        }}
      </Loaded>
      {form && <NameForm renaming={form.renaming} close={() => setForm(null)} />}
    </div>
  );
}
