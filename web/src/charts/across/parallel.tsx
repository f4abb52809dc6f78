// Parallel coordinates: each run a line across params and metrics. Dragging along an axis keeps only the runs that pass there; what is kept
// stands in the address.
import { Button, MultiSelect } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { RunRow } from '../../api/runs.ts';
import type { Grouping } from '../../compare/groups.ts';
import { plural } from '../../format.ts';
import { patchQuery, useParam } from '../../router.ts';
import { Empty } from '../../ui/feedback/states.tsx';
import pageCss from '../../ui/page.module.css';
import { Scroller } from '../../ui/tables/scroller.tsx';
import { axesOf } from '../axes.ts';
import drawingCss from '../drawing.module.css';
import { type Brush, printBrushes, readBrushes } from './brushes.ts';
import { HEIGHT, ParallelAxis, placeOf, yOf } from './parallel-axis.tsx';
import { RunLine } from './parallel-line.tsx';

const USUAL = 8;

export function Parallel({ rows, grouping }: { rows: RunRow[]; grouping: Grouping }) {
  const axes = useMemo(() => axesOf(rows), [rows]);
  const [text, setText] = useParam('axes');
  const [kept, setKept] = useParam('keep');
  const [moving, setMoving] = useState<{ id: string; brush: Brush } | null>(null);
  const brushes = { ...readBrushes(kept), ...(moving ? { [moving.id]: moving.brush } : {}) };
  const setBrush = (id: string, brush: Brush | null) => {
    const { [id]: _, ...rest } = readBrushes(kept);
    setMoving(null);
    setKept(printBrushes(brush ? { ...rest, [id]: brush } : rest) || null, { replace: true });
  };
  const chosen = text ? text.split(',') : axes.slice(0, USUAL).map(({ id }) => id);
  const shown = chosen.flatMap((id) => axes.find((axis) => axis.id === id) ?? []);
  if (axes.length < 2) {
    return (
      <Empty title="Too little differs">
        <p>Parallel coordinates need at least two params or metrics that differ between the runs.</p>
      </Empty>
    );
  }
  const width = Math.max(560, shown.length * 140);
  const xOf = (at: number) => 60 + (at * (width - 120)) / Math.max(1, shown.length - 1);
  const passes = (row: number) =>
    shown.every((axis) => {
      const brush = brushes[axis.id];
      const value = axis.values[row];
      return !brush || (value !== null && value !== undefined && placeOf(axis, value) >= brush.from && placeOf(axis, value) <= brush.to);
    });
  const passing = rows.filter((_, at) => passes(at));
  const brushed = Object.keys(brushes).length > 0;
  return (
    <div className={pageCss.part}>
      <div className={pageCss.bar}>
        <MultiSelect
          className={drawingCss.axes}
          aria-label="Axes"
          size="xs"
          searchable
          value={shown.map(({ id }) => id)}
          data={axes.map(({ id }) => id)}
          onChange={(next) => setText(next.join(',') || null, { replace: true })}
        />
        {shown.length < axes.length && (
          <span className="dim">
            {shown.length} of {axes.length} axes
          </span>
        )}
        <span className="dim" role="status">
          {brushed ? `${passing.length} of ${plural(rows.length, 'run')}` : plural(rows.length, 'run')}
        </span>
        {brushed && (
          <>
            <Button
              variant="default"
              size="compact-xs"
              disabled={passing.length === 0}
              onClick={() => patchQuery({ runs: passing.map(({ runId }) => runId).join(','), keep: null })}
            >
              Only these
            </Button>
            <Button variant="subtle" size="compact-xs" onClick={() => setKept(null, { replace: true })}>
              Let go of all
            </Button>
          </>
        )}
      </div>
      <Scroller label="Parallel coordinates">
        <svg
          className={drawingCss.parallel}
          viewBox={`0 0 ${width} ${HEIGHT}`}
          style={{ minWidth: width }}
          role="img"
          aria-label={`${passing.length} runs across ${shown.length} axes`}
        >
          {rows.map((row, at) => (
            <RunLine
              key={row.runId}
              row={row}
              colour={grouping.colour(row)}
              dim={!passes(at)}
              points={shown.map((axis, place) => [xOf(place), axis.values[at]! ?? null, axis] as const)}
              yOf={yOf}
            />
          ))}
          {shown.map((axis, place) => (
            <ParallelAxis
              key={axis.id}
              axis={axis}
              left={xOf(place)}
              brush={brushes[axis.id]}
              drag={(brush) => setMoving({ id: axis.id, brush })}
              set={(brush) => setBrush(axis.id, brush)}
            />
          ))}
        </svg>
      </Scroller>
      <p className="dim small">Drag along an axis to keep the runs that pass there; click it to let go.</p>
    </div>
  );
}
