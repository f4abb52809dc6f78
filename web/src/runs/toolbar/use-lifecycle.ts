// Deleting runs and restoring them, from every place of the page. Runs nested in them are left as they are: that is said, and offered.
import { DeleteRunsDocument, type Lifecycle, NestedRunIdsDocument, RestoreRunsDocument } from '../../api/documents.gen.ts';
import { nextCursor } from '../../api/pages.ts';
import { ask } from '../../api/session.ts';
import { plural } from '../../format.ts';
import { useTeam } from '../../shell/team.ts';
import { type Also, useBulk } from './use-bulk.ts';

/** Parents in one question, and children in one answer. */
const PARENTS = 500;
const PAGE = 1_000;
/** So many are found to be counted and acted upon at once. */
const MOST = 20_000;

/** The runs nested in these, at any depth, that are active (or deleted). */
async function nestedIn(team: string, runIds: readonly string[], lifecycle: Lifecycle): Promise<string[]> {
  const seen = new Set(runIds);
  const found: string[] = [];
  for (let level = [...runIds]; level.length > 0 && found.length < MOST; ) {
    const next: string[] = [];
    for (let at = 0; at < level.length; at += PARENTS) {
      let after: string | null = null;
      do {
        const parents = level.slice(at, at + PARENTS);
        const { team: answer }: Awaited<ReturnType<typeof page>> = await page(team, parents, lifecycle, after);
        for (const { runId } of answer?.runs.nodes ?? []) if (!seen.has(runId)) next.push(runId);
        for (const { runId } of answer?.runs.nodes ?? []) seen.add(runId);
        after = answer ? nextCursor(answer.runs) : null;
      } while (after !== null && found.length + next.length < MOST);
    }
    found.push(...next);
    level = next;
  }
  return found;
}

const page = (team: string, parents: string[], lifecycle: Lifecycle, after: string | null) =>
  ask(NestedRunIdsDocument, { team, parents, lifecycle, first: PAGE, after });

type How = { what?: string; title: string; done: string; each: (ids: string[]) => Promise<unknown>; undo: (ids: string[]) => Promise<unknown> };

const each = {
  remove: (runIds: string[]) => ask(DeleteRunsDocument, { runIds }),
  restore: (runIds: string[]) => ask(RestoreRunsDocument, { runIds }),
};

/** `remove(ids, name)` and `restore(ids, name)`: true where all were done. `name`: of a single run. */
export function useLifecycle() {
  const { slug } = useTeam();
  const act = useBulk();
  const swap = (ids: string[], how: How, lifecycle: Lifecycle, stay: (count: number) => string, verb: string): Promise<boolean> =>
    act(ids, {
      ...how,
      also: async (finished): Promise<Also | null> => {
        const nested = await nestedIn(slug, finished, lifecycle);
        if (nested.length === 0) return null;
        const them = nested.length === 1 ? 'it' : 'them';
        return { text: stay(nested.length), action: { label: `${verb} ${them} too`, run: () => void act(nested, { ...how, what: undefined }) } };
      },
    });
  const named = (name: string | undefined) => (name === undefined ? {} : { what: name });
  return {
    remove: (ids: string[], name?: string) =>
      swap(
        ids,
        { title: 'Deleting', done: 'Deleted', each: each.remove, undo: each.restore, ...named(name) },
        'ACTIVE',
        (count) => `${plural(count, 'nested run stays', 'nested runs stay')}.`,
        'Delete',
      ),
    restore: (ids: string[], name?: string) =>
      swap(
        ids,
        { title: 'Restoring', done: 'Restored', each: each.restore, undo: each.remove, ...named(name) },
        'DELETED',
        (count) => `${plural(count, 'nested run stays', 'nested runs stay')} deleted.`,
        'Restore',
      ),
  };
}
