// The files of a run or model: a tree that opens folder by folder, a preview of the chosen file, downloads of files and folders, and uploads.

import { Button, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import clsx from 'clsx';
import { useState } from 'react';
import {
  DeleteArtifactDocument,
  ModelArchiveDocument,
  ModelArtifactsDocument,
  RunArchiveDocument,
  RunArtifactsDocument,
  type RunArtifactsQuery,
} from '../api/documents.gen.ts';
import { keys } from '../api/keys.ts';
import { ask } from '../api/session.ts';
import { bytes, number, plural } from '../format.ts';
import { useParam } from '../router.ts';
import { useCan } from '../shell/team.ts';
import { useAct } from '../ui/act.ts';
import buttonsCss from '../ui/buttons.module.css';
import { Confirm, useConfirm } from '../ui/confirm.tsx';
import { Icon } from '../ui/icons.tsx';
import { Empty, ErrorState, Rows } from '../ui/states.tsx';
import { Copyable } from '../ui/values.tsx';
import css from './artifacts.module.css';
import { localUrl, Preview } from './preview.tsx';
import { Uploads, useUploads } from './uploads.tsx';

export type Owner = { kind: 'run' | 'model'; id: string };
export type Entry = NonNullable<RunArtifactsQuery['run']>['artifacts'][number];

export async function listFolder({ kind, id }: Owner, path: string, signal?: AbortSignal): Promise<Entry[]> {
  if (kind === 'run') return (await ask(RunArtifactsDocument, { runId: id, path }, signal)).run?.artifacts ?? [];
  return (await ask(ModelArtifactsDocument, { modelId: id, path }, signal)).loggedModel?.artifacts ?? [];
}

/** Links in the answer work for ten minutes, so it is not kept for longer than half of that. */
const useFolder = (of: Owner, path: string, enabled = true) =>
  useQuery({
    queryKey: keys.folder(of.id, path),
    enabled,
    staleTime: 60_000,
    gcTime: 300_000,
    queryFn: ({ signal }) => listFolder(of, path, signal),
  });

/** Fetched when asked for, since the server counts the files first. The browser saves what comes. */
function useArchive({ kind, id }: Owner) {
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

export function Artifacts({ of, root }: { of: Owner; root: string }) {
  const [chosen, setChosen] = useParam('path');
  const mayUpload = useCan('artifact:write') && of.kind === 'run';
  const top = useFolder(of, '');
  const archive = useArchive(of);
  const slash = chosen.lastIndexOf('/');
  const into = slash < 0 ? '' : chosen.slice(0, slash);
  const uploads = useUploads(of.id);
  if (top.error) return <ErrorState error={top.error} again={() => void top.refetch()} />;
  if (!top.data) return <Rows />;
  const upload = mayUpload && <Uploads uploads={uploads} into={into} />;
  if (top.data.length === 0) {
    return (
      <Empty title="No artifacts">
        <p>
          Files logged with <code>mlflow.log_artifact</code> and the like appear here.
        </p>
        {upload}
      </Empty>
    );
  }
  const first = top.data.find(({ isDirectory }) => !isDirectory)?.path ?? '';
  const path = chosen || first;
  return (
    <div className={clsx(css.artifacts, uploads.dragging && css.dragging)} {...(mayUpload ? uploads.target(into) : {})}>
      <nav className={css.tree} aria-label="Artifacts">
        <div className={css.treeBar}>
          <Button variant="default" size="compact-xs" leftSection={<Icon name="download" size={13} />} onClick={() => void archive('')}>
            Download all
          </Button>
          {upload}
        </div>
        <Folder of={of} path="" depth={0} chosen={path} choose={(next) => setChosen(next, { replace: true })} archive={archive} />
        <p className={clsx(css.treeRoot, 'dim')}>
          <Copyable text={root} label="the address">
            {root}
          </Copyable>
        </p>
      </nav>
      <section className={css.preview} aria-label="Preview">
        {path ? <Chosen of={of} path={path} gone={() => setChosen(null, { replace: true })} /> : <Empty title="Choose a file" />}
      </section>
    </div>
  );
}

type FolderProps = { of: Owner; path: string; depth: number; chosen: string; choose: (path: string) => void; archive: (path: string) => void };

function Folder({ of, path, depth, chosen, choose, archive }: FolderProps) {
  const folder = useFolder(of, path);
  if (folder.error) {
    return (
      <p className={css.treeFault} style={{ paddingLeft: 12 + depth * 14 }}>
        {folder.error.message}
      </p>
    );
  }
  if (!folder.data) return <Skeleton height={10} width="60%" m={8} />;
  return (
    <ul>
      {folder.data.map((entry) => (
        <Node key={entry.path} {...{ entry, of, depth, chosen, choose, archive }} />
      ))}
    </ul>
  );
}

function Node({ entry, of, depth, chosen, choose, archive }: Omit<FolderProps, 'path'> & { entry: Entry }) {
  const [open, setOpen] = useState(chosen.startsWith(`${entry.path}/`));
  const indent = { paddingLeft: 8 + depth * 14 };
  if (!entry.isDirectory) {
    return (
      <li>
        <button type="button" style={indent} aria-current={entry.path === chosen ? 'true' : undefined} onClick={() => choose(entry.path)}>
          <Icon name="file" size={13} />
          <span className={css.treeName}>{entry.name}</span>
          <span className="dim mono">{bytes(entry.sizeBytes)}</span>
        </button>
      </li>
    );
  }
  return (
    <li>
      <div className={css.treeFolder}>
        <button type="button" style={indent} aria-expanded={open} onClick={() => setOpen(!open)}>
          <Icon name={open ? 'down' : 'right'} size={11} />
          <Icon name="folder" size={13} />
          <span className={css.treeName}>{entry.name}</span>
        </button>
        <button
          type="button"
          className={css.treeDownload}
          title="Download the folder"
          aria-label={`Download the folder ${entry.name}`}
          onClick={() => archive(entry.path)}
        >
          <Icon name="download" size={13} />
        </button>
      </div>
      {open && <Folder {...{ of, chosen, choose, archive }} path={entry.path} depth={depth + 1} />}
    </li>
  );
}

function Chosen({ of, path, gone }: { of: Owner; path: string; gone: () => void }) {
  const act = useAct();
  const confirm = useConfirm();
  const mayDelete = useCan('artifact:delete') && of.kind === 'run';
  const slash = path.lastIndexOf('/');
  const folder = useFolder(of, slash < 0 ? '' : path.slice(0, slash));
  const entry = folder.data?.find((one) => one.path === path);
  if (folder.error) return <ErrorState error={folder.error} again={() => void folder.refetch()} />;
  if (!folder.data) return <Rows count={6} />;
  if (!entry || entry.isDirectory || !entry.url)
    return (
      <Empty title="No such file">
        <p>It may have been removed, or the link to it is mistyped.</p>
      </Empty>
    );
  const remove = async () => {
    if (await act(() => ask(DeleteArtifactDocument, { runId: of.id, path }), { done: `Deleted ${entry.name}`, again: [keys.artifacts(of.id)] }))
      gone();
  };
  return (
    <>
      <header className={css.previewHead}>
        <strong>{entry.name}</strong>
        <span className="dim mono">{bytes(entry.sizeBytes)}</span>
        <span className="grow" />
        <Copyable text={path} label="the path" />
        {mayDelete && (
          <button
            type="button"
            className={buttonsCss.quiet}
            aria-label={`Delete ${entry.name}`}
            title="Delete"
            onClick={() =>
              confirm.ask({
                title: `Delete ${entry.name}?`,
                text: 'The file is removed for good. This can not be undone.',
                verb: 'Delete',
                run: remove,
              })
            }
          >
            <Icon name="trash" />
          </button>
        )}
        <Button component="a" href={localUrl(entry.url)} download={entry.name} variant="default" leftSection={<Icon name="download" size={13} />}>
          Download
        </Button>
      </header>
      <Preview key={path} name={entry.name} size={number(entry.sizeBytes) ?? 0} url={localUrl(entry.url)} />
      <Confirm of={confirm} />
    </>
  );
}
