// ⌘K: experiments, runs, models and people by name, and the commands that work anywhere.

import { Modal, useMantineColorScheme } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, use, useEffect, useId, useMemo, useRef, useState } from 'react';
import { ExperimentsDocument, MembersDocument, ModelsDocument, RunsDocument } from '../api/documents.gen.ts';
import { keys as queryKeys } from '../api/keys.ts';
import { ask, signOut, useSession } from '../api/session.ts';
import { go, to, withQuery } from '../router.ts';
import { Icon, type IconName } from '../ui/icons.tsx';
import css from './command-palette.module.css';
import { TeamContext } from './team.ts';

type Entry = { id: string; kind: string; icon: IconName; name: string; more?: string | undefined; run: () => void };

/** A text in the filter language: quotes doubled, and wildcards of LIKE left as they are. */
const literal = (text: string) => `'%${text.replaceAll("'", "''")}%'`;

/** Who is in the team: few enough to be found here. */
function usePeople(slug: string | undefined): Entry[] {
  const { data } = useQuery({
    queryKey: queryKeys.foundPeople(slug),
    enabled: slug !== undefined,
    staleTime: 60_000,
    queryFn: async ({ signal }) => (await ask(MembersDocument, { team: slug! }, signal)).team?.members.nodes ?? [],
  });
  return (data ?? []).map(({ user }) => ({
    id: `person ${user.userId}`,
    kind: 'Person',
    icon: 'user',
    name: user.name,
    more: user.email,
    run: () =>
      go(withQuery(to('t', slug!, 'runs'), { filter: `user_id IN ('${user.name.replaceAll("'", "''")}', '${user.email.replaceAll("'", "''")}')` })),
  }));
}

function useFound(search: string): Entry[] {
  const slug = use(TeamContext)?.slug;
  const { data } = useQuery({
    queryKey: queryKeys.found(slug, search),
    enabled: slug !== undefined,
    queryFn: async ({ signal }) => {
      const team = slug!;
      const filter = search ? `name ILIKE ${literal(search)}` : null;
      const runFilter = /^[0-9a-f]{32}$/.test(search)
        ? `attributes.run_id = '${search}'`
        : search
          ? `attributes.run_name ILIKE ${literal(search)}`
          : null;
      const [experiments, models, runs] = await Promise.all([
        ask(ExperimentsDocument, { team, filter, first: 6, lifecycle: 'ACTIVE' }, signal),
        ask(ModelsDocument, { team, filter }, signal),
        ask(RunsDocument, { team, filter: runFilter, first: 6, params: [], metrics: [], tags: [], count: false }, signal),
      ]);
      return {
        experiments: experiments.team?.experiments.nodes ?? [],
        models: models.team?.registeredModels.nodes ?? [],
        runs: runs.team?.runs.nodes ?? [],
      };
    },
    placeholderData: keepPreviousData,
  });
  if (!data || !slug) return [];
  return [
    ...data.experiments.map(
      (one): Entry => ({
        id: one.id,
        kind: 'Experiment',
        icon: 'folder',
        name: one.name,
        run: () => go(to('t', slug, 'experiments', one.experimentId)),
      }),
    ),
    ...data.models
      .slice(0, 6)
      .map((one): Entry => ({ id: one.id, kind: 'Model', icon: 'branch', name: one.name, run: () => go(to('t', slug, 'models', one.name)) })),
    ...data.runs.map(
      (one): Entry => ({
        id: one.id,
        kind: 'Run',
        icon: 'chart',
        name: one.name,
        more: one.runId.slice(0, 8),
        run: () => go(to('t', slug, 'runs', one.runId)),
      }),
    ),
  ];
}

function useCommands(): Entry[] {
  const team = use(TeamContext);
  const { teams } = useSession().viewer!;
  const { setColorScheme } = useMantineColorScheme();
  const visit =
    (...parts: string[]) =>
    () =>
      go(to('t', team!.slug, ...parts));
  const command = (name: string, icon: IconName, run: () => void): Entry => ({ id: name, kind: 'Command', icon, name, run });
  return [
    ...(team
      ? [
          command('Go to runs', 'table', visit('runs')),
          command('Go to experiments', 'folder', visit('experiments')),
          command('Go to models', 'branch', visit('models')),
          command('Go to the team', 'user', visit('team')),
          command('New API token', 'key', visit('me')),
        ]
      : []),
    ...teams.filter((one) => one.slug !== team?.slug).map((one) => command(`Switch to ${one.name}`, 'user', () => go(to('t', one.slug)))),
    command('Light theme', 'sun', () => setColorScheme('light')),
    command('Dark theme', 'moon', () => setColorScheme('dark')),
    command("The system's theme", 'settings', () => setColorScheme('auto')),
    command('Keyboard shortcuts', 'help', () => window.dispatchEvent(new Event('runledger:help'))),
    command('Sign out', 'right', () => void signOut()),
  ];
}

export function Palette({ close }: { close: () => void }) {
  const [search, setSearch] = useState('');
  const [at, setAt] = useState(0);
  const [settled] = useDebouncedValue(search.trim(), 150);
  const found = useFound(settled);
  const people = usePeople(use(TeamContext)?.slug);
  const commands = useCommands();
  const list = useId();
  const active = useRef<HTMLLIElement>(null);
  const entries = useMemo(() => {
    const wanted = search.trim().toLowerCase();
    // What is still shown of the search before is narrowed here, so that Enter never takes what no longer fits.
    // Before anything is typed people would only push the commands out of sight.
    return [...found, ...(wanted ? people : []), ...commands].filter(
      ({ id, name, more }) => `${name} ${more ?? ''} ${id}`.toLowerCase().includes(wanted) || /^[0-9a-f]{32}$/.test(wanted),
    );
  }, [found, people, commands, search]);
  const chosen = Math.min(at, Math.max(0, entries.length - 1));
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when another entry is chosen
  useEffect(() => active.current?.scrollIntoView({ block: 'nearest' }), [chosen]);

  const take = (entry: Entry | undefined) => {
    if (!entry) return;
    close();
    entry.run();
  };
  const key = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setAt(Math.min(chosen + 1, entries.length - 1));
    else if (event.key === 'ArrowUp') setAt(Math.max(chosen - 1, 0));
    else if (event.key === 'Enter') take(entries[chosen]);
    else return;
    event.preventDefault();
  };

  return (
    <Modal opened onClose={close} withCloseButton={false} padding={0} size={560} aria-label="Search and commands">
      <div>
        <div className={css.field}>
          <Icon name="search" />
          <input
            data-autofocus
            role="combobox"
            aria-expanded="true"
            aria-controls={list}
            aria-activedescendant={entries[chosen] ? `${list}-${chosen}` : undefined}
            aria-label="Search and commands"
            placeholder="Experiments, runs, models, people, commands"
            value={search}
            onChange={(event) => {
              setSearch(event.currentTarget.value);
              setAt(0);
            }}
            onKeyDown={key}
          />
        </div>
        <ul className={css.list} id={list} role="listbox" aria-label="Found">
          {entries.map((entry, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keys
            <li
              key={`${entry.kind} ${entry.id}`}
              id={`${list}-${index}`}
              ref={index === chosen ? active : null}
              role="option"
              aria-selected={index === chosen}
              onMouseMove={() => setAt(index)}
              onClick={() => take(entry)}
            >
              <Icon name={entry.icon} size={14} />
              <span className={css.name}>{entry.name}</span>
              {entry.more && <span className="mono dim">{entry.more}</span>}
              <span className="grow" />
              <span className="dim">{entry.kind}</span>
            </li>
          ))}
        </ul>
        {entries.length === 0 && <p className={css.none}>Nothing by that name.</p>}
      </div>
    </Modal>
  );
}
