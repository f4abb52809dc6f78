// Changes of the registry reach what is shown of it: gathered for a second, then all of it that is on the screen is read again.
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { ModelChangesDocument } from '../api/documents.gen.ts';
import { follow } from '../api/live.ts';
import { queryKeys } from '../api/query-keys.ts';

/** A team that registers a hundred versions at once makes no busy page. */
const GATHER_MS = 1_000;

export function useLiveModels(team: string, enabled: boolean): void {
  const queries = useQueryClient();
  useEffect(() => {
    if (!enabled) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const again = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        void queries.invalidateQueries({ queryKey: queryKeys.models(team) });
      }, GATHER_MS);
    };
    const asked: { team: string; name: null; after?: string | null } = { team, name: null };
    const stop = follow(ModelChangesDocument, asked, {
      cursorOf: ({ modelChanged }) => modelChanged.cursor,
      next: ({ modelChanged: { kind } }) => {
        if (kind !== 'SUBSCRIBED') again();
      },
      lost: again,
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [team, enabled, queries]);
}
