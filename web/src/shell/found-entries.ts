// What the palette finds: experiments, runs, models, people and commands.
import { useMantineColorScheme } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { use } from 'react';
import { ExperimentsDocument, MembersDocument, ModelsDocument, RunsDocument } from '../api/documents.gen.ts';
import { containsText, equalsText, oneOfTexts } from '../api/filter-text.ts';
import { queryKeys } from '../api/query-keys.ts';
import { ask, signOut, useSession } from '../api/session.ts';
import { go, to, withQuery } from '../router.ts';
import type { IconName } from '../ui/icons.tsx';
import { TeamContext } from './team.ts';

export type Entry = { id: string; kind: string; icon: IconName; name: string; more?: string | undefined; run: () => void };

/** Who is in the team: few enough to be found here. */
export function usePeople(slug: string | undefined): Entry[] {
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
    run: () => go(withQuery(to('t', slug!, 'runs'), { filter: oneOfTexts('user_id', [user.name, user.email]) })),
  }));
}

export function useFound(search: string): Entry[] {
  const slug = use(TeamContext)?.slug;
  const { data } = useQuery({
    queryKey: queryKeys.found(slug, search),
    enabled: slug !== undefined,
    queryFn: async ({ signal }) => {
      const team = slug!;
      const filter = search ? containsText('name', search) : null;
      const runFilter = /^[0-9a-f]{32}$/.test(search) ? equalsText('attributes.run_id', search) : search ? containsText('run_name', search) : null;
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

export function useCommands(): Entry[] {
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
