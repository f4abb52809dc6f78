// Reads the folders of a run or a model, and downloads them whole.
import { useQuery } from '@tanstack/react-query';
import {
  ModelArchiveDocument,
  ModelArtifactsDocument,
  RunArchiveDocument,
  RunArtifactsDocument,
  type RunArtifactsQuery,
} from '../api/documents.gen.ts';
import { keys } from '../api/keys.ts';
import { ask } from '../api/session.ts';
import { bytes, plural } from '../format.ts';
import { useAct } from '../ui/act.ts';
import { localUrl } from './read-file.ts';

export type Owner = { kind: 'run' | 'model'; id: string };

export type Entry = NonNullable<RunArtifactsQuery['run']>['artifacts'][number];

export async function listFolder({ kind, id }: Owner, path: string, signal?: AbortSignal): Promise<Entry[]> {
  if (kind === 'run') return (await ask(RunArtifactsDocument, { runId: id, path }, signal)).run?.artifacts ?? [];
  return (await ask(ModelArtifactsDocument, { modelId: id, path }, signal)).loggedModel?.artifacts ?? [];
}

/** Links in the answer work for ten minutes, so it is not kept for longer than half of that. */
export const useFolder = (of: Owner, path: string, enabled = true) =>
  useQuery({
    queryKey: keys.folder(of.id, path),
    enabled,
    staleTime: 60_000,
    gcTime: 300_000,
    queryFn: ({ signal }) => listFolder(of, path, signal),
  });

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
