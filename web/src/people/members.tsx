// The members of a team: who, with which role, and adding one.
import { Button, Select } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError } from '../api/client.ts';
import { AddMemberDocument, MembersDocument, RemoveMemberDocument, type Role, SetMemberRoleDocument } from '../api/documents.gen.ts';
import { nextCursor } from '../api/pages.ts';
import { queryKeys } from '../api/query-keys.ts';
import { ask, useSession } from '../api/session.ts';
import { plural } from '../format.ts';
import { useCan, useTeam } from '../shell/team.ts';
import { useAct } from '../ui/feedback/act.ts';
import { Loaded } from '../ui/feedback/states.tsx';
import { Icon } from '../ui/icons.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import panelCss from '../ui/panel.module.css';
import { Panel } from '../ui/panel.tsx';
import listTableCss from '../ui/tables/list-table.module.css';
import { ACTIONS, ListTable } from '../ui/tables/list-table.tsx';
import { Ago } from '../ui/tables/values.tsx';
import { AddMember } from './add-member.tsx';
import { ROLES, roleName } from './roles.ts';

export function MembersPanel() {
  const team = useTeam();
  const admin = useCan('member:manage');
  const [adding, setAdding] = useState(false);
  const members = useInfiniteQuery({
    queryKey: queryKeys.members(team.slug),
    initialPageParam: null as string | null,
    queryFn: async ({ pageParam, signal }) => {
      const { team: found } = await ask(MembersDocument, { team: team.slug, after: pageParam }, signal);
      if (!found) throw new ApiError('This team is not there, or not yours.', 'NOT_FOUND');
      return found.members;
    },
    getNextPageParam: nextCursor,
  });
  const total = members.data?.pages[0]?.totalCount;
  return (
    <Panel
      title="Members"
      note={total === undefined ? '' : plural(total, 'person', 'people')}
      actions={
        admin && (
          <Button leftSection={<Icon name="plus" size={13} />} onClick={() => setAdding(true)}>
            Add a member
          </Button>
        )
      }
    >
      <Loaded of={members} rows={3}>
        {({ pages }) => <Members rows={pages.flatMap(({ nodes }) => nodes)} admin={admin} />}
      </Loaded>
      {members.hasNextPage && (
        <div className={panelCss.foot}>
          <LoadMore of={members} />
        </div>
      )}
      {adding && <AddMember close={() => setAdding(false)} />}
    </Panel>
  );
}

type Member = { role: Role; since: string; user: { userId: number; email: string; name: string } };

function Members({ rows, admin }: { rows: Member[]; admin: boolean }) {
  const team = useTeam();
  const { user: me } = useSession().viewer!;
  const act = useAct();
  const again = [queryKeys.members(team.slug)];
  return (
    <ListTable label="Members" columns={['Name', 'Email', 'Role', 'Since', ACTIONS]}>
      {rows.map(({ user, role, since }) => (
        <tr key={user.userId}>
          <td className="strong">
            {user.name} {user.userId === me.userId && <span className="dim">you</span>}
          </td>
          <td>{user.email}</td>
          <td>
            {admin ? (
              <Select
                className={listTableCss.role}
                aria-label={`Role of ${user.name}`}
                data={ROLES.map(({ value }) => ({ value, label: roleName(value) }))}
                value={role}
                allowDeselect={false}
                onChange={(next) =>
                  next &&
                  void act(() => ask(SetMemberRoleDocument, { team: team.slug, userId: user.userId, role: next as Role }), {
                    done: `${user.name} is ${roleName(next)} now`,
                    undo: () => ask(SetMemberRoleDocument, { team: team.slug, userId: user.userId, role }),
                    again,
                  })
                }
              />
            ) : (
              roleName(role)
            )}
          </td>
          <td>
            <Ago when={since} />
          </td>
          <td className={listTableCss.actionsCell}>
            {admin && (
              <Button
                variant="default"
                size="compact-xs"
                aria-label={`Remove ${user.name}`}
                onClick={() =>
                  void act(() => ask(RemoveMemberDocument, { team: team.slug, userId: user.userId }), {
                    done: `Removed ${user.name}`,
                    undo: () => ask(AddMemberDocument, { team: team.slug, email: user.email, role }),
                    again,
                  })
                }
              >
                Remove
              </Button>
            )}
          </td>
        </tr>
      ))}
    </ListTable>
  );
}
