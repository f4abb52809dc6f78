// Single values as they show everywhere: copied on click, whole on hover.
import { Tooltip } from '@mantine/core';
import clsx from 'clsx';
import { type ReactNode, useSyncExternalStore } from 'react';
import { duration, full, short, shortId } from '../../format.ts';
import { ago, hintOf, isoOf, knownTime, millisOf, moment, type When } from '../../times.ts';
import { toast } from '../feedback/toasts.ts';
import { Icon } from '../icons.tsx';
import css from './values.module.css';

export async function copy(text: string, what = 'Copied'): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // The clipboard's API needs https or localhost; a selection works everywhere.
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
  toast(what);
}

/** Of a text on hover. */
const MOST_SHOWN = 500;

export function Copyable({ text, label, children, mono = true }: { text: string; label?: string; children?: ReactNode; mono?: boolean }) {
  return (
    <button
      type="button"
      className={clsx(css.copyable, mono && 'mono')}
      title={`${text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text}\nClick to copy`}
      onClick={() => void copy(text, `Copied ${label ?? text}`)}
    >
      {children ?? text}
    </button>
  );
}

export const Id = ({ id }: { id: string }) => <Copyable text={id}>{shortId(id)}</Copyable>;

export function Num({ value }: { value: number | string | null | undefined }) {
  if (value === null || value === undefined) return <span className="absent">–</span>;
  return <Copyable text={full(value)}>{short(value)}</Copyable>;
}

type Clock = { now: number; listen: (changed: () => void) => () => void };
const clocks = new Map<number, Clock>();

/** One timer for all that show the time so often: a table has hundreds of them, and they come and go with each row. */
function clockOf(everyMs: number): Clock {
  const known = clocks.get(everyMs);
  if (known) return known;
  const listeners = new Set<() => void>();
  let timer: ReturnType<typeof setInterval> | undefined;
  const tick = () => {
    made.now = Date.now();
    for (const listener of listeners) listener();
  };
  const made: Clock = {
    now: Date.now(),
    listen(changed) {
      if (listeners.size === 0) {
        made.now = Date.now();
        timer = setInterval(tick, everyMs);
      }
      listeners.add(changed);
      return () => {
        listeners.delete(changed);
        if (listeners.size === 0) clearInterval(timer);
      };
    },
  };
  clocks.set(everyMs, made);
  return made;
}

/** Draws anew once in a while, so that "3m ago" doesn't stand still. */
export function useNow(everyMs = 30_000): number {
  const clock = clockOf(everyMs);
  return useSyncExternalStore(clock.listen, () => clock.now);
}

export function Ago({ when }: { when: When }) {
  return agoAt(when, useNow());
}

/** For whoever shows many and knows the time. */
export function agoAt(when: When, now: number) {
  if (millisOf(when) === null) return <span className="absent">–</span>;
  const iso = isoOf(when);
  if (iso === null) {
    return (
      <span className="mono" title={hintOf(when)}>
        {ago(when, now)}
      </span>
    );
  }
  return (
    <time dateTime={iso} title={moment(when)}>
      {ago(when, now)}
    </time>
  );
}

/** Of a run: counts on while it runs. */
export function Took({ run }: { run: { status: string; startedAt: string | number | null; durationMs: number | string | null } }) {
  const since = run.status === 'RUNNING' ? knownTime(run.startedAt) : null;
  const now = useNow(since !== null ? 1_000 : 60_000);
  if (since !== null) return <span className="mono">{duration(Math.max(0, now - since))}</span>;
  return run.durationMs === null ? <span className="absent">–</span> : <span className="mono">{duration(run.durationMs)}</span>;
}

const STATUS: Record<string, string> = { SCHEDULED: 'Scheduled', RUNNING: 'Running', FINISHED: 'Finished', FAILED: 'Failed', KILLED: 'Killed' };

export function Status({ status, text = true }: { status: string; text?: boolean }) {
  const name = STATUS[status] ?? status;
  return (
    <span className={css.status} data-status={status.toLowerCase()} title={name}>
      <span className={css.statusMark} aria-hidden="true" />
      {text ? name : <span className="visually-hidden">{name}</span>}
    </span>
  );
}

export function Dot({ colour, hollow = false }: { colour: string; hollow?: boolean }) {
  return <span className={css.dot} style={hollow ? { boxShadow: `inset 0 0 0 2px ${colour}` } : { background: colour }} aria-hidden="true" />;
}

/** Code with a button that copies it. */
export function Snippet({ code, label }: { code: string; label: string }) {
  return (
    <div className={css.snippet}>
      <pre tabIndex={0} role="group" aria-label={label}>
        {code}
      </pre>
      <Tooltip label="Copy">
        <button type="button" className={css.snippetCopy} aria-label={`Copy ${label}`} onClick={() => void copy(code, `Copied ${label}`)}>
          <Icon name="copy" />
        </button>
      </Tooltip>
    </div>
  );
}
