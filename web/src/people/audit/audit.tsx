// Who did what in a team, newest first, page by page; the filter stands in the address.
import { Button, MultiSelect, Select } from '@mantine/core';
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { ApiError } from '../api/client.ts';
import { type AuditAction, AuditActorsDocument, AuditLogDocument } from '../api/documents.gen.ts';
import { nextCursor } from '../api/pages.ts';
import { queryKeys } from '../api/query-keys.ts';
import { ask } from '../api/session.ts';
import { patchQuery, useParam } from '../router.ts';
import { useTeam } from '../shell/team.ts';
import { Empty, Loaded } from '../ui/feedback/states.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import panelCss from '../ui/panel.module.css';
import { Panel } from '../ui/panel.tsx';
import { ListTable } from '../ui/tables/list-table.tsx';
import css from './audit.module.css';
import { nameOf, Row } from './audit-entry.tsx';

const GROUPS: Record<string, AuditAction[]> = {
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

const SPANS: Record<string, [string, number]> = {
  '1': ['Last day', 1],
  '7': ['Last 7 days', 7],
  '30': ['Last 30 days', 30],
  '365': ['Last year', 365],
};

const DAY_MS = 86_400_000;

export function AuditLog() {
  const team = useTeam();
  const [actionText] = useParam('actions');
  const [actor] = useParam('actor');
  const [span] = useParam('span');
  const actions = actionText.split(',').filter((one) => KNOWN.has(one as AuditAction)) as AuditAction[];
  const days = SPANS[span]?.[1];
  const actors = useQuery({
    queryKey: queryKeys.auditActors(team.slug),
    staleTime: 60_000,
    queryFn: async ({ signal }) => {
      const found = (await ask(AuditActorsDocument, { team: team.slug }, signal)).team;
      return [
        ...(found?.members.nodes ?? []).map(({ user }) => ({ value: String(user.userId), label: user.email })),
        ...(found?.serviceAccounts.nodes ?? []).map(({ userId, name }) => ({ value: String(userId), label: name })),
      ];
    },
  });
  const log = useInfiniteQuery({
    queryKey: queryKeys.auditLog(team.slug, actionText, actor, span),
    initialPageParam: null as string | null,
    placeholderData: keepPreviousData,
    queryFn: async ({ pageParam, signal }) => {
      const where = {
        actions: actions.length ? actions : null,
        actorId: /^\d+$/.test(actor) ? Number(actor) : null,
        // To the hour, so that all pages ask the same.
        from: days ? new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000 - days * DAY_MS).toISOString() : null,
      };
      const { team: found } = await ask(AuditLogDocument, { team: team.slug, where, first: 50, after: pageParam }, signal);
      if (!found) throw new ApiError('This team is not there, or not yours.', 'NOT_FOUND');
      return found.auditLog;
    },
    getNextPageParam: nextCursor,
  });
  const filtered = actions.length > 0 || actor !== '' || days !== undefined;
  const set = (patch: Record<string, string | null>) => patchQuery(patch, { replace: true });
  return (
    <Panel
      title=""
      label="Audit log"
      actions={
        <div className={css.bar}>
          {' '}
          <MultiSelect
            size="xs"
            aria-label="What was done"
            placeholder={actions.length ? undefined : 'Anything'}
            data={Object.entries(GROUPS).map(([group, items]) => ({ group, items: items.map((value) => ({ value, label: nameOf(value) })) }))}
            value={actions}
            searchable
            clearable
            onChange={(next) => set({ actions: next.join(',') || null })}
          />
          <Select
            aria-label="By whom"
            placeholder="By anybody"
            data={actors.data ?? []}
            value={actor || null}
            searchable
            clearable
            onChange={(next) => set({ actor: next })}
          />
          <Select
            aria-label="When"
            placeholder="Ever"
            data={Object.entries(SPANS).map(([value, [label]]) => ({ value, label }))}
            value={days ? span : null}
            clearable
            onChange={(next) => set({ span: next })}
          />
        </div>
      }
    >
      <Loaded of={log} rows={8}>
        {({ pages }) => {
          const rows = pages.flatMap(({ nodes }) => nodes);
          if (rows.length === 0) {
            return (
              <Empty title={filtered ? 'Nothing of that kind' : 'Nothing has happened yet'}>
                {filtered ? (
                  <Button variant="default" onClick={() => set({ actions: null, actor: null, span: null })}>
                    Show everything
                  </Button>
                ) : (
                  <p>Changes of members, tokens, models and webhooks, and deletions, are noted here for good.</p>
                )}
              </Empty>
            );
          }
          return (
            <>
              <ListTable label="Audit log" columns={['When', 'Who', 'What', 'To what', 'Before and after']}>
                {rows.map((entry) => (
                  <Row key={String(entry.entryId)} entry={entry} />
                ))}
              </ListTable>
              <footer className={panelCss.foot}>
                <span className="dim">
                  {rows.length} shown{log.hasNextPage ? '' : ', that is all'}
                </span>
                <LoadMore of={log} label="Older" size="compact-xs" />
              </footer>
            </>
          );
        }}
      </Loaded>
    </Panel>
  );
}
