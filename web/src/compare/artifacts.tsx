// Files of the same path over the runs: pictures in a grid, texts by what differs from the first run's, everything else as it is previewed.
import type { RunRow } from '../api/runs.ts';
import { useParam } from '../router.ts';
import artifactsCss from '../run/artifacts/artifacts.module.css';
import { useTeam } from '../shell/team.ts';
import { Empty, Loaded } from '../ui/feedback/states.tsx';
import type { Grouping } from './groups.ts';
import { useFolders } from './shared-folders.ts';
import { Folder } from './shared-tree.tsx';
import { Side } from './side-by-side.tsx';

const MOST_RUNS = 60;

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
