// The tree of files of some runs, with how many have each.
import { useState } from 'react';
import { plural } from '../format.ts';
import artifactsCss from '../run/artifacts/artifacts.module.css';
import { useTeam } from '../shell/team.ts';
import { Icon } from '../ui/icons.tsx';
import { type Shared, useFolders } from './shared-folders.ts';

type FolderProps = { runIds: string[]; path: string; depth: number; chosen: string; choose: (path: string) => void };

export function Folder({ runIds, path, depth, chosen, choose }: FolderProps) {
  const team = useTeam();
  const folder = useFolders(team.slug, runIds, path);
  if (folder.error) return <p className={artifactsCss.treeFault}>{folder.error.message}</p>;
  return (
    <ul>
      {folder.data?.map((entry) => (
        <Node key={entry.path} {...{ entry, runIds, depth, chosen, choose }} />
      ))}
    </ul>
  );
}

function Node({ entry, runIds, depth, chosen, choose }: Omit<FolderProps, 'path'> & { entry: Shared }) {
  const [open, setOpen] = useState(chosen.startsWith(`${entry.path}/`));
  const indent = { paddingLeft: 8 + depth * 14 };
  const share = (
    <span className="dim mono" title={`In ${entry.of.size} of ${plural(runIds.length, 'run')}`}>
      {entry.of.size === runIds.length ? 'all' : `${entry.of.size}/${runIds.length}`}
    </span>
  );
  if (!entry.isDirectory) {
    return (
      <li>
        <button type="button" style={indent} aria-current={entry.path === chosen ? 'true' : undefined} onClick={() => choose(entry.path)}>
          <Icon name="file" size={13} />
          <span className={artifactsCss.treeName}>{entry.name}</span>
          {share}
        </button>
      </li>
    );
  }
  return (
    <li>
      <button type="button" style={indent} aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name={open ? 'down' : 'right'} size={11} />
        <Icon name="folder" size={13} />
        <span className={artifactsCss.treeName}>{entry.name}</span>
        {share}
      </button>
      {open && <Folder {...{ runIds, chosen, choose }} path={entry.path} depth={depth + 1} />}
    </li>
  );
}
