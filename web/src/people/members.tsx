// The members of a team: who, with which role, and adding one.

import { Button, Modal, Select, TextInput } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError } from '../api/client.ts';
import {
  AddMemberDocument,
  CreateUserDocument,
  MembersDocument,
  RemoveMemberDocument,
  type Role,
  SetMemberRoleDocument,
} from '../api/documents.gen.ts';
import { keys } from '../api/keys.ts';
import { ask, useSession } from '../api/session.ts';
import { plural } from '../format.ts';
import { useCan, useTeam } from '../shell/team.ts';
import { useAct } from '../ui/act.ts';
import formCss from '../ui/form.module.css';
import { Icon } from '../ui/icons.tsx';
import listTableCss from '../ui/list-table.module.css';
import { ACTIONS, ListTable } from '../ui/list-table.tsx';
import panelCss from '../ui/panel.module.css';
import { Panel } from '../ui/panel.tsx';
import { Loaded } from '../ui/states.tsx';
import { Ago } from '../ui/values.tsx';
import { ROLES, roleName } from './tokens.tsx';

export function MembersPanel() {
  const team = useTeam();
  const admin = useCan('member:manage');
  const [adding, setAdding] = useState(false);
  const members = useInfiniteQuery({
    queryKey: keys.members(team.slug),
    initialPageParam: null as string | null,
    queryFn: async ({ pageParam, signal }) => {
      const { team: found } = await ask(MembersDocument, { team: team.slug, after: pageParam }, signal);
      if (!found) throw new ApiError('This team is not there, or not yours.', 'NOT_FOUND');
      return found.members;
    },
    getNextPageParam: ({ pageInfo }) => (pageInfo.hasNextPage ? pageInfo.endCursor : null),
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
          <Button variant="default" loading={members.isFetchingNextPage} onClick={() => void members.fetchNextPage()}>
            More
          </Button>
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
  const again = [keys.members(team.slug)];
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

/** Who isn't on the server yet is added to it first, by those who may. */
function AddMember({ close }: { close: () => void }) {
  const team = useTeam();
  const { isServerAdmin } = useSession().viewer!;
  const act = useAct();
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<string | null>('CONTRIBUTOR');
  const [unknown, setUnknown] = useState(false);
  const [password, setPassword] = useState('');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const member = { team: team.slug, email: email.trim(), role: (role ?? 'CONTRIBUTOR') as Role };
    const done = await act(
      async () => {
        if (unknown) await ask(CreateUserDocument, { email: member.email, password: password || null });
        return ask(AddMemberDocument, member).catch((error: unknown) => {
          if (!(error instanceof ApiError) || error.code !== 'NOT_FOUND' || !isServerAdmin || unknown) throw error;
          setUnknown(true);
          return null;
        });
      },
      { again: [keys.members(team.slug)] },
    );
    if (done) close();
  };
  return (
    <Modal opened onClose={close} title={`Add to ${team.name}`} size="sm">
      <form className={formCss.form} onSubmit={(event) => void submit(event)}>
        <TextInput
          data-autofocus
          label="Email"
          type="email"
          required
          withAsterisk={false}
          value={email}
          onChange={(event) => {
            setEmail(event.currentTarget.value);
            setUnknown(false);
          }}
        />
        <Select label="Role" data={ROLES} value={role} onChange={setRole} allowDeselect={false} />
        {unknown && (
          <TextInput
            label="First password"
            description="Nobody on this server has that address. With a password they are added to it; they can change it then."
            type="password"
            autoComplete="new-password"
            minLength={8}
            required
            withAsterisk={false}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
        )}
        <Button type="submit">{unknown ? 'Add to the server and the team' : 'Add'}</Button>
      </form>
    </Modal>
  );
}
