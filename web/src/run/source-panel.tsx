// What code made a run, and where it keeps its files.

import { Panel } from '../ui/panel.tsx';
import { Pair, Pairs } from '../ui/tables/pairs.tsx';
import { Ago, Copyable } from '../ui/tables/values.tsx';
import { Commit } from './commit.tsx';
import type { FullRun } from './full-run.ts';

export function Source({ run }: { run: FullRun }) {
  const { source } = run;
  const rows: [string, React.ReactNode][] = [
    ['File', source.name && <Copyable text={source.name} />],
    ['Kind', source.type?.toLowerCase()],
    ['Commit', source.gitCommit && <Commit key="commit" source={source} />],
    ['Branch', source.gitBranch],
    ['Entry point', source.entryPoint],
    ['Logged by', run.createdBy && `${run.createdBy.name} (${run.createdBy.email})`],
    ['Ended', run.endedAt && <Ago key="ended" when={run.endedAt} />],
    ['Artifacts', <Copyable key="uri" text={run.artifactUri} />],
  ];
  return (
    <Panel title="Source">
      <Pairs>
        {rows.map(
          ([name, value]) =>
            value && (
              <Pair key={name} name={name}>
                {value}
              </Pair>
            ),
        )}
      </Pairs>
    </Panel>
  );
}
