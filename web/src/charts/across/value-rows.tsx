// A metric that was logged once per run is no curve: a row for each run, the largest first, with a dot on a range that shows how they differ.
import clsx from 'clsx';
import { useEffect, useRef, useState } from 'react';
import { plural } from '../../format.ts';
import chartCardCss from '../chart-card.module.css';
import { hover, useHovered } from '../lines/hover.ts';
import { Swatch } from '../swatch.tsx';
import { labelsOf } from '../ticks.ts';
import css from './value-rows.module.css';

/** `spread`: how far the runs of a group lie around their mean; 0 of one run. */
export type Valued = { runId: string; label: string; colour: string; dash: number[] | null; value: number; spread: number };

const ROW = 18;

/** NaN last; equal ones as they come. */
const compare = (a: number, b: number) => Number(Number.isNaN(a)) - Number(Number.isNaN(b)) || (a < b ? 1 : a > b ? -1 : 0);

export function ValueRows({ values, log, height, label }: { values: Valued[]; log: boolean; height: number; label: string }) {
  const list = useRef<HTMLUListElement>(null);
  const [below, setBelow] = useState(0);
  const sorted = [...values].sort((a, b) => compare(a.value, b.value));
  const finite = sorted.filter(({ value }) => Number.isFinite(value));
  const onLog = log && finite.every(({ value }) => value > 0);
  const low = Math.min(...finite.map(({ value, spread }) => value - spread));
  const high = Math.max(...finite.map(({ value, spread }) => value + spread));
  const logged = onLog && low > 0;
  const share = (value: number) =>
    high === low ? 0.5 : logged ? Math.log(value / low) / Math.log(high / low) : (value / 2 - low / 2) / (high / 2 - low / 2);
  const texts = labelsOf(sorted.map(({ value }) => value));
  const ends = finite.length > 1 && high > low ? labelsOf([low, high]) : null;
  const room = height - (ends ? ROW : 0);
  const count = () => {
    const { scrollHeight = 0, clientHeight = 0, scrollTop = 0 } = list.current ?? {};
    setBelow(Math.max(0, Math.round((scrollHeight - clientHeight - scrollTop) / ROW)));
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: more rows, another height: another rest
  useEffect(count, [values.length, height]);
  if (sorted.length === 1) {
    const [{ value, label }] = sorted as [Valued];
    return (
      <p className={clsx(css.oneValue, 'mono')} title={`${label}\n${value}`}>
        {texts[0]}
      </p>
    );
  }
  return (
    <>
      <ul className={css.rows} style={{ maxHeight: room }} ref={list} onScroll={count} tabIndex={0} aria-label={label}>
        {sorted.map((one, at) => (
          <Row
            key={one.runId}
            of={one}
            text={texts[at]!}
            part={Number.isFinite(one.value) ? share(one.value) : null}
            reach={one.spread / (high - low || 1)}
          />
        ))}
      </ul>
      {ends && (
        <p className={css.ends} aria-hidden="true">
          <span>
            <span>{ends[0]}</span>
            <span>{ends[1]}</span>
          </span>
        </p>
      )}
      {below > 0 && <p className={chartCardCss.foot}>{plural(below, 'run')} more below.</p>}
      {log && !logged && <p className={chartCardCss.foot}>Not on a log scale: some values are ≤ 0.</p>}
    </>
  );
}

function Row({ of, text, part, reach }: { of: Valued; text: string; part: number | null; reach: number }) {
  const lit = useHovered(of.runId);
  return (
    <li
      className={clsx(css.row, lit && css.lit)}
      title={`${of.label}\n${of.value}`}
      onMouseEnter={() => hover(of.runId)}
      onMouseLeave={() => hover(null)}
    >
      <Swatch colour={of.colour} dash={of.dash} />
      <span className={css.name}>{of.label}</span>
      <span className={css.track}>
        {part !== null && of.spread > 0 && (
          <span className={css.spread} style={{ left: `${Math.max(0, part - reach) * 100}%`, right: `${Math.max(0, 1 - part - reach) * 100}%` }} />
        )}
        {part !== null && <span className={css.dot} style={{ left: `${part * 100}%`, background: of.colour }} />}
      </span>
      <span className={clsx(css.value, 'mono')}>{text}</span>
    </li>
  );
}
