// The tags of a registered model, or of one of its versions.
import { TagModelDocument, TagVersionDocument } from '../api/documents.gen.ts';
import { queryKeys } from '../api/query-keys.ts';
import { ask } from '../api/session.ts';
import { useCan, useTeam } from '../shell/team.ts';
import { useAct } from '../ui/feedback/act.ts';
import type { Tag } from '../ui/tag-form.tsx';
import { TagsPanel } from '../ui/tags.tsx';

export function RegistryTags({ name, version, tags }: { name: string; version?: number; tags: readonly Tag[] }) {
  const team = useTeam();
  const act = useAct();
  const mayChange = useCan('model:write');
  const again = [queryKeys.models(team.slug)];
  const change = (changes: { setTags: Tag[]; deleteTags: string[] }): Promise<unknown> =>
    version === undefined
      ? ask(TagModelDocument, { team: team.slug, name, ...changes })
      : ask(TagVersionDocument, { team: team.slug, name, version, ...changes });
  const set = ({ key, value }: Tag) => change({ setTags: [{ key, value }], deleteTags: [] });
  return (
    <TagsPanel
      tags={tags}
      editable={mayChange}
      set={(tag) => act(() => set(tag), { again })}
      remove={(tag) => void act(() => change({ setTags: [], deleteTags: [tag.key] }), { done: `Removed ${tag.key}`, undo: () => set(tag), again })}
    />
  );
}
