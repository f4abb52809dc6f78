// The experiments of the team by name, and what the room is called that shows some of them.
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo } from 'react';
import { ExperimentDocument, ExperimentsDocument } from '../api/documents.gen.ts';
import { containsText } from '../api/filter-text.ts';
import { queryKeys } from '../api/query-keys.ts';
import { ask } from '../api/session.ts';

const MOST_NAMES = 500;
const FOUND = 100;

function useNames(team: string, enabled: boolean) {
  return useQuery({
    queryKey: queryKeys.experimentNames(team),
    enabled,
    staleTime: 60_000,
    queryFn: async ({ signal }) =>
      (await ask(ExperimentsDocument, { team, lifecycle: 'ACTIVE', first: MOST_NAMES }, signal)).team?.experiments.nodes ?? [],
  });
}

/** Experiments whose name holds what is typed, of however many there are; those that changed last first. */
export function useExperimentsLike(team: string, search: string, enabled: boolean) {
  const wanted = useDebouncedValue(search.trim(), 150)[0];
  return useQuery({
    queryKey: queryKeys.experimentsLike(team, wanted),
    enabled,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const filter = wanted ? containsText('name', wanted) : null;
      const found = (await ask(ExperimentsDocument, { team, filter, lifecycle: 'ACTIVE', first: FOUND }, signal)).team?.experiments;
      return { list: found?.nodes ?? [], more: found?.pageInfo.hasNextPage ?? false };
    },
  });
}

/** Names of experiments beyond those that are read ahead, for the rows that are shown. */
export function useNamesOf(team: string, ids: readonly string[], known: (id: string) => boolean): (id: string) => string | undefined {
  const missing = [...new Set(ids)]
    .filter((id) => !known(id))
    .sort()
    .slice(0, MOST_NAMES);
  const { data } = useQuery({
    queryKey: queryKeys.experimentsById(team, missing.join(',')),
    enabled: missing.length > 0,
    staleTime: 60_000,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const asked = { team, filter: `experiment_id IN (${missing.join(', ')})`, lifecycle: 'ALL' as const, first: MOST_NAMES };
      return new Map((await ask(ExperimentsDocument, asked, signal)).team?.experiments.nodes.map((one) => [one.experimentId, one.name]));
    },
  });
  return useCallback((id: string) => data?.get(id), [data]);
}

/** `ready`: once rows stand; what pickers offer isn't asked for before. `gone`: there is no such experiment. */
export function useExperiments(team: string, experimentIds: string[] | null, ready: boolean) {
  const experimentId = experimentIds?.length === 1 ? experimentIds[0] : undefined;
  const one = useQuery({
    queryKey: queryKeys.experiment(team, experimentId),
    enabled: experimentId !== undefined,
    queryFn: async ({ signal }) => (await ask(ExperimentDocument, { team, id: experimentId! }, signal)).team?.experiment ?? null,
  });
  const all = useNames(team, ready);
  const names = useMemo(() => new Map((all.data ?? []).map((each) => [each.experimentId, each.name])), [all.data]);
  const nameOf = useCallback((id: string) => names.get(id) ?? id, [names]);
  const title = !experimentIds ? 'All runs' : experimentId ? (one.data?.name ?? names.get(experimentId) ?? '') : experimentIds.map(nameOf).join(', ');
  useEffect(() => {
    document.title = `${title || 'Runs'} · Runledger`;
  }, [title]);
  const isNamed = useCallback((id: string) => all.data === undefined || names.has(id), [all.data, names]);
  return { experimentId, title, nameOf, isNamed, gone: experimentId !== undefined && one.data === null };
}
