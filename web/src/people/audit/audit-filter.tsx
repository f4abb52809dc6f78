// The bar above the audit log: what was done, by whom, when.
import { MultiSelect, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { AuditActorsDocument } from '../../api/documents.gen.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { ask } from '../../api/session.ts';
import css from './audit.module.css';
import { nameOf } from './audit-entry.tsx';
import { type AuditQuestion, type Change, GROUPS, SPANS } from './use-audit-log.ts';

type Props = { team: string; asked: AuditQuestion; change: (patch: Change) => void };

/** People and programs of the team. */
const useActors = (team: string) =>
  useQuery({
    queryKey: queryKeys.auditActors(team),
    staleTime: 60_000,
    queryFn: async ({ signal }) => {
      const found = (await ask(AuditActorsDocument, { team }, signal)).team;
      return [
        ...(found?.members.nodes ?? []).map(({ user }) => ({ value: String(user.userId), label: user.email })),
        ...(found?.serviceAccounts.nodes ?? []).map(({ userId, name }) => ({ value: String(userId), label: name })),
      ];
    },
  });

export function AuditFilter({ team, asked: { actions, actor, span }, change }: Props) {
  const actors = useActors(team);
  return (
    <div className={css.bar}>
      <MultiSelect
        size="xs"
        aria-label="What was done"
        placeholder={actions.length ? undefined : 'Anything'}
        data={Object.entries(GROUPS).map(([group, items]) => ({ group, items: items.map((value) => ({ value, label: nameOf(value) })) }))}
        value={actions}
        searchable
        clearable
        onChange={(next) => change({ actions: next })}
      />
      <Select
        aria-label="By whom"
        placeholder="By anybody"
        data={actors.data ?? []}
        value={actor || null}
        searchable
        clearable
        onChange={(next) => change({ actor: next })}
      />
      <Select
        aria-label="When"
        placeholder="Ever"
        data={Object.entries(SPANS).map(([value, [label]]) => ({ value, label }))}
        value={span || null}
        clearable
        onChange={(next) => change({ span: next })}
      />
    </div>
  );
}
