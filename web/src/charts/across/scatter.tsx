// Any two values against each other, a dot per run; pointing at one says what it is.
import { Select, Switch } from '@mantine/core';
import clsx from 'clsx';
import { useMemo, useState } from 'react';
import type { RunRow } from '../../api/runs.ts';
import type { Grouping } from '../../compare/groups.ts';
import { plural } from '../../format.ts';
import { go, to, useParam } from '../../router.ts';
import { useTeam } from '../../shell/team.ts';
import { Empty } from '../../ui/feedback/states.tsx';
import pageCss from '../../ui/page.module.css';
import { Scroller } from '../../ui/tables/scroller.tsx';
import { type Axis, axesOf, labelOf, marksOf, share } from '../axes.ts';
import drawingCss from '../drawing.module.css';
import { Frame, HEIGHT, WIDTH, xAt, yAt } from '../frame.tsx';
import plotCss from '../plot.module.css';
import { type Dot, Point } from './scatter-point.tsx';

export function Scatter({ rows, grouping }: { rows: RunRow[]; grouping: Grouping }) {
  const team = useTeam();
  const axes = useMemo(() => axesOf(rows), [rows]);
  const metrics = axes.filter(({ id }) => id.startsWith('metrics.'));
  const many = [...axes]
    .sort((a, b) => new Set(b.values).size - new Set(a.values).size)
    .find(({ id, numeric }) => numeric && id.startsWith('params.'));
  const [xId, setX] = useParam('sx', many?.id ?? axes[0]?.id ?? '');
  const [yId, setY] = useParam('sy', metrics.find(({ id }) => id !== xId)?.id ?? axes[1]?.id ?? '');
  const [logText, setLog] = useParam('slog');
  const [tip, setTip] = useState<Dot | null>(null);
  const x = axes.find(({ id }) => id === xId);
  const y = axes.find(({ id }) => id === yId);
  if (!x || !y)
    return (
      <Empty title="Too little differs">{rows.length > 0 && <p>A scatter plot needs two params or metrics that differ between the runs.</p>}</Empty>
    );
  const log = { x: logText.includes('x') && x.numeric && x.low > 0, y: logText.includes('y') && y.numeric && y.low > 0 };
  const data = axes.map(({ id }) => id);
  const dots = rows.flatMap((row, at): Dot[] => {
    const [vx, vy] = [x.values[at] ?? null, y.values[at] ?? null];
    if (vx === null || vy === null) return [];
    return [{ row, x: vx, y: vy, left: xAt(share(x, vx, log.x)), top: yAt(share(y, vy, log.y)) }];
  });
  const toggle = (which: 'x' | 'y') => {
    const other = which === 'x' ? 'y' : 'x';
    const next = `${logText.includes(which) ? '' : which}${logText.includes(other) ? other : ''}`;
    setLog(next || null, { replace: true });
  };
  return (
    <div className={pageCss.part}>
      <div className={pageCss.bar}>
        <Select label="Across" data={data} value={xId} searchable allowDeselect={false} onChange={(next) => setX(next, { replace: true })} />
        <LogSwitch axis={x} on={log.x} toggle={() => toggle('x')} />
        <Select label="Up" data={data} value={yId} searchable allowDeselect={false} onChange={(next) => setY(next, { replace: true })} />
        <LogSwitch axis={y} on={log.y} toggle={() => toggle('y')} />
        <span className={clsx('dim', drawingCss.barFoot)}>
          {dots.length === rows.length ? plural(dots.length, 'run') : `${dots.length} of ${plural(rows.length, 'run')} have both values`}
        </span>
      </div>
      <Scroller label="Scatter plot">
        <div className={drawingCss.drawing}>
          <Frame
            label={`${y.name} against ${x.name}, ${plural(dots.length, 'run')}`}
            x={{ name: log.x ? `${x.name} (log)` : x.name, ...marksOf(x, 6, log.x) }}
            y={{ name: log.y ? `${y.name} (log)` : y.name, ...marksOf(y, 6, log.y) }}
          >
            {dots.map((dot) => (
              <Point
                key={dot.row.runId}
                dot={dot}
                colour={grouping.colour(dot.row)}
                point={setTip}
                open={() => go(to('t', team.slug, 'runs', dot.row.runId))}
              />
            ))}
          </Frame>
          {tip && (
            <div
              className={clsx(plotCss.tip, plotCss.scatterTip)}
              role="tooltip"
              style={{ left: `${(tip.left / WIDTH) * 100}%`, top: `${(tip.top / HEIGHT) * 100}%` }}
              data-side={tip.left > WIDTH / 2 ? 'left' : 'right'}
              data-above={tip.top > HEIGHT / 2 ? '' : undefined}
            >
              <strong>{tip.row.name}</strong>
              <div className={plotCss.tipRow}>
                <span className={plotCss.tipName}>{x.name}</span>
                <span className="mono">{labelOf(x, tip.x)}</span>
              </div>
              <div className={plotCss.tipRow}>
                <span className={plotCss.tipName}>{y.name}</span>
                <span className="mono">{labelOf(y, tip.y)}</span>
              </div>
              {grouping.by && (
                <div className={plotCss.tipRow}>
                  <span className={plotCss.tipName}>{grouping.by.replace(/^\w+\./, '')}</span>
                  <span className="mono">{grouping.valueOf(tip.row)}</span>
                </div>
              )}
            </div>
          )}
        </div>
      </Scroller>
    </div>
  );
}

const LogSwitch = ({ axis, on, toggle }: { axis: Axis; on: boolean; toggle: () => void }) => (
  <Switch
    className={drawingCss.barFoot}
    label="Log"
    aria-label={`Log scale of ${axis.name}`}
    checked={on}
    disabled={!axis.numeric || axis.low <= 0}
    title={axis.low <= 0 ? 'A log scale shows only what is above zero' : undefined}
    onChange={toggle}
  />
);
