// One file of each run, side by side.
import type { RunRow } from '../api/runs.ts';
import { Swatch } from '../charts/swatch.tsx';
import { bytes, number, plural } from '../format.ts';
import { to } from '../router.ts';
import { besideOf } from '../run/artifacts/artifact-folder.ts';
import artifactsCss from '../run/artifacts/artifacts.module.css';
import { kindOf } from '../run/artifacts/file-kinds.ts';
import { localUrl } from '../run/artifacts/read-file.ts';
import { Preview } from '../run/previews/preview.tsx';
import { useTeam } from '../shell/team.ts';
import { Empty, ErrorState, Rows } from '../ui/feedback/states.tsx';
import { Diff } from './file-differences.tsx';
import type { Grouping } from './groups.ts';
import { useFolders } from './shared-folders.ts';
import css from './side-by-side.module.css';

export function Side({ rows, path, grouping }: { rows: RunRow[]; path: string; grouping: Grouping }) {
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
                <Swatch colour={grouping.colour(row)} dash={grouping.dash(row)} />
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
                <Preview
                  name={found.name}
                  size={number(entry.sizeBytes) ?? 0}
                  url={localUrl(entry.url)}
                  path={path}
                  beside={besideOf({ kind: 'run', id: row.runId })}
                />
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
