// The files that runs have in common, folder by folder.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { ArtifactsOfRunsDocument, type ArtifactsOfRunsQuery } from '../api/documents.gen.ts';
import { keys } from '../api/keys.ts';
import { ask } from '../api/session.ts';

type Entry = NonNullable<ArtifactsOfRunsQuery['team']>['runs']['nodes'][number]['artifacts'][number];

/** By run id, for each name in a folder of any of the runs. */
export type Shared = { name: string; path: string; isDirectory: boolean; of: Map<string, Entry> };

export function useFolders(team: string, runIds: string[], path: string) {
  return useQuery({
    queryKey: keys.foldersOfRuns(team, runIds, path),
    staleTime: 60_000,
    gcTime: 300_000,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }): Promise<Shared[]> => {
      const { team: found } = await ask(ArtifactsOfRunsDocument, { team, runIds, first: runIds.length, path }, signal);
      const shared = new Map<string, Shared>();
      for (const run of found?.runs.nodes ?? [])
        for (const entry of run.artifacts) {
          const one = shared.get(entry.path) ?? { name: entry.name, path: entry.path, isDirectory: entry.isDirectory, of: new Map() };
          one.of.set(run.runId, entry);
          shared.set(entry.path, one);
        }
      return [...shared.values()].sort((a, b) => Number(b.isDirectory) - Number(a.isDirectory) || a.name.localeCompare(b.name));
    },
  });
}
