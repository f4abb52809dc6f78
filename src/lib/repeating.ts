// Background work of a server process: done now, and again and again with a pause between.
import { setTimeout as sleep } from 'node:timers/promises';

export type Repeating = { stop(): Promise<void> };
export type IsStopped = () => boolean;

/**
 * `work` should look at `isStopped` between its steps. Its faults go to `failed`, unless it was stopped. `stop` waits for it to end; with `patienceMs` no
 * longer than that, for work that can be cut off anywhere.
 */
export function repeating(
  everyMs: number,
  work: (isStopped: IsStopped) => Promise<void>,
  failed: (error: unknown) => void,
  patienceMs?: number,
): Repeating {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const isStopped = () => stopped;
  const look = async () => {
    try {
      await work(isStopped);
    } catch (error) {
      if (!stopped) failed(error);
    }
    if (!stopped) timer = setTimeout(start, everyMs).unref();
  };
  let running: Promise<void> = Promise.resolve();
  const start = () => {
    running = look();
  };
  start();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await (patienceMs === undefined ? running : Promise.race([running, sleep(patienceMs, undefined, { ref: false })]));
    },
  };
}
