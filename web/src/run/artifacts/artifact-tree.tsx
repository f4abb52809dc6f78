// The files as a tree that opens folder by folder.
import { Skeleton } from '@mantine/core';
import { useState } from 'react';
import { bytes, count } from '../../format.ts';
import { Icon } from '../../ui/icons.tsx';
import { type Entry, type Owner, useFolder } from './artifact-folder.ts';
import css from './artifacts.module.css';

type FolderProps = { of: Owner; path: string; depth: number; chosen: string; choose: (path: string) => void; archive: (path: string) => void };

export function Folder({ of, path, depth, chosen, choose, archive }: FolderProps) {
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
      {folder.data.length === 0 && (
        <li className="dim" style={{ paddingLeft: 12 + depth * 14 }}>
          An empty folder
        </li>
      )}
      {folder.data.map((entry) => (
        <Node key={entry.path} {...{ entry, of, depth, chosen, choose, archive }} />
      ))}
      {folder.hasNextPage && (
        <li>
          <button
            type="button"
            className={css.treeMore}
            style={{ paddingLeft: 8 + depth * 14 }}
            disabled={folder.isFetchingNextPage}
            onClick={() => void folder.fetchNextPage()}
          >
            {folder.isFetchingNextPage ? 'Reading…' : `The first ${count(folder.data.length)}. Show more`}
          </button>
        </li>
      )}
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
