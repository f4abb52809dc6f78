// The cells of the runs table.
import { memo } from 'react';
import type { RunRow } from '../api/runs.ts';
import { colourOf, full, short, shortId } from '../format.ts';
import { Ago, Status, Took } from '../parts/values.tsx';
import { type Column, cellValue } from './columns.ts';

export function NameCell({ run, href }: { run: RunRow; href: string }) {
  return (
    <div className="runs-cell runs-pin-1 runs-name" role="cell">
      <span className="dot" style={{ background: colourOf(run.runId) }} aria-hidden="true" />
      <a href={href} title={`${run.name}\n${run.runId}`}>
        {run.name || shortId(run.runId)}
      </a>
      {run.status !== 'FINISHED' && <Status status={run.status} text={false} />}
      {run.tags.has('mlflow.parentRunId') && (
        <span className="runs-nested" title="Nested in another run">
          nested
        </span>
      )}
    </div>
  );
}

type Props = { run: RunRow; column: Column; experimentName: (id: string) => string };

export const Cell = memo(function Cell({ run, column, experimentName }: Props) {
  const className = column.numeric ? 'runs-cell numeric' : 'runs-cell';
  if (column.kind === 'attributes') {
    return (
      <div className={className} role="cell">
        <Attribute run={run} name={column.key} experimentName={experimentName} />
      </div>
    );
  }
  const value = cellValue(run, column);
  if (value === null) {
    return (
      <div className={`${className} absent`} role="cell">
        –
      </div>
    );
  }
  // Params that are numbers read as they were written.
  const text = column.kind === 'metrics' ? short(value) : String(value);
  return (
    <div className={`${className}${column.kind === 'tags' ? '' : ' mono'}`} role="cell" title={full(value)}>
      {text}
    </div>
  );
});

function Attribute({ run, name, experimentName }: { run: RunRow; name: string; experimentName: (id: string) => string }) {
  switch (name) {
    case 'status':
      return <Status status={run.status} />;
    case 'start_time':
      return <Ago when={run.startedAt} />;
    case 'end_time':
      return <Ago when={run.endedAt} />;
    case 'duration':
      return <Took run={run} />;
    case 'user_id':
      return <span title={run.user ?? ''}>{run.user ?? <span className="absent">–</span>}</span>;
    case 'experiment':
      return <span title={experimentName(run.experimentId)}>{experimentName(run.experimentId)}</span>;
    case 'run_id':
      return (
        <span className="mono" title={run.runId}>
          {shortId(run.runId)}
        </span>
      );
    case 'source':
      return <span title={run.source.name ?? ''}>{run.source.name?.split('/').at(-1) ?? <span className="absent">–</span>}</span>;
    case 'commit':
      return run.source.gitCommit ? (
        <span className="mono" title={run.source.gitCommit}>
          {run.source.gitCommit.slice(0, 7)}
        </span>
      ) : (
        <span className="absent">–</span>
      );
    default:
      return null;
  }
}
