// Statements that take many rows as easily as one. What arrives while one is under way goes into the next, and shares its commit.
import { workForAll } from '../lib/work.ts';
import { isRefusal } from './errors.ts';

type Waiting<I, O> = { item: I; resolve: (output: O) => void; reject: (error: unknown) => void };

/**
 * `run` answers for each item, or fails for all; is given at most `most` of one team, none with the same `keyOf`. If Postgres refuses what is in one of
 * them, each is run alone.
 */
export function openBatches<I, O>(
  run: (teamId: number, items: I[]) => Promise<O[]>,
  keyOf: (item: I) => string,
  most: number,
): (teamId: number, item: I) => Promise<O> {
  const queues = new Map<number, Waiting<I, O>[]>();
  const busy = new Set<number>();

  async function send(teamId: number, some: Waiting<I, O>[]): Promise<void> {
    try {
      const outputs = await run(
        teamId,
        some.map(({ item }) => item),
      );
      for (const [index, { resolve }] of some.entries()) resolve(outputs[index]!);
    } catch (error) {
      if (some.length > 1 && isRefusal(error)) for (const one of some) await send(teamId, [one]);
      else for (const { reject } of some) reject(error);
    }
  }

  async function drain(teamId: number, queue: Waiting<I, O>[]): Promise<void> {
    while (queue.length > 0) {
      const keys = new Set<string>();
      const end = queue.findIndex(({ item }) => keys.size === most || keys.size === keys.add(keyOf(item)).size);
      await send(teamId, queue.splice(0, end < 0 ? queue.length : end));
    }
    queues.delete(teamId);
    busy.delete(teamId);
  }

  return (teamId, item) =>
    new Promise((resolve, reject) => {
      const queue = queues.get(teamId) ?? [];
      queues.set(teamId, queue);
      queue.push({ item, resolve, reject });
      if (busy.has(teamId)) return;
      busy.add(teamId);
      // Not at once, so that what came with it on other connections goes along.
      workForAll(() => setImmediate(() => void drain(teamId, queue)));
    });
}
