// The experiments of the team by name, and what the room is called that shows some of them.
import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo } from 'react';
import { ExperimentDocument, ExperimentsDocument } from '../api/documents.gen.ts';
import { queryKeys } from '../api/query-keys.ts';
import { ask } from '../api/session.ts';

function useNames(team: string, enabled: boolean) {
  return useQuery({
    queryKey: queryKeys.experimentNames(team),
    enabled,
    staleTime: 60_000,
    queryFn: async ({ signal }) => (await ask(ExperimentsDocument, { team, lifecycle: 'ACTIVE', first: 500 }, signal)).team?.experiments.nodes ?? [],
  });
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
  return { experimentId, title, nameOf, list: all.data ?? [], gone: experimentId !== undefined && one.data === null };
}
