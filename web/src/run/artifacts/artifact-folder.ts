// Reads the folders of a run or a model, and downloads them whole.
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import {
  type ArtifactFragment,
  type ArtifactPageFragment,
  ModelArchiveDocument,
  ModelArtifactDocument,
  ModelArtifactsDocument,
  RunArchiveDocument,
  RunArtifactDocument,
  RunArtifactsDocument,
} from '../../api/documents.gen.ts';
import { nextCursor } from '../../api/pages.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { ask } from '../../api/session.ts';
import { bytes, number, plural } from '../../format.ts';
import { useAct } from '../../ui/feedback/act.ts';
import type { Beside } from '../previews/html-files.ts';
import { localUrl } from './read-file.ts';

export type Owner = { kind: 'run' | 'model'; id: string };

export type Entry = ArtifactFragment;

/** Entries of a folder that are read, and drawn, at once. */
const PAGE = 500;
const NOTHING: ArtifactPageFragment = { nodes: [], pageInfo: { hasNextPage: false, endCursor: null } };

export async function listFolder({ kind, id }: Owner, path: string, after: string | null, first: number, signal: AbortSignal) {
  if (kind === 'run') return (await ask(RunArtifactsDocument, { runId: id, path, first, after }, signal)).run?.artifactEntries ?? NOTHING;
  return (await ask(ModelArtifactsDocument, { modelId: id, path, first, after }, signal)).loggedModel?.artifactEntries ?? NOTHING;
}

const foldersFirst = (entries: Entry[]) => entries.sort((a, b) => Number(b.isDirectory) - Number(a.isDirectory));

/** Links in the answer work for ten minutes, so it is not kept for longer than half of that. */
const FRESH = { staleTime: 60_000, gcTime: 300_000 };

/** A folder page by page, as far as it was asked for: `data` folders first, each by name. */
export function useFolder(of: Owner, path: string) {
  const { data, ...rest } = useInfiniteQuery({
    queryKey: queryKeys.folder(of.id, path),
    ...FRESH,
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) => listFolder(of, path, pageParam, PAGE, signal),
    getNextPageParam: nextCursor,
  });
  return { ...rest, data: useMemo(() => data && foldersFirst(data.pages.flatMap(({ nodes }) => nodes)), [data]) };
}

/** One file or folder, wherever it stands; null where there is none. */
async function findEntry({ kind, id }: Owner, path: string, signal: AbortSignal): Promise<Entry | null> {
  if (kind === 'run') return (await ask(RunArtifactDocument, { runId: id, path }, signal)).run?.artifactEntry ?? null;
  return (await ask(ModelArtifactDocument, { modelId: id, path }, signal)).loggedModel?.artifactEntry ?? null;
}

export const useFile = (of: Owner, path: string) =>
  useQuery({ queryKey: queryKeys.artifact(of.id, path), ...FRESH, queryFn: ({ signal }) => findEntry(of, path, signal) });

/** Finds what a file loads from beside it. */
export const besideOf =
  (of: Owner): Beside =>
  async (path, signal) => {
    const found = await findEntry(of, path, signal);
    return found?.url ? { url: localUrl(found.url), size: number(found.sizeBytes) ?? 0 } : null;
  };

/** Fetched when asked for, since the server counts the files first. The browser saves what comes. */
export function useArchive({ kind, id }: Owner) {
  const act = useAct();
  return (path: string) =>
    act(
      async () => {
        const found =
          kind === 'run'
            ? (await ask(RunArchiveDocument, { runId: id, path })).run?.archive
            : (await ask(ModelArchiveDocument, { modelId: id, path })).loggedModel?.archive;
        if (!found) throw new Error('It is not there any more.');
        const link = document.createElement('a');
        link.href = localUrl(found.url);
        link.download = '';
        link.click();
        return found;
      },
      { done: ({ files, bytes: size }) => `Downloading ${plural(files, 'file')}, ${bytes(size)}` },
    );
}
