// A metric that was logged once per run is no curve: a bar for each run, the longest first.
import clsx from 'clsx';
import { short } from '../../format.ts';
import { hover, useHovered } from '../lines/hover.ts';
import type { Line } from '../lines/lines.ts';
import css from './value-bars.module.css';

export function Bars({ lines, height }: { lines: Line[]; height: number }) {
  const values = lines
    .map((line) => ({ line, value: line.last }))
    .sort((a, b) => Number(Number.isNaN(a.value)) - Number(Number.isNaN(b.value)) || (a.value < b.value ? 1 : -1));
  const most = Math.max(...values.map(({ value }) => (Number.isFinite(value) ? Math.abs(value) : 0)), Number.MIN_VALUE);
  if (values.length === 1) {
    return (
      <p className={clsx(css.oneValue, 'mono')} style={{ height }}>
        {short(values[0]!.value)}
      </p>
    );
  }
  return (
    <ul className={css.bars} style={{ height }} tabIndex={0} aria-label="One value per run">
      {values.map(({ line, value }) => (
        <Bar key={line.runId} line={line} value={value} part={Number.isNaN(value) ? 0 : Math.min(1, Math.abs(value) / most)} />
      ))}
    </ul>
  );
}

function Bar({ line, value, part }: { line: Line; value: number; part: number }) {
  const lit = useHovered(line.runId);
  return (
    <li
      className={clsx(css.bar, lit && css.lit)}
      title={`${line.label}\n${value}`}
      onMouseEnter={() => hover(line.runId)}
      onMouseLeave={() => hover(null)}
    >
      <span className={css.name}>{line.label}</span>
      <span>
        <span className={css.fill} style={{ width: `${part * 100}%`, background: line.colour }} />
      </span>
      <span className={clsx(css.value, 'mono')}>{short(value)}</span>
    </li>
  );
}
