// Everybody on the server: adding, resetting a password by a link, shutting out, removing.
import { Button, Menu, TextInput } from '@mantine/core';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import {
  CreatePasswordResetLinkDocument,
  RemoveUserDocument,
  ServerUsersDocument,
  type ServerUsersQuery,
  SetUserDisabledDocument,
} from '../api/documents.gen.ts';
import { nextCursor } from '../api/pages.ts';
import { queryKeys } from '../api/query-keys.ts';
import { ask, useSession } from '../api/session.ts';
import { plural } from '../format.ts';
import { roleName } from '../people/roles.ts';
import { useAct } from '../ui/feedback/act.ts';
import { Confirm, useConfirm } from '../ui/feedback/confirm.tsx';
import { Loaded } from '../ui/feedback/states.tsx';
import flagCss from '../ui/flag.module.css';
import { Icon } from '../ui/icons.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import panelCss from '../ui/panel.module.css';
import { Panel, PanelEmpty } from '../ui/panel.tsx';
import listTableCss from '../ui/tables/list-table.module.css';
import { ACTIONS, ListTable } from '../ui/tables/list-table.tsx';
import { Ago } from '../ui/tables/values.tsx';
import { NewUser } from './new-user.tsx';
import { type Link, ResetLink } from './reset-link.tsx';

type User = ServerUsersQuery['users']['nodes'][number];

export function ServerUsers() {
  const [search, setSearch] = useState('');
  const [adding, setAdding] = useState(false);
  const [link, setLink] = useState<Link | null>(null);
  const users = useInfiniteQuery({
    queryKey: queryKeys.serverUsers(search.trim()),
    initialPageParam: null as string | null,
    placeholderData: keepPreviousData,
    queryFn: async ({ pageParam, signal }) => (await ask(ServerUsersDocument, { search: search.trim() || null, after: pageParam }, signal)).users,
    getNextPageParam: nextCursor,
  });
  const total = users.data?.pages[0]?.totalCount;
  return (
    <Panel
      title="People"
      note={total === undefined ? '' : plural(total, 'person', 'people')}
      actions={
        <>
          <TextInput
            aria-label="Search people"
            placeholder="Name or address"
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
          />
          <Button leftSection={<Icon name="plus" size={13} />} onClick={() => setAdding(true)}>
            Add a person
          </Button>
        </>
      }
    >
      <Loaded of={users} rows={4}>
        {({ pages }) => <UserTable rows={pages.flatMap(({ nodes }) => nodes)} show={setLink} />}
      </Loaded>
      {users.hasNextPage && (
        <div className={panelCss.foot}>
          <LoadMore of={users} />
        </div>
      )}
      {adding && <NewUser close={() => setAdding(false)} show={setLink} />}
      {link && <ResetLink link={link} close={() => setLink(null)} />}
    </Panel>
  );
}

const again = [queryKeys.server()];

function UserTable({ rows, show }: { rows: User[]; show: (link: Link) => void }) {
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
