// Long work on many runs: in parts, told about, and taken back part by part.
import { useQueryClient } from '@tanstack/react-query';
import { queryKeys } from '../../api/query-keys.ts';
import { plural } from '../../format.ts';
import { useTeam } from '../../shell/team.ts';
import { sayFault } from '../../ui/feedback/act.ts';
import { Cancelled, inParts, type Report, work } from '../../ui/feedback/progress.tsx';
import { type ToastAction, toast } from '../../ui/feedback/toasts.ts';

/** Of deletions in one request: small enough to be told about, and to be cancelled in between. */
const PART = 200;

const PARALLEL = 6;

/** What else is to be said of it, and what can be done about that. */
export type Also = { text: string; action: ToastAction };

type Bulk = {
  title: string;
  done: string;
  /** What it was done to, where a number says less. */
  what?: string | undefined;
  each: (ids: string[]) => Promise<unknown>;
  undo?: (ids: string[]) => Promise<unknown>;
  part?: number;
  /** Asked once it is done. */
  also?: (finished: string[]) => Promise<Also | null>;
};

/** Long work on runs: in parts, told about, and taken back part by part, also where it was cancelled half way. */
export function useBulk() {
  const team = useTeam();
  const queries = useQueryClient();
  const refresh = () => queries.invalidateQueries({ queryKey: queryKeys.runs(team.slug) });
  return async function act(ids: string[], { title, done, what, each, undo, part = PART, also }: Bulk): Promise<boolean> {
    const finished: string[] = [];
    const run = async (parts: string[], how: (ids: string[]) => Promise<unknown>, report: Report, signal: AbortSignal, note?: string[]) =>
      inParts(
        parts,
        part,
        PARALLEL,
        async (some) => {
          await how(some);
          note?.push(...some);
        },
        report,
        signal,
      );
    const takeBack = undo && {
      label: 'Undo',
      run: () =>
        void work(`Undoing: ${title.toLowerCase()}`, finished.length, (report, signal) => run([...finished], undo, report, signal)).then(
          refresh,
          sayFault,
        ),
    };
    let whole = false;
    try {
      await work(title, ids.length, (report, signal) => run(ids, each, report, signal, finished));
      whole = true;
    } catch (error) {
      if (!(error instanceof Cancelled)) sayFault(error);
    }
    await refresh();
    if (finished.length > 0) {
      const more = (await also?.(finished).catch(() => null)) ?? null;
      const said = whole
        ? `${done} ${what ?? plural(ids.length, 'run')}`
        : `${done} ${finished.length.toLocaleString('en-US')} of ${plural(ids.length, 'run')}`;
      toast(more ? `${said}. ${more.text}` : said, { actions: [takeBack, more?.action] });
    }
    return whole;
  };
}
