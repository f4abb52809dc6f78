// Everybody on the server, found by name or address; adding somebody.
import { Button, TextInput } from '@mantine/core';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ServerUsersDocument } from '../api/documents.gen.ts';
import { nextCursor } from '../api/pages.ts';
import { queryKeys } from '../api/query-keys.ts';
import { ask } from '../api/session.ts';
import { plural } from '../format.ts';
import { Loaded } from '../ui/feedback/states.tsx';
import { Icon } from '../ui/icons.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import panelCss from '../ui/panel.module.css';
import { Panel } from '../ui/panel.tsx';
import { NewUser } from './new-user.tsx';
import { type Link, ResetLink } from './reset-link.tsx';
import { UserTable } from './user-table.tsx';

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
