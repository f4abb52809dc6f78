// Long work: shows how far it is at the foot of the page, and can be cancelled.
import clsx from 'clsx';
import { useSyncExternalStore } from 'react';
import toastsCss from './toasts.module.css';

type Work = { id: number; title: string; done: number; total: number; stop: AbortController };

let works: Work[] = [];
let last = 0;
const listeners = new Set<() => void>();
function set(next: Work[]): void {
  works = next;
  for (const listener of listeners) listener();
}

/** Thrown out of work that somebody cancelled. */
export class Cancelled extends Error {
  /** How many parts were done by then. */
  readonly done: number;

  constructor(done: number) {
    super('Cancelled');
    this.done = done;
  }
}

export type Report = (done: number, total?: number) => void;

/** `run` reports what is done and looks at the signal between its parts. Throws Cancelled, or what `run` throws. */
export async function work<R>(title: string, total: number, run: (report: Report, signal: AbortSignal) => Promise<R>): Promise<R> {
  last += 1;
  const id = last;
  const stop = new AbortController();
  let at = 0;
  // What is over at once shows nothing.
  const timer = setTimeout(() => set([...works, { id, title, done: at, total, stop }]), 250);
  try {
    return await run((done, of) => {
      at = done;
      if (works.some((one) => one.id === id)) set(works.map((one) => (one.id === id ? { ...one, done, total: of ?? one.total } : one)));
    }, stop.signal);
  } catch (error) {
    throw stop.signal.aborted ? new Cancelled(at) : error;
  } finally {
    clearTimeout(timer);
    set(works.filter((one) => one.id !== id));
  }
}

/** Some at a time, so that a thousand small requests take seconds and the server keeps breathing. */
export async function inParts<T>(
  items: readonly T[],
  size: number,
  parallel: number,
  each: (part: T[]) => Promise<unknown>,
  report: Report,
  signal: AbortSignal,
) {
  const parts = Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));
  let next = 0;
  let done = 0;
  const one = async () => {
    for (let part = parts[next++]; part; part = parts[next++]) {
      signal.throwIfAborted();
      await each(part);
      done += part.length;
      report(done);
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallel, parts.length) }, one));
}

export function Works() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => works,
  );
  return shown.map(({ id, title, done, total, stop }) => (
    <div key={id} className={clsx(toastsCss.toast, toastsCss.work)}>
      <span>{title}</span>
      <span className="mono dim">
        {done.toLocaleString('en-US')} of {total.toLocaleString('en-US')}
      </span>
      <button type="button" onClick={() => stop.abort()}>
        Cancel
      </button>
      <progress aria-label={title} max={Math.max(1, total)} value={done} />
    </div>
  ));
}
