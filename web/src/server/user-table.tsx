// People of the server as rows: resetting a password by a link, shutting out, removing.
import { Button, Menu } from '@mantine/core';
import { CreatePasswordResetLinkDocument, RemoveUserDocument, type ServerUsersQuery, SetUserDisabledDocument } from '../api/documents.gen.ts';
import { queryKeys } from '../api/query-keys.ts';
import { ask, useSession } from '../api/session.ts';
import { roleName } from '../people/roles.ts';
import { useAct } from '../ui/feedback/act.ts';
import { Confirm, useConfirm } from '../ui/feedback/confirm.tsx';
import flagCss from '../ui/flag.module.css';
import { PanelEmpty } from '../ui/panel.tsx';
import listTableCss from '../ui/tables/list-table.module.css';
import { ACTIONS, ListTable } from '../ui/tables/list-table.tsx';
import { Ago } from '../ui/tables/values.tsx';
import type { Link } from './reset-link.tsx';

type User = ServerUsersQuery['users']['nodes'][number];

const again = [queryKeys.server()];

export function UserTable({ rows, show }: { rows: User[]; show: (link: Link) => void }) {
  const own = useSession().viewer!.user.userId;
  const act = useAct();
  const confirm = useConfirm();
  if (rows.length === 0) return <PanelEmpty>Nobody.</PanelEmpty>;
  const reset = async ({ userId, email }: User) => {
    const made = await act(() => ask(CreatePasswordResetLinkDocument, { userId }));
    if (made) show({ email, ...made.createPasswordResetLink });
  };
  const disable = ({ userId, name, disabledAt }: User) =>
    act(() => ask(SetUserDisabledDocument, { userId, disabled: disabledAt === null }), {
      done: disabledAt === null ? `${name} is shut out` : `${name} may sign in again`,
      undo: () => ask(SetUserDisabledDocument, { userId, disabled: disabledAt !== null }),
      again,
    });
  const remove = ({ userId, name, email }: User) =>
    confirm.ask({
      title: `Remove ${name}?`,
      text: `${email} leaves all teams, and their sessions and tokens end at once. What they made stays and shows their name. This can not be undone.`,
      verb: 'Remove',
      run: () =>
        act(() => ask(RemoveUserDocument, { userId }), {
          done: ({ removeUser }) =>
            removeUser.teamsWithoutAdmin.length === 0
              ? 'Removed'
              : `Removed. Without an admin now: ${removeUser.teamsWithoutAdmin.join(', ')}. Appoint one under Teams.`,
          again,
        }),
    });
  return (
    <>
      <ListTable label="People of the server" columns={['Name', 'Address', 'Teams', 'Seen', ACTIONS]}>
        {rows.map((user) => (
          <tr key={user.userId}>
            <td className="strong">
              {user.name} {user.isServerAdmin && <span className={flagCss.flag}>server admin</span>}
              {user.disabledAt && <span className={flagCss.flag}>shut out</span>}
            </td>
            <td>{user.email}</td>
            <td>
              {user.teams.length === 0 ? (
                <span className="dim">none</span>
              ) : (
                user.teams.map(({ slug, role }) => `${slug} (${roleName(role)})`).join(', ')
              )}
            </td>
            <td>{user.lastSeenAt ? <Ago when={user.lastSeenAt} /> : <span className="dim">not yet</span>}</td>
            <td className={listTableCss.actionsCell}>
              <Menu position="bottom-end">
                <Menu.Target>
                  <Button variant="default" size="compact-xs" aria-label={`Change ${user.email}`}>
                    Change
                  </Button>
                </Menu.Target>
                <Menu.Dropdown>
                  <Menu.Item disabled={user.disabledAt !== null} onClick={() => void reset(user)}>
                    Reset the password…
                  </Menu.Item>
                  <Menu.Item disabled={user.userId === own} onClick={() => void disable(user)}>
                    {user.disabledAt ? 'Let in again' : 'Shut out'}
                  </Menu.Item>
                  <Menu.Item disabled={user.userId === own} color="red" onClick={() => remove(user)}>
                    Remove…
                  </Menu.Item>
                </Menu.Dropdown>
              </Menu>
            </td>
          </tr>
        ))}
      </ListTable>
      <Confirm of={confirm} />
    </>
  );
}
