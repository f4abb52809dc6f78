// The tags of a run, which may be changed and removed.
import { DeleteTagsDocument, SetTagsDocument } from '../api/documents.gen.ts';
import { queryKeys } from '../api/query-keys.ts';
import { ask } from '../api/session.ts';
import { useCan } from '../shell/team.ts';
import { useAct } from '../ui/feedback/act.ts';
import type { Tag } from '../ui/tag-form.tsx';
import { TagsPanel } from '../ui/tags.tsx';
import type { FullRun } from './full-run.ts';

export function Tags({ run }: { run: FullRun }) {
  const mayChange = useCan('run:write');
  const act = useAct();
  const again = [queryKeys.run(run.runId), queryKeys.runs(run.team.slug)];
  const set = ({ key, value }: Tag) => ask(SetTagsDocument, { runId: run.runId, tags: [{ key, value }] });
  return (
    <TagsPanel
      tags={run.tags}
      editable={mayChange}
      set={(tag) => act(() => set(tag), { again })}
      remove={(tag) =>
        void act(() => ask(DeleteTagsDocument, { runId: run.runId, keys: [tag.key] }), { done: `Removed ${tag.key}`, undo: () => set(tag), again })
      }
    />
  );
}
