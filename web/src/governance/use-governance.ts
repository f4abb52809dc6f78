// What is protected of a model and asked for, what a move takes, and asking for it. Read once, however many show it.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { ApiError } from '../api/client.ts';
import { ModelGovernanceDocument, PromotionPreviewDocument, type PromotionPreviewQuery, RequestPromotionDocument } from '../api/documents.gen.ts';
import { queryKeys } from '../api/query-keys.ts';
import { ask } from '../api/session.ts';
import { go, to } from '../router.ts';
import { useCan, useTeam } from '../shell/team.ts';
import { useAct } from '../ui/feedback/act.ts';
import { type Target, targetName } from './words.ts';

export function useModelGovernance(name: string) {
  const team = useTeam();
  return useQuery({
    queryKey: queryKeys.modelGovernance(team.slug, name),
    queryFn: async ({ signal }) => (await ask(ModelGovernanceDocument, { team: team.slug, name }, signal)).team?.registeredModel ?? null,
  }).data;
}

export type Preview = NonNullable<NonNullable<NonNullable<PromotionPreviewQuery['team']>['registeredModel']>['version']>['promotionPreview'];

export function usePreview(name: string, version: number | null, target: Target) {
  const team = useTeam();
  const preview = useQuery({
    queryKey: queryKeys.promotionPreview(team.slug, name, version ?? 0, target),
    enabled: version !== null && target.alias !== '',
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) =>
      (await ask(PromotionPreviewDocument, { team: team.slug, name, version: version!, ...target }, signal)).team?.registeredModel?.version
        ?.promotionPreview ?? null,
  });
  // What is said of another target is no answer.
  return preview.isPlaceholderData || preview.isError ? undefined : (preview.data ?? undefined);
}

export type Wanted = { name: string; version: number | null; target: Target; comment: string };

/** Asks, and goes to the request; false where that was refused. */
export function useAsk() {
  const team = useTeam();
  const act = useAct();
  return async ({ name, version, target, comment }: Wanted): Promise<boolean> => {
    const made = await act(() => ask(RequestPromotionDocument, { team: team.slug, name, version, ...target, comment: comment.trim() || null }), {
      done: `Asked for ${targetName(target)}`,
      again: [queryKeys.models(team.slug)],
    });
    if (made) go(to('t', team.slug, 'requests', made.requestPromotion.promotionRequest.requestId));
    return made !== null;
  };
}

/** For `useAct`: a move that is refused because it is protected can be asked for. */
export function useOfferToAsk() {
  const mayAsk = useCan('promotion:request');
  return (run: () => void) => (error: unknown) =>
    mayAsk && error instanceof ApiError && error.reason === 'target-protected' ? { label: 'Ask for it', run } : undefined;
}
