// Files of the same path over the runs: pictures in a grid, texts by what differs from the first run's, everything else as it is previewed.

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ArtifactsOfRunsDocument, type ArtifactsOfRunsQuery } from '../api/documents.gen.ts';
import { keys } from '../api/keys.ts';
import type { RunRow } from '../api/runs.ts';
import { ask } from '../api/session.ts';
import { bytes, number, plural } from '../format.ts';
import { to, useParam } from '../router.ts';
import artifactsCss from '../run/artifacts.module.css';
import { kindOf, localUrl, Preview, readText } from '../run/preview.tsx';
import { useTeam } from '../shell/team.ts';
import { Icon } from '../ui/icons.tsx';
import { Empty, ErrorState, Loaded, Rows } from '../ui/states.tsx';
import { Dot } from '../ui/values.tsx';
import css from './artifacts.module.css';
import { diffLines, hunksOf } from './diff.ts';
import type { Grouping } from './groups.ts';

type Entry = NonNullable<ArtifactsOfRunsQuery['team']>['runs']['nodes'][number]['artifacts'][number];
/** By run id, for each name in a folder of any of the runs. */
type Shared = { name: string; path: string; isDirectory: boolean; of: Map<string, Entry> };
const MOST_RUNS = 60;

function useFolders(team: string, runIds: string[], path: string) {
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

export function ComparedArtifacts({ rows, grouping }: { rows: RunRow[]; grouping: Grouping }) {
  const team = useTeam();
  const shown = rows.slice(0, MOST_RUNS);
  const runIds = shown.map(({ runId }) => runId);
  const [path, setPath] = useParam('path');
  const top = useFolders(team.slug, runIds, '');
  return (
    <Loaded of={top}>
      {(entries) =>
        entries.length === 0 ? (
          <Empty title="None of these runs has artifacts">
            <p>
              Files logged with <code>mlflow.log_artifact</code> and the like appear here side by side.
            </p>
          </Empty>
        ) : (
          <div className={artifactsCss.artifacts}>
            <nav className={artifactsCss.tree} aria-label="Artifacts of these runs">
              <Folder runIds={runIds} path="" depth={0} chosen={path} choose={(next) => setPath(next, { replace: true })} />
            </nav>
            <section className={artifactsCss.preview} aria-label="Preview">
              {rows.length > MOST_RUNS && <p className="dim">The first {MOST_RUNS} runs.</p>}
              {path ? <Side rows={shown} path={path} grouping={grouping} /> : <Empty title="Choose a file to see it for each run" />}
            </section>
          </div>
        )
      }
    </Loaded>
  );
}

type FolderProps = { runIds: string[]; path: string; depth: number; chosen: string; choose: (path: string) => void };

function Folder({ runIds, path, depth, chosen, choose }: FolderProps) {
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

function Side({ rows, path, grouping }: { rows: RunRow[]; path: string; grouping: Grouping }) {
  const team = useTeam();
  const slash = path.lastIndexOf('/');
  const folder = useFolders(
    team.slug,
    rows.map(({ runId }) => runId),
    slash < 0 ? '' : path.slice(0, slash),
  );
  if (folder.error) return <ErrorState error={folder.error} again={() => void folder.refetch()} />;
  if (!folder.data) return <Rows count={6} />;
  const found = folder.data.find((one) => one.path === path);
  if (!found || found.isDirectory) return <Empty title="None of these runs has this file" />;
  const kind = kindOf(found.name);
  const first = rows.find(({ runId }) => found.of.has(runId));
  const base = first ? found.of.get(first.runId)! : null;
  return (
    <>
      <header className={artifactsCss.previewHead}>
        <strong>{found.path}</strong>
        <span className="dim">
          in {found.of.size} of {plural(rows.length, 'run')}
        </span>
      </header>
      <div className={kind === 'image' ? css.sideGrid : css.sideList}>
        {rows.map((row) => {
          const entry = found.of.get(row.runId);
          return (
            <section key={row.runId} className={css.side} aria-label={row.name}>
              <header>
                <Dot colour={grouping.colour(row)} />
                <a href={`${to('t', team.slug, 'runs', row.runId, 'artifacts')}?path=${encodeURIComponent(path)}`}>{row.name}</a>
                {grouping.by && <span className="dim">{grouping.valueOf(row)}</span>}
                <span className="grow" />
                {entry && <span className="dim mono">{bytes(entry.sizeBytes)}</span>}
              </header>
              {!entry?.url ? (
                <p className={css.sideNone}>Has no such file.</p>
              ) : kind === 'image' ? (
                <img src={localUrl(entry.url)} alt={`${found.name} of ${row.name}`} loading="lazy" />
              ) : row === first || !base?.url || !['text', 'json', 'markdown', 'code'].includes(kind) ? (
                <Preview name={found.name} size={number(entry.sizeBytes) ?? 0} url={localUrl(entry.url)} />
              ) : (
                <Diff before={localUrl(base.url)} after={localUrl(entry.url)} name={first!.name} />
              )}
            </section>
          );
        })}
      </div>
    </>
  );
}

function Diff({ before, after, name }: { before: string; after: string; name: string }) {
  const texts = useQuery({
    queryKey: keys.fileDifference(before, after),
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) => Promise.all([readText(before, signal), readText(after, signal)]),
  });
  if (texts.error) return <ErrorState error={texts.error} again={() => void texts.refetch()} />;
  if (!texts.data) return <Rows count={3} />;
  const [a, b] = texts.data;
  if (a === b) return <p className={css.sideNone}>The same as in {name}.</p>;
  const lines = diffLines(a, b);
  if (!lines) return <p className={css.sideNone}>Differs from {name} in too many lines to show them.</p>;
  return (
    <pre className={css.diff} tabIndex={0} role="group" aria-label={`What differs from ${name}`}>
      {hunksOf(lines).map((hunk, at) => (
        <div key={at}>
          {hunk.skipped > 0 && <div className={css.diffSkip}>… {plural(hunk.skipped, 'line')} the same</div>}
          {hunk.lines.map(({ kind, text }, index) => (
            <div key={index} data-kind={kind}>
              {kind === 'added' ? '+ ' : kind === 'removed' ? '− ' : '  '}
              {text}
            </div>
          ))}
        </div>
      ))}
    </pre>
  );
}
