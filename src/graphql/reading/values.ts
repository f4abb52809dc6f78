// Params, tags and metrics of many runs, only those asked for. One statement a kind reads them for all runs, whatever the fields of a query choose.
import DataLoader from 'dataloader';
import type { Choice } from '../../domain/tracking/runData.ts';

type Keyed = { key: string };
/** As in the arguments of fields: exactly these keys, and those that begin so; both given must both hold. */
export type Chosen = { keys?: string[] | null; prefix?: string | null };
export type ValueAsk = Chosen & { runId: string };

/** Those named, those begun so, or all. */
export function choose<T extends Keyed>(list: T[], { keys, prefix }: Chosen): T[] {
  if (!keys && !prefix) return list;
  const wanted = keys && new Set(keys);
  return list.filter(({ key }) => (!wanted || wanted.has(key)) && (!prefix || key.startsWith(prefix)));
}

const choiceOf = ({ keys, prefix }: Chosen) => JSON.stringify([keys ?? null, prefix || null]);

/** What covers all of these. */
function union(asks: Map<string, Chosen>): Choice {
  const [keys, prefixes] = [new Set<string>(), new Set<string>()];
  for (const ask of asks.values()) {
    if (ask.keys) for (const key of ask.keys) keys.add(key);
    else if (ask.prefix) prefixes.add(ask.prefix);
    else return {};
  }
  return { keys: [...keys], prefixes: [...prefixes] };
}

type Read<T> = (runIds: string[], choice: Choice) => Promise<Map<string, T[]>>;

/** Lists of all keys come from what `whole` remembers of a run, if it does; the rest is read. */
export const wholeOr =
  <V, T>(
    whole: DataLoader<string, V | null>,
    listIn: (values: V) => T[],
    read: { all: (runIds: string[]) => Promise<Map<string, T[]>>; chosen: Read<T> },
  ): Read<T> =>
  async (runIds, choice) => {
    if (choice.keys || choice.prefixes) return read.chosen(runIds, choice);
    const remembered = await Promise.all(runIds.map((runId) => whole.load(runId)));
    const found = new Map(runIds.flatMap((runId, at): [string, T[]][] => (remembered[at] ? [[runId, listIn(remembered[at])]] : [])));
    const missing = runIds.filter((runId) => !found.has(runId));
    if (missing.length > 0) for (const [runId, list] of await read.all(missing)) found.set(runId, list);
    return found;
  };

export type ValuesLoader<T> = {
  /** By key. */
  load(runId: string, chosen?: Chosen): Promise<T[]>;
};

export function valuesLoader<T extends Keyed>(read: Read<T>): ValuesLoader<T> {
  const loader = new DataLoader<ValueAsk, T[], string>(
    async (asks) => {
      const choices = new Map(asks.map((ask) => [choiceOf(ask), ask]));
      const found = await read([...new Set(asks.map(({ runId }) => runId))], union(choices));
      return asks.map((ask) => {
        const list = found.get(ask.runId) ?? [];
        return choices.size === 1 && !(ask.keys && ask.prefix) ? list : choose(list, ask);
      });
    },
    { cacheKeyFn: (ask) => `${ask.runId} ${choiceOf(ask)}` },
  );
  return { load: (runId, chosen = {}) => loader.load({ keys: chosen.keys, prefix: chosen.prefix, runId }) };
}
