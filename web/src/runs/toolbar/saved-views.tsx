// Saved views: a name for what the address says of a table (filter, order, columns, groups, charts), mine or the team's.
import { Button, Popover } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { SavedViewsDocument } from '../../api/documents.gen.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { ask } from '../../api/session.ts';
import { go, to, usePlace, withQuery } from '../../router.ts';
import { useTeam } from '../../shell/team.ts';
import { List } from './saved-view-list.tsx';
import { OPENED, type State, stateOf, TOGETHER, textOf, type View } from './saved-view-state.ts';
import css from './saved-views.module.css';

/** Of an experiment, or of all runs. */
function useViews(team: string, experimentId: string | undefined, enabled: boolean) {
  return useQuery({
    enabled,
    queryKey: queryKeys.savedViewsOf(team, experimentId ?? null),
    staleTime: 60_000,
    queryFn: async ({ signal }) =>
      (await ask(SavedViewsDocument, { team, experimentId: experimentId ?? null, ofAllRuns: experimentId === undefined }, signal)).team?.savedViews
        .nodes ?? [],
  });
}

/** Views of several experiments are kept with those of all runs. */
export function Views({ experimentIds, enabled }: { experimentIds: string[] | null; enabled: boolean }) {
  const team = useTeam();
  const { query } = usePlace();
  const experimentId = experimentIds?.length === 1 ? experimentIds[0] : undefined;
  const views = useViews(team.slug, experimentId, enabled);
  const [opened, setOpened] = useState(false);
  const state: State = { ...stateOf(query), ...(experimentIds && experimentIds.length > 1 ? { [TOGETHER]: experimentIds.join(',') } : {}) };
  const all = [...(views.data ?? [])].sort((a, b) => a.name.localeCompare(b.name));
  const current = all.find(({ id }) => id === query.get(OPENED));
  const changed = current !== undefined && textOf(current.state as State) !== textOf(state);
  const visit = ({ [TOGETHER]: together, ...rest }: State, id: string | null, options?: { replace: boolean }) => {
    const ids = experimentId ?? together;
    go(withQuery(ids ? to('t', team.slug, 'experiments', ids) : to('t', team.slug, 'runs'), { ...rest, [OPENED]: id }), options);
  };
  const open = (view: View) => {
    setOpened(false);
    visit(view.state as State, view.id);
  };
  return (
    <Popover position="bottom-end" width={300} trapFocus opened={opened} onChange={setOpened}>
      <Popover.Target>
        <Button variant={current ? 'light' : 'default'} onClick={() => setOpened(!opened)}>
          <span className={css.name}>{current ? current.name : 'Views'}</span>
          {changed && (
            <span title="Changed since it was saved">
              &nbsp;•<span className="visually-hidden"> changed</span>
            </span>
          )}
        </Button>
      </Popover.Target>
      <Popover.Dropdown p={0}>
        {opened && (
          <List
            {...{ all, current, changed, open, state, experimentId }}
            ready={views.data !== undefined}
            opened={(id) => {
              setOpened(false);
              visit(state, id, { replace: true });
            }}
          />
        )}
      </Popover.Dropdown>
    </Popover>
  );
}
