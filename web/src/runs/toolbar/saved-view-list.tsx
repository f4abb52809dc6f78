// The views to choose from, and saving what is shown as another.
import { ActionIcon, Button, Checkbox, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { CreateSavedViewDocument, DeleteSavedViewDocument, UpdateSavedViewDocument } from '../../api/documents.gen.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { ask } from '../../api/session.ts';
import { useCan, useTeam } from '../../shell/team.ts';
import { useAct } from '../../ui/feedback/act.ts';
import { Icon } from '../../ui/icons.tsx';
import type { State, View } from './saved-view-state.ts';
import css from './saved-views.module.css';

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

export function List({ all, ready, current, changed, open, opened, state, experimentId }: ListProps) {
  const team = useTeam();
  const act = useAct();
  const mayShare = useCan('view:share');
  const [name, setName] = useState('');
  const [shared, setShared] = useState(false);
  const again = [queryKeys.savedViews(team.slug)];
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
