// What the address asks of a team's audit log, and the entries that answer it, page by page.
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { ApiError } from '../../api/client.ts';
import { type AuditAction, AuditLogDocument } from '../../api/documents.gen.ts';
import { nextCursor } from '../../api/pages.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { ask } from '../../api/session.ts';
import { patchQuery, useParam } from '../../router.ts';

export const GROUPS: Record<string, AuditAction[]> = {
  Members: ['MEMBER_ADDED', 'MEMBER_ROLE_CHANGED', 'MEMBER_REMOVED', 'MEMBER_INVITED', 'INVITATION_ACCEPTED', 'INVITATION_REVOKED'],
  Programs: [
    'SERVICE_ACCOUNT_CREATED',
    'SERVICE_ACCOUNT_DISABLED',
    'SERVICE_ACCOUNT_ENABLED',
    'TOKEN_CREATED',
    'TOKEN_REVOKED',
    'REPORTING_ROLE_CREATED',
    'REPORTING_ROLE_DELETED',
  ],
  Models: ['ALIAS_SET', 'ALIAS_DELETED', 'VERSION_STAGE_CHANGED', 'VERSION_DELETED', 'MODEL_RENAMED', 'MODEL_DELETED'],
  Runs: [
    'RUNS_DELETED',
    'RUNS_RESTORED',
    'EXPERIMENT_DELETED',
    'EXPERIMENT_RESTORED',
    'ARTIFACTS_DELETED',
    'LOGGED_MODEL_DELETED',
    'RUNS_PURGED',
    'EXPERIMENTS_PURGED',
    'LOGGED_MODELS_PURGED',
  ],
  Webhooks: ['WEBHOOK_CREATED', 'WEBHOOK_CHANGED', 'WEBHOOK_DELETED'],
  Team: ['TEAM_CREATED', 'TEAM_RENAMED', 'DENIED'],
};

const KNOWN = new Set(Object.values(GROUPS).flat());

/** Label and days, by what the address says. */
export const SPANS: Record<string, [string, number]> = {
  '1': ['Last day', 1],
  '7': ['Last 7 days', 7],
  '30': ['Last 30 days', 30],
  '365': ['Last year', 365],
};

const DAY_MS = 86_400_000;

export type AuditQuestion = { actions: AuditAction[]; actor: string; span: string };

/** Null, or no actions: no longer asked. */
export type Change = { actions?: string[]; actor?: string | null; span?: string | null };

export function useAuditQuestion() {
  const [actionText] = useParam('actions');
  const [actor] = useParam('actor');
  const [span] = useParam('span');
  const actions = actionText.split(',').filter((one) => KNOWN.has(one as AuditAction)) as AuditAction[];
  const asked: AuditQuestion = { actions, actor, span: Object.hasOwn(SPANS, span) ? span : '' };
  const filtered = actions.length > 0 || actor !== '' || asked.span !== '';
  const change = ({ actions: chosen, ...patch }: Change) =>
    patchQuery({ ...patch, ...(chosen && { actions: chosen.join(',') || null }) }, { replace: true });
  return { asked, filtered, change };
}

export function useAuditLog(team: string, { actions, actor, span }: AuditQuestion) {
  const days = SPANS[span]?.[1];
  return useInfiniteQuery({
    queryKey: queryKeys.auditLog(team, actions.join(','), actor, span),
    initialPageParam: null as string | null,
    placeholderData: keepPreviousData,
    queryFn: async ({ pageParam, signal }) => {
      const where = {
        actions: actions.length ? actions : null,
        actorId: /^\d+$/.test(actor) ? Number(actor) : null,
        // To the hour, so that all pages ask the same.
        from: days ? new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000 - days * DAY_MS).toISOString() : null,
      };
      const { team: found } = await ask(AuditLogDocument, { team, where, first: 50, after: pageParam }, signal);
      if (!found) throw new ApiError('This team is not there, or not yours.', 'NOT_FOUND');
      return found.auditLog;
    },
    getNextPageParam: nextCursor,
  });
}
