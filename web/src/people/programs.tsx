// The programs that act for a team: service accounts with their tokens, and the tokens of people that are narrowed to the team.
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import clsx from 'clsx';
import { useState } from 'react';
import { DisableServiceAccountDocument, ServiceAccountsDocument, type ServiceAccountsQuery, TeamTokensDocument } from '../api/documents.gen.ts';
import { queryKeys } from '../api/query-keys.ts';
import { ask } from '../api/session.ts';
import { plural } from '../format.ts';
import { useCan, useTeam } from '../shell/team.ts';
import { useAct } from '../ui/feedback/act.ts';
import { Loaded } from '../ui/feedback/states.tsx';
import flagCss from '../ui/flag.module.css';
import { Icon } from '../ui/icons.tsx';
import { Panel, PanelEmpty } from '../ui/panel.tsx';
import listTableCss from '../ui/tables/list-table.module.css';
import { ACTIONS, ListTable, numeric } from '../ui/tables/list-table.tsx';
import { Ago } from '../ui/tables/values.tsx';
import { NewAccount } from './new-account.tsx';
import { NewToken } from './new-token.tsx';
import { roleName } from './roles.ts';
import { TokenTable } from './tokens.tsx';

type Account = NonNullable<ServiceAccountsQuery['team']>['serviceAccounts']['nodes'][number];

export function Programs() {
  const team = useTeam();
  const act = useAct();
  const admin = useCan('account:manage');
  const [making, setMaking] = useState(false);
  const [tokenFor, setTokenFor] = useState<Account | null>(null);
  const accounts = useQuery({
    queryKey: queryKeys.serviceAccounts(team.slug),
    queryFn: async ({ signal }) => (await ask(ServiceAccountsDocument, { team: team.slug }, signal)).team?.serviceAccounts.nodes ?? [],
  });
  const tokens = useQuery({
    queryKey: queryKeys.teamTokens(team.slug),
    enabled: admin,
    queryFn: async ({ signal }) => (await ask(TeamTokensDocument, { team: team.slug }, signal)).team?.apiTokens.nodes ?? [],
  });
  const live = (account: Account) => tokens.data?.filter((token) => token.serviceAccount?.id === account.id && !token.revokedAt) ?? [];
  const disable = (account: Account, disabled: boolean) => ask(DisableServiceAccountDocument, { id: account.id, disabled });
  const again = [queryKeys.serviceAccounts(team.slug)];
  return (
    <>
      <Panel
        title="Service accounts"
        note={accounts.data?.length ? plural(accounts.data.length, 'account') : ''}
        actions={
          admin && (
            <Button leftSection={<Icon name="plus" size={13} />} onClick={() => setMaking(true)}>
              New account
            </Button>
          )
        }
      >
        <Loaded of={accounts} rows={2}>
          {(rows) =>
            rows.length === 0 ? (
              <PanelEmpty>
                None. A service account acts for a program, such as a nightly training, and stays when the person who set it up leaves.
              </PanelEmpty>
            ) : (
              <ListTable label="Service accounts" columns={['Name', 'Role', ...(admin ? [numeric('Tokens')] : []), 'Made', 'State', ACTIONS]}>
                {rows.map((account) => (
                  <tr key={account.id}>
                    <td className="strong mono">{account.name}</td>
                    <td>{roleName(account.role)}</td>
                    {admin && <td className="numeric mono">{live(account).length}</td>}
                    <td>
                      <Ago when={account.createdAt} />
                    </td>
                    <td>
                      {account.disabledAt ? (
                        <span className={clsx(flagCss.flag, flagCss.bad)}>
                          disabled <Ago when={account.disabledAt} />
                        </span>
                      ) : (
                        'Active'
                      )}
                    </td>
                    <td className={listTableCss.actionsCell}>
                      {admin && (
                        <span className={listTableCss.rowActions}>
                          {!account.disabledAt && (
                            <Button
                              variant="default"
                              size="compact-xs"
                              aria-label={`New token for ${account.name}`}
                              onClick={() => setTokenFor(account)}
                            >
                              New token
                            </Button>
                          )}
                          <Button
                            variant="default"
                            size="compact-xs"
                            aria-label={`${account.disabledAt ? 'Enable' : 'Disable'} ${account.name}`}
                            onClick={() =>
                              void act(() => disable(account, !account.disabledAt), {
                                done: account.disabledAt ? `${account.name}’s tokens work again` : `${account.name}’s tokens don’t work any more`,
                                undo: () => disable(account, Boolean(account.disabledAt)),
                                again,
                              })
                            }
                          >
                            {account.disabledAt ? 'Enable' : 'Disable'}
                          </Button>
                        </span>
                      )}
                    </td>
                  </tr>
                ))}
              </ListTable>
            )
          }
        </Loaded>
      </Panel>
      {admin && (
        <Panel
          title="Tokens that act in this team alone"
          label="Tokens that act in this team"
          note={tokens.data ? plural(tokens.data.filter(({ revokedAt }) => !revokedAt).length, 'token') : ''}
        >
          <Loaded of={tokens} rows={3}>
            {(rows) => <TokenTable tokens={rows} owners />}
          </Loaded>
        </Panel>
      )}
      {making && <NewAccount close={() => setMaking(false)} />}
      {tokenFor && <NewToken account={{ id: tokenFor.id, name: tokenFor.name, team: team.slug }} close={() => setTokenFor(null)} />}
    </>
  );
}
