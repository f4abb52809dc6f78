// Box plots: how a metric is spread over the runs that share a value of a param or tag. Every run is a dot beside its box.
import { Select, Switch } from '@mantine/core';
import clsx from 'clsx';
import { useMemo } from 'react';
import type { RunRow } from '../../api/runs.ts';
import { groupingOf, groupKeysOf } from '../../compare/groups.ts';
import { plural, short } from '../../format.ts';
import { go, to, useParam } from '../../router.ts';
import { useTeam } from '../../shell/team.ts';
import { Empty } from '../../ui/feedback/states.tsx';
import pageCss from '../../ui/page.module.css';
import { ListTable, numeric } from '../../ui/tables/list-table.tsx';
import { Scroller } from '../../ui/tables/scroller.tsx';
import { Dot } from '../../ui/tables/values.tsx';
import { axesOf, marksOf, share } from '../axes.ts';
import drawingCss from '../drawing.module.css';
import { Frame, xAt, yAt } from '../frame.tsx';
import { boxOf } from '../statistics.ts';
import { BoxDot } from './box-dot.tsx';

const MOST = 24;

/** Dots of one box side by side, always in the same places. */
const sideways = (runId: string) => ((Number.parseInt(runId.slice(-4), 16) % 100) / 100 - 0.5) * 0.5;

export function Boxes({ rows }: { rows: RunRow[] }) {
  const team = useTeam();
  const axes = useMemo(() => axesOf(rows).filter(({ id, numeric }) => numeric && !id.startsWith('params.')), [rows]);
  const keys = useMemo(() => groupKeysOf(rows), [rows]);
  const [colour] = useParam('by');
  const [metric, setMetric] = useParam('bm', axes[0]?.id ?? '');
  const [by, setBy] = useParam('bb', colour || keys[0] || '');
  const [logText, setLog] = useParam('blog');
  const axis = axes.find(({ id }) => id === metric);
  const grouping = useMemo(() => groupingOf(rows, by), [rows, by]);
  if (!axis || !by) {
    return (
      <Empty title="Nothing to put together">
        <p>A box plot needs a metric, and a param or tag that some of the runs share.</p>
      </Empty>
    );
  }
  const log = logText === '1' && axis.low > 0;
  const boxes = grouping.groups
    .map((group) => {
      const members = rows.flatMap((row, at) =>
        group.runIds.includes(row.runId) && axis.values[at] != null ? [{ row, value: axis.values[at]! }] : [],
      );
      return { ...group, members, box: boxOf(members.map(({ value }) => value)) };
    })
    .filter(({ box }) => box !== null);
  const shown = boxes.slice(0, MOST);
  const place = (at: number) => (at + 0.5) / shown.length;
  const half = Math.min(36, (xAt(1) - xAt(0)) / shown.length / 3.2);
  const y = (value: number) => yAt(share(axis, value, log));
  return (
    <div className={pageCss.part}>
      <div className={pageCss.bar}>
        <Select
          label="Metric"
          data={axes.map(({ id }) => id)}
          value={metric}
          searchable
          allowDeselect={false}
          onChange={(next) => setMetric(next, { replace: true })}
        />
        <Switch
          className={drawingCss.barFoot}
          label="Log"
          aria-label={`Log scale of ${axis.name}`}
          checked={log}
          disabled={axis.low <= 0}
          onChange={() => setLog(log ? null : '1', { replace: true })}
        />
        <Select
          label="By"
          data={keys.includes(by) ? keys : [by, ...keys]}
          value={by}
          searchable
          allowDeselect={false}
          onChange={(next) => setBy(next, { replace: true })}
        />
        <span className={clsx('dim', drawingCss.barFoot)}>
          {boxes.length > MOST ? `The first ${MOST} of ${boxes.length} groups` : plural(boxes.length, 'group')}
        </span>
      </div>
      <Scroller label="Box plot">
        <div className={drawingCss.drawing}>
          <Frame
            label={`${axis.name} by ${by}, ${plural(shown.length, 'group')}`}
            x={{ name: by, lines: false, ticks: shown.map(({ value, members }, at) => ({ at: place(at), label: `${value} (${members.length})` })) }}
            y={{ name: log ? `${axis.name} (log)` : axis.name, ...marksOf(axis, 6, log) }}
          >
            {shown.map(({ value, colour: fill, members, box }, at) => {
              const x = xAt(place(at));
              return (
                <g key={value} className={drawingCss.box} stroke={fill}>
                  <title>{`${value}: median ${short(box!.median)}, middle half ${short(box!.q1)} to ${short(box!.q3)}, mean ${short(box!.mean)}, ${plural(box!.count, 'run')}`}</title>
                  <line x1={x} x2={x} y1={y(box!.high)} y2={y(box!.q3)} />
                  <line x1={x} x2={x} y1={y(box!.q1)} y2={y(box!.low)} />
                  <line x1={x - half / 2} x2={x + half / 2} y1={y(box!.high)} y2={y(box!.high)} />
                  <line x1={x - half / 2} x2={x + half / 2} y1={y(box!.low)} y2={y(box!.low)} />
                  <rect x={x - half} width={half * 2} y={y(box!.q3)} height={Math.max(1, y(box!.q1) - y(box!.q3))} fill={fill} rx={2} />
                  <line className={drawingCss.boxMedian} x1={x - half} x2={x + half} y1={y(box!.median)} y2={y(box!.median)} />
                  {members.map(({ row, value: own }) => (
                    <BoxDot
                      key={row.runId}
                      row={row}
                      colour={fill}
                      cx={x + sideways(row.runId) * half * 2}
                      cy={y(own)}
                      value={own}
                      open={() => go(to('t', team.slug, 'runs', row.runId))}
                    />
                  ))}
                </g>
              );
            })}
          </Frame>
        </div>
      </Scroller>
      <div className={drawingCss.boxTable}>
        <ListTable label="Groups" columns={[by, ...['Runs', 'Lowest', '1st quartile', 'Median', '3rd quartile', 'Highest', 'Mean'].map(numeric)]}>
          {shown.map(({ value, colour: fill, members, box }) => {
            const values = members.map((one) => one.value);
            return (
              <tr key={value}>
                <td>
                  <Dot colour={fill} /> {value}
                </td>
                <td className="numeric mono">{box!.count}</td>
                {[Math.min(...values), box!.q1, box!.median, box!.q3, Math.max(...values), box!.mean].map((number, at) => (
                  <td key={at} className="numeric mono" title={String(number)}>
                    {short(number)}
                  </td>
                ))}
              </tr>
            );
          })}
        </ListTable>
      </div>
    </div>
  );
}
