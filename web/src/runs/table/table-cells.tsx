// The cells of the runs table. A value is shown short, whole on hover, and copied on click (the table listens for all of them).
import clsx from 'clsx';
import type { CSSProperties } from 'react';
import type { CellValue, TableRow } from '../../api/table.ts';
import type { Stroke } from '../../charts/slots.ts';
import { Swatch } from '../../charts/swatch.tsx';
import { duration, full, short, shortId } from '../../format.ts';
import { Icon } from '../../ui/icons.tsx';
import { agoAt, Status, Took } from '../../ui/tables/values.tsx';
import type { Column } from './columns.ts';
import tableCss from './table.module.css';

type NameProps = { run: TableRow; href: string; look: Stroke | undefined; hidden: boolean; toggle: (runId: string) => void };

export function NameCell({ run, href, look, hidden, toggle }: NameProps) {
  return (
    <div className={clsx(tableCss.cell, tableCss.pin1, tableCss.name)} role="cell">
      {look || hidden ? (
        <button
          type="button"
          className={tableCss.look}
          aria-pressed={hidden}
          aria-label={`Hide ${run.name} in the charts`}
          title={hidden ? 'Show in the charts' : 'Hide in the charts'}
          onClick={() => toggle(run.runId)}
        >
          {hidden ? <Icon name="eyeOff" size={14} /> : <Swatch {...look!} />}
          {!hidden && (
            <span className={tableCss.eye}>
              <Icon name="eye" size={14} />
            </span>
          )}
        </button>
      ) : (
        <span className={tableCss.undrawn} title="Not among the runs drawn" />
      )}
      <a href={href} title={`${run.name}\n${run.runId}`}>
        {run.name || shortId(run.runId)}
      </a>
      {run.nested && (
        <span className={tableCss.nested} title="Nested in another run">
          nested
        </span>
      )}
      {run.status !== 'FINISHED' && <Status status={run.status} text={false} />}
    </div>
  );
}

type Props = { run: TableRow; column: Column; experimentName: (id: string) => string; pinned: CSSProperties | undefined; now: number };

/** No component of its own: dozens of rows come into view with each frame. */
export function cellOf({ run, column, experimentName, pinned, now }: Props) {
  const value = run.cells[column.id] ?? null;
  // What isn't read yet is not what isn't there.
  if (!(column.id in run.cells))
    return <div key={column.id} className={clsx(tableCss.cell, pinned ? tableCss.pinned : undefined)} role="cell" style={pinned} />;
  if (column.kind === 'attributes') {
    return (
      <div
        key={column.id}
        className={clsx(tableCss.cell, column.numeric ? 'numeric' : undefined, pinned ? tableCss.pinned : undefined)}
        role="cell"
        style={pinned}
      >
        {attributeOf(run, column.key, value, experimentName, now)}
      </div>
    );
  }
  if (value === null) {
    return (
      <div
        key={column.id}
        className={clsx(tableCss.cell, 'absent', column.numeric ? 'numeric' : undefined, pinned ? tableCss.pinned : undefined)}
        role="cell"
        style={pinned}
      >
        –
      </div>
    );
  }
  // Params that are numbers read as they were written.
  const text = column.kind === 'metrics' ? short(value) : String(value);
  return (
    <div
      key={column.id}
      className={clsx(
        tableCss.cell,
        column.numeric ? 'numeric' : undefined,
        pinned ? tableCss.pinned : undefined,
        column.kind === 'tags' ? undefined : 'mono',
      )}
      role="cell"
      style={pinned}
      title={full(value)}
      data-copy=""
    >
      {text}
    </div>
  );
}

const absent = <span className="absent">–</span>;

function attributeOf(run: TableRow, name: string, value: CellValue, experimentName: (id: string) => string, now: number) {
  if (name === 'status') return <Status status={run.status} />;
  if (name === 'duration' && run.status === 'RUNNING') return <Took run={{ status: run.status, startedAt: run.startedAt, durationMs: value }} />;
  if (value === null) return absent;
  switch (name) {
    case 'duration':
      return <span className="mono">{duration(value)}</span>;
    case 'start_time':
    case 'end_time':
      return agoAt(Number(value), now);
    case 'user_id':
      return <span title={String(value)}>{value}</span>;
    case 'experiment':
      return <span title={experimentName(String(value))}>{experimentName(String(value))}</span>;
    case 'source':
      return (
        <span title={String(value)} data-copy="">
          {String(value).split('/').at(-1)}
        </span>
      );
    default:
      return (
        <span className="mono" title={String(value)} data-copy="">
          {name === 'commit' ? String(value).slice(0, 7) : shortId(String(value))}
        </span>
      );
  }
}
