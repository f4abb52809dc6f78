// Every team of the server: who could run it, and removing one with all that it holds.
import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ServerTeamsDocument } from '../api/documents.gen.ts';
import { nextCursor } from '../api/pages.ts';
import { queryKeys } from '../api/query-keys.ts';
import { ask } from '../api/session.ts';
import { count, plural } from '../format.ts';
import { Loaded } from '../ui/feedback/states.tsx';
import flagCss from '../ui/flag.module.css';
import { LoadMore } from '../ui/load-more.tsx';
import panelCss from '../ui/panel.module.css';
import { Panel } from '../ui/panel.tsx';
import listTableCss from '../ui/tables/list-table.module.css';
import { ACTIONS, ListTable, numeric } from '../ui/tables/list-table.tsx';
import { Ago } from '../ui/tables/values.tsx';
import { Appoint } from './appoint.tsx';
import { RemoveTeam } from './remove-team.tsx';

export function ServerTeams() {
  const [open, setOpen] = useState<{ what: 'remove' | 'appoint'; slug: string } | null>(null);
  const close = () => setOpen(null);
  const teams = useInfiniteQuery({
    queryKey: queryKeys.serverTeams(),
    initialPageParam: null as string | null,
    queryFn: async ({ pageParam, signal }) => (await ask(ServerTeamsDocument, { after: pageParam }, signal)).teams,
    getNextPageParam: nextCursor,
  });
  const total = teams.data?.pages[0]?.totalCount;
  return (
    <Panel title="Teams" note={total === undefined ? '' : plural(total, 'team')}>
      <Loaded of={teams} rows={4}>
        {({ pages }) => (
          <ListTable label="Teams of the server" columns={['Name', 'In addresses', numeric('People'), numeric('Programs'), 'Made', ACTIONS]}>
            {pages
              .flatMap(({ nodes }) => nodes)
              .map(({ slug, name, members, admins, programs, createdAt }) => (
                <tr key={slug}>
                  <td className="strong">
                    {name} {admins === 0 && <span className={flagCss.flag}>no admin</span>}
                  </td>
                  <td className="mono">{slug}</td>
                  <td className="numeric mono">{count(members)}</td>
                  <td className="numeric mono">{count(programs)}</td>
                  <td>
                    <Ago when={createdAt} />
                  </td>
                  <td className={listTableCss.actionsCell}>
                    {admins === 0 && (
                      <Button
                        variant="default"
                        size="compact-xs"
                        aria-label={`Appoint an admin of ${slug}`}
                        onClick={() => setOpen({ what: 'appoint', slug })}
                      >
                        Appoint an admin
                      </Button>
                    )}
                    {slug !== 'default' && (
                      <Button
                        variant="default"
                        size="compact-xs"
                        aria-label={`Remove the team ${slug}`}
                        onClick={() => setOpen({ what: 'remove', slug })}
                      >
                        Remove
                      </Button>
                    )}
                  </td>
                </tr>
              ))}
          </ListTable>
        )}
      </Loaded>
      {teams.hasNextPage && (
        <div className={panelCss.foot}>
          <LoadMore of={teams} />
        </div>
      )}
      {open?.what === 'remove' && <RemoveTeam slug={open.slug} close={close} />}
      {open?.what === 'appoint' && <Appoint slug={open.slug} close={close} />}
    </Panel>
  );
}
