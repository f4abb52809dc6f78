// The files that runs have in common, folder by folder.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type ArtifactFragment, ArtifactsOfRunsDocument } from '../api/documents.gen.ts';
import { queryKeys } from '../api/query-keys.ts';
import { ask } from '../api/session.ts';
import { listFolder } from '../run/artifacts/artifact-folder.ts';

/** The most that a query's page sizes may multiply to, and that a page may have. */
const MOST_ASKED = 100_000;
const PAGE = 1_000;

/** By run id, for each name in a folder of any of the runs. */
export type Shared = { name: string; path: string; isDirectory: boolean; of: Map<string, ArtifactFragment> };

export function useFolders(team: string, runIds: string[], path: string) {
  return useQuery({
    queryKey: queryKeys.foldersOfRuns(team, runIds, path),
    staleTime: 60_000,
    gcTime: 300_000,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }): Promise<Shared[]> => {
      const entries = Math.min(PAGE, Math.floor(MOST_ASKED / Math.max(1, runIds.length)));
      const { team: found } = await ask(ArtifactsOfRunsDocument, { team, runIds, first: runIds.length, path, entries }, signal);
      const shared = new Map<string, Shared>();
      for (const run of found?.runs.nodes ?? [])
        for (let page = run.artifactEntries; ; ) {
          for (const entry of page.nodes) {
            const one = shared.get(entry.path) ?? { name: entry.name, path: entry.path, isDirectory: entry.isDirectory, of: new Map() };
            one.of.set(run.runId, entry);
            shared.set(entry.path, one);
          }
          if (!page.pageInfo.hasNextPage) break;
          page = await listFolder({ kind: 'run', id: run.runId }, path, page.pageInfo.endCursor, PAGE, signal);
        }
      return [...shared.values()].sort((a, b) => Number(b.isDirectory) - Number(a.isDirectory) || a.name.localeCompare(b.name));
    },
  });
}
