// The files of a run or model: a tree that opens folder by folder, and a preview of the chosen file.
import { Button, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ModelArtifactsDocument, RunArtifactsDocument, type RunArtifactsQuery } from '../api/documents.gen.ts';
import { ask } from '../api/session.ts';
import { bytes, number } from '../format.ts';
import { Icon } from '../parts/icons.tsx';
import { Empty, ErrorState, Rows } from '../parts/states.tsx';
import { Copyable } from '../parts/values.tsx';
import { useParam } from '../router.ts';
import { localUrl, Preview } from './preview.tsx';

export type Owner = { kind: 'run' | 'model'; id: string };
export type Entry = NonNullable<RunArtifactsQuery['run']>['artifacts'][number];

export async function listFolder({ kind, id }: Owner, path: string, signal?: AbortSignal): Promise<Entry[]> {
  if (kind === 'run') return (await ask(RunArtifactsDocument, { runId: id, path }, signal)).run?.artifacts ?? [];
  return (await ask(ModelArtifactsDocument, { modelId: id, path }, signal)).loggedModel?.artifacts ?? [];
}

/** Links in the answer work for ten minutes, so it is not kept for longer than half of that. */
const useFolder = (of: Owner, path: string, enabled = true) =>
  useQuery({
    queryKey: ['artifacts', of.id, path],
    enabled,
    staleTime: 60_000,
    gcTime: 300_000,
    queryFn: ({ signal }) => listFolder(of, path, signal),
  });

export function Artifacts({ of, root }: { of: Owner; root: string }) {
  const [chosen, setChosen] = useParam('path');
  const top = useFolder(of, '');
  if (top.error) return <ErrorState error={top.error} again={() => void top.refetch()} />;
  if (!top.data) return <Rows />;
  if (top.data.length === 0) {
    return (
      <Empty title="No artifacts">
        <p>
          Files logged with <code>mlflow.log_artifact</code> and the like appear here.
        </p>
      </Empty>
    );
  }
  const first = top.data.find(({ isDirectory }) => !isDirectory)?.path ?? '';
  const path = chosen || first;
  return (
    <div className="artifacts">
      <nav className="tree" aria-label="Artifacts">
        <Folder of={of} path="" depth={0} chosen={path} choose={(next) => setChosen(next, { replace: true })} />
        <p className="tree-root dim">
          <Copyable text={root} label="the address">
            {root}
          </Copyable>
        </p>
      </nav>
      <div className="preview">{path ? <Chosen of={of} path={path} /> : <Empty title="Choose a file" />}</div>
    </div>
  );
}

type FolderProps = { of: Owner; path: string; depth: number; chosen: string; choose: (path: string) => void };

function Folder({ of, path, depth, chosen, choose }: FolderProps) {
  const folder = useFolder(of, path);
  if (folder.error) {
    return (
      <p className="tree-fault" style={{ paddingLeft: 12 + depth * 14 }}>
        {folder.error.message}
      </p>
    );
  }
  if (!folder.data) return <Skeleton height={10} width="60%" m={8} />;
  return (
    <ul>
      {folder.data.map((entry) => (
        <Node key={entry.path} {...{ entry, of, depth, chosen, choose }} />
      ))}
    </ul>
  );
}

function Node({ entry, of, depth, chosen, choose }: Omit<FolderProps, 'path'> & { entry: Entry }) {
  const [open, setOpen] = useState(chosen.startsWith(`${entry.path}/`));
  const indent = { paddingLeft: 8 + depth * 14 };
  if (!entry.isDirectory) {
    return (
      <li>
        <button type="button" style={indent} aria-current={entry.path === chosen ? 'true' : undefined} onClick={() => choose(entry.path)}>
          <Icon name="file" size={13} />
          <span className="tree-name">{entry.name}</span>
          <span className="dim mono">{bytes(entry.sizeBytes)}</span>
        </button>
      </li>
    );
  }
  return (
    <li>
      <button type="button" style={indent} aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name={open ? 'down' : 'right'} size={11} />
        <Icon name="folder" size={13} />
        <span className="tree-name">{entry.name}</span>
      </button>
      {open && <Folder {...{ of, chosen, choose }} path={entry.path} depth={depth + 1} />}
    </li>
  );
}

function Chosen({ of, path }: { of: Owner; path: string }) {
  const slash = path.lastIndexOf('/');
  const folder = useFolder(of, slash < 0 ? '' : path.slice(0, slash));
  const entry = folder.data?.find((one) => one.path === path);
  if (folder.error) return <ErrorState error={folder.error} again={() => void folder.refetch()} />;
  if (!folder.data) return <Rows count={6} />;
  if (!entry || entry.isDirectory || !entry.url) return <Empty title="No such file" />;
  return (
    <>
      <header className="preview-head">
        <strong>{entry.name}</strong>
        <span className="dim">{bytes(entry.sizeBytes)}</span>
        <span className="grow" />
        <Copyable text={path} label="the path" />
        <Button component="a" href={localUrl(entry.url)} download={entry.name} variant="default" leftSection={<Icon name="download" size={13} />}>
          Download
        </Button>
      </header>
      <Preview key={path} name={entry.name} size={number(entry.sizeBytes) ?? 0} url={localUrl(entry.url)} />
    </>
  );
}
