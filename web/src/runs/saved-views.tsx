// Saved views: a name for what the address says of a table (filter, order, columns, groups, charts), mine or the team's.

import { ActionIcon, Button, Checkbox, Popover, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import {
  CreateSavedViewDocument,
  DeleteSavedViewDocument,
  SavedViewsDocument,
  type SavedViewsQuery,
  UpdateSavedViewDocument,
} from '../api/documents.gen.ts';
import { keys } from '../api/keys.ts';
import { ask } from '../api/session.ts';
import { go, to, usePlace, withQuery } from '../router.ts';
import { useCan, useTeam } from '../shell/team.ts';
import { useAct } from '../ui/act.ts';
import { Icon } from '../ui/icons.tsx';
import css from './saved-views.module.css';

type View = NonNullable<SavedViewsQuery['team']>['savedViews']['nodes'][number];
type State = Record<string, string>;

/** What of the address a view keeps. */
const KEPT = ['filter', 'sort', 'cols', 'pin', 'group', 'stat', 'gsort', 'view', 'show', 'x', 'log', 'smooth', 'metrics'];
/** Which view was opened last; it may have been changed since. */
const OPENED = 'saved';

/** Several experiments together: their numbers. */
const TOGETHER = 'experiments';

const stateOf = (query: URLSearchParams): State => Object.fromEntries(KEPT.flatMap((key) => (query.get(key) ? [[key, query.get(key)!]] : [])));
const textOf = (state: State) => JSON.stringify([...KEPT, TOGETHER].map((key) => state[key] ?? ''));

/** Of an experiment, or of all runs. */
function useViews(team: string, experimentId: string | undefined, enabled: boolean) {
  return useQuery({
    enabled,
    queryKey: keys.savedViewsOf(team, experimentId ?? null),
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

type ListProps = {
  all: View[];
  ready: boolean;
  current: View | undefined;
  changed: boolean;
  open: (view: View) => void;
  opened: (id: string | null) => void;
  state: State;
  experimentId: string | undefined;
};

function List({ all, ready, current, changed, open, opened, state, experimentId }: ListProps) {
  const team = useTeam();
  const act = useAct();
  const mayShare = useCan('view:share');
  const [name, setName] = useState('');
  const [shared, setShared] = useState(false);
  const again = [keys.savedViews(team.slug)];
  const create = (input: { name: string; state: unknown; shared: boolean }) =>
    ask(CreateSavedViewDocument, { input: { team: team.slug, experimentId: experimentId ?? null, ...input } });
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const made = await act(() => create({ name, state, shared }), { done: `Saved ${name.trim()}`, again });
    if (made) opened(made.createSavedView.savedView.id);
  };
  const update = async (view: View) => {
    const before = view.state;
    const put = (next: unknown) => ask(UpdateSavedViewDocument, { input: { id: view.id, state: next } });
    if (await act(() => put(state), { done: `Updated ${view.name}`, undo: () => put(before), again })) opened(view.id);
  };
  const remove = async (view: View) => {
    const { name: of, state: kept, shared: wasShared } = view;
    await act(() => ask(DeleteSavedViewDocument, { id: view.id }), {
      done: `Deleted ${of}`,
      undo: () => create({ name: of, state: kept, shared: wasShared }),
      again,
    });
  };
  const part = (title: string, views: View[]) =>
    views.length > 0 && (
      <section aria-label={title}>
        <h3 className={css.title}>{title}</h3>
        <ul className={css.list}>
          {views.map((view) => (
            <li key={view.id}>
              <button type="button" className={css.open} aria-current={view.id === current?.id ? 'true' : undefined} onClick={() => open(view)}>
                {view.name}
              </button>
              {(!view.shared || mayShare) && (
                <ActionIcon size={20} aria-label={`Delete ${view.name}`} onClick={() => void remove(view)}>
                  <Icon name="trash" size={12} />
                </ActionIcon>
              )}
            </li>
          ))}
        </ul>
      </section>
    );
  return (
    <div className={css.views}>
      {part(
        'Mine',
        all.filter((view) => !view.shared),
      )}
      {part(
        `Of ${team.name}`,
        all.filter((view) => view.shared),
      )}
      {ready && all.length === 0 && <p className={css.none}>A view keeps the filter, order, columns, groups and charts under a name.</p>}
      {current && changed && (!current.shared || mayShare) && (
        <Button variant="light" onClick={() => void update(current)}>
          Update “{current.name}”
        </Button>
      )}
      <form onSubmit={(event) => void save(event)}>
        <TextInput
          aria-label="Name of the view"
          placeholder="Name of this view"
          required
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button type="submit" disabled={name.trim() === ''}>
          Save
        </Button>
        {mayShare && (
          <Checkbox className={css.share} label="For the whole team" checked={shared} onChange={(event) => setShared(event.currentTarget.checked)} />
        )}
      </form>
    </div>
  );
}
