// The metrics of a run with their last, lowest and highest values; each leads to its chart.
import { full, number } from '../format.ts';
import { to, withQuery } from '../router.ts';
import { Fields } from '../ui/tables/key-value-table.tsx';
import { Num } from '../ui/tables/values.tsx';
import type { FullRun } from './full-run.ts';

export type Metric = FullRun['metrics'][number];

const metricText = ({ key, last }: Metric) => `${key}\t${full(last)}`;

export function Metrics({ run, title, rows }: { run: FullRun; title: string; rows: Metric[] }) {
  const chart = (key: string) =>
    withQuery(to('t', run.team.slug, 'runs', run.runId, 'charts'), { metrics: `^${key.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}$` });
  return (
    <Fields
      title={title}
      rows={rows}
      text={metricText}
      empty={run.status === 'RUNNING' ? 'None yet. They appear as the run logs them.' : 'The run logged no metrics.'}
      columns={[
        { name: 'Metric', show: ({ key }) => <a href={chart(key)}>{key}</a>, sort: ({ key }) => key },
        { name: 'Last', numeric: true, show: ({ last }) => <Num value={last} />, sort: ({ last }) => number(last) },
        { name: 'Min', numeric: true, show: ({ min }) => <Num value={min} />, sort: ({ min }) => number(min) },
        { name: 'Max', numeric: true, show: ({ max }) => <Num value={max} />, sort: ({ max }) => number(max) },
        {
          name: 'Step',
          numeric: true,
          show: ({ lastStep }) => <span className="mono">{full(lastStep)}</span>,
          sort: ({ lastStep }) => number(lastStep),
        },
        { name: 'Points', numeric: true, show: ({ count }) => <span className="mono">{full(count)}</span>, sort: ({ count }) => number(count) },
      ]}
    />
  );
}
