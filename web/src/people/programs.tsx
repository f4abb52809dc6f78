// The programs that act for a team: service accounts with their tokens, and the tokens of people that are narrowed to the team.
import { Button, Modal, Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import {
  CreateServiceAccountDocument,
  DisableServiceAccountDocument,
  type Role,
  ServiceAccountsDocument,
  type ServiceAccountsQuery,
  TeamTokensDocument,
} from '../api/documents.gen.ts';
import { ask } from '../api/session.ts';
import { plural } from '../format.ts';
import { useAct } from '../parts/act.ts';
import { Icon } from '../parts/icons.tsx';
import { Loaded } from '../parts/states.tsx';
import { Ago } from '../parts/values.tsx';
import { useCan, useTeam } from '../shell/team.ts';
import { NewToken, ROLES, roleName, TokenTable } from './tokens.tsx';

type Account = NonNullable<ServiceAccountsQuery['team']>['serviceAccounts']['nodes'][number];

export function Programs() {
  const team = useTeam();
  const act = useAct();
  const admin = useCan('ADMIN');
  const [making, setMaking] = useState(false);
  const [tokenFor, setTokenFor] = useState<Account | null>(null);
  const accounts = useQuery({
    queryKey: ['service-accounts', team.slug],
    queryFn: async ({ signal }) => (await ask(ServiceAccountsDocument, { team: team.slug }, signal)).team?.serviceAccounts.nodes ?? [],
  });
  const tokens = useQuery({
    queryKey: ['tokens', 'team', team.slug],
    enabled: admin,
    queryFn: async ({ signal }) => (await ask(TeamTokensDocument, { team: team.slug }, signal)).team?.apiTokens.nodes ?? [],
  });
  const live = (account: Account) => tokens.data?.filter((token) => token.serviceAccount?.id === account.id && !token.revokedAt) ?? [];
  const disable = (account: Account, disabled: boolean) => ask(DisableServiceAccountDocument, { id: account.id, disabled });
  const again = [['service-accounts', team.slug]];
  return (
    <>
      <section className="panel" aria-label="Service accounts">
        <header className="panel-head">
          <h2>Service accounts</h2>
          <span className="dim">{accounts.data?.length ? plural(accounts.data.length, 'account') : ''}</span>
          <span className="grow" />
          {admin && (
            <Button leftSection={<Icon name="plus" size={13} />} onClick={() => setMaking(true)}>
              New account
            </Button>
          )}
        </header>
        <Loaded of={accounts} rows={2}>
          {(rows) =>
            rows.length === 0 ? (
              <p className="panel-empty">
                None. A service account acts for a program, such as a nightly training, and stays when the person who set it up leaves.
              </p>
            ) : (
              <div className="scroll-x" tabIndex={0} role="group" aria-label="Service accounts, table">
                <table className="list">
                  <thead>
                    <tr>
                      <th scope="col">Name</th>
                      <th scope="col">Role</th>
                      {admin && (
                        <th scope="col" className="numeric">
                          Tokens
                        </th>
                      )}
                      <th scope="col">Made</th>
                      <th scope="col">State</th>
                      <th scope="col">
                        <span className="visually-hidden">Actions</span>
                      </th>
                    </tr>
                  </thead>
                  <tbody>
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
                            <span className="flag flag-bad">
                              disabled <Ago when={account.disabledAt} />
                            </span>
                          ) : (
                            'Active'
                          )}
                        </td>
                        <td className="actions-cell">
                          {admin && (
                            <span className="row-actions">
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
                  </tbody>
                </table>
              </div>
            )
          }
        </Loaded>
      </section>
      {admin && (
        <section className="panel" aria-label="Tokens that act in this team">
          <header className="panel-head">
            <h2>Tokens that act in this team alone</h2>
            <span className="dim">{tokens.data ? plural(tokens.data.filter(({ revokedAt }) => !revokedAt).length, 'token') : ''}</span>
          </header>
          <Loaded of={tokens} rows={3}>
            {(rows) => <TokenTable tokens={rows} owners />}
          </Loaded>
        </section>
      )}
      {making && <NewAccount close={() => setMaking(false)} />}
      {tokenFor && <NewToken account={{ id: tokenFor.id, name: tokenFor.name, team: team.slug }} close={() => setTokenFor(null)} />}
    </>
  );
}

function NewAccount({ close }: { close: () => void }) {
  const team = useTeam();
  const act = useAct();
  const [name, setName] = useState('');
  const [role, setRole] = useState<string | null>('CONTRIBUTOR');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const done = await act(() => ask(CreateServiceAccountDocument, { team: team.slug, name: name.trim(), role: (role ?? 'CONTRIBUTOR') as Role }), {
      done: `Made ${name.trim()}. Make a token for it next.`,
      again: [['service-accounts', team.slug]],
    });
    if (done) close();
  };
  return (
    <Modal opened onClose={close} title="New service account" size="sm">
      <form className="form" onSubmit={(event) => void submit(event)}>
        <TextInput
          data-autofocus
          label="Name"
          description="Small letters, digits, dots, hyphens and underscores, such as nightly-training."
          pattern="[a-z0-9][a-z0-9._\-]{0,62}"
          required
          withAsterisk={false}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Select label="Role" data={ROLES} value={role} onChange={setRole} allowDeselect={false} />
        <Button type="submit">Create</Button>
      </form>
    </Modal>
  );
}
