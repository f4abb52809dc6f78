// API tokens as a table, and making one: its secret is shown once.

import { Button, Modal, Select, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { serverUrl } from '../api/client.ts';
import { CreateApiTokenDocument, RevokeApiTokenDocument, type Role, type TokenRowFragment } from '../api/documents.gen.ts';
import { keys } from '../api/keys.ts';
import { ask, useSession } from '../api/session.ts';
import { useAct } from '../ui/act.ts';
import { Confirm, useConfirm } from '../ui/confirm.tsx';
import flagCss from '../ui/flag.module.css';
import formCss from '../ui/form.module.css';
import listTableCss from '../ui/list-table.module.css';
import { ACTIONS, ListTable } from '../ui/list-table.tsx';
import { PanelEmpty } from '../ui/panel.tsx';
import { Ago, Snippet } from '../ui/values.tsx';

const again = [keys.tokens()];
export const ROLES: { value: Role; label: string }[] = [
  { value: 'VIEWER', label: 'Viewer: reads' },
  { value: 'CONTRIBUTOR', label: 'Contributor: logs runs' },
  { value: 'MAINTAINER', label: 'Maintainer: deletes and promotes' },
  { value: 'ADMIN', label: 'Admin: members and settings' },
];
export const roleName = (role: string): string => role.slice(0, 1) + role.slice(1).toLowerCase();

export function TokenTable({ tokens, owners = false }: { tokens: TokenRowFragment[]; owners?: boolean }) {
  const act = useAct();
  const confirm = useConfirm();
  const shown = tokens.filter(({ revokedAt }) => revokedAt === null);
  if (shown.length === 0) return <PanelEmpty>None.</PanelEmpty>;
  return (
    <>
      <ListTable label="API tokens" columns={['Name', ...(owners ? ['Owner'] : []), 'Team', 'At most', 'Made', 'Used', 'Ends', ACTIONS]}>
        {shown.map((token) => (
          <tr key={token.id}>
            <td className="strong">{token.name}</td>
            {owners && (
              <td>
                {token.serviceAccount?.name ?? token.owner.name} {token.serviceAccount && <span className={flagCss.flag}>program</span>}
              </td>
            )}
            <td>{token.team ?? <span className="dim">{owners ? 'all of theirs' : 'all of yours'}</span>}</td>
            <td>
              {token.role ? (
                roleName(token.role)
              ) : (
                <span className="dim">{token.serviceAccount ? 'its role' : owners ? 'their role' : 'your role'}</span>
              )}
            </td>
            <td>
              <Ago when={token.createdAt} />
            </td>
            <td>{token.lastUsedAt ? <Ago when={token.lastUsedAt} /> : <span className="dim">not yet</span>}</td>
            <td>{token.expiresAt ? <Ago when={token.expiresAt} /> : <span className="dim">never</span>}</td>
            <td className={listTableCss.actionsCell}>
              <Button
                variant="default"
                size="compact-xs"
                aria-label={`Revoke ${token.name}`}
                onClick={() =>
                  confirm.ask({
                    title: `Revoke ${token.name}?`,
                    text: 'Whatever uses it stops working at once. This can not be undone.',
                    verb: 'Revoke',
                    run: () => act(() => ask(RevokeApiTokenDocument, { id: token.id }), { done: 'Revoked', again }),
                  })
                }
              >
                Revoke
              </Button>
            </td>
          </tr>
        ))}
      </ListTable>
      <Confirm of={confirm} />
    </>
  );
}

const DAYS = [
  { value: '', label: 'Never' },
  { value: '7', label: 'In a week' },
  { value: '30', label: 'In 30 days' },
  { value: '90', label: 'In 90 days' },
  { value: '365', label: 'In a year' },
];

type Account = { id: string; name: string; team: string };

/** Of oneself, or as admin of a service account, which acts in its own team alone. */
export function NewToken({ account, close }: { account?: Account; close: () => void }) {
  const act = useAct();
  const { teams } = useSession().viewer!;
  const [name, setName] = useState('');
  const [team, setTeam] = useState<string | null>(account?.team ?? teams[0]?.slug ?? null);
  const [role, setRole] = useState<string | null>(account ? '' : 'CONTRIBUTOR');
  const [days, setDays] = useState<string | null>('');
  const [secret, setSecret] = useState<string | null>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const expiresAt = days ? new Date(Date.now() + Number(days) * 86_400_000).toISOString() : null;
    const input = { name: name.trim(), team: team || null, role: (role as Role) || null, expiresAt, serviceAccount: account?.id ?? null };
    const made = await act(() => ask(CreateApiTokenDocument, input), { again });
    if (made) setSecret(made.createApiToken.secret);
  };
  return (
    <Modal
      opened
      onClose={close}
      title={secret ? 'Copy it now' : account ? `New token for ${account.name}` : 'New API token'}
      size="md"
      closeOnClickOutside={!secret}
    >
      {secret ? (
        <div className={formCss.form}>
          <p>This is the only time the secret is shown. Only its hash is kept.</p>
          <Snippet code={secret} label="the secret" />
          <Snippet
            code={`export MLFLOW_TRACKING_URI=${serverUrl(team ? `t/${team}` : '').href.replace(/\/$/, '')}\nexport MLFLOW_TRACKING_TOKEN=${secret}`}
            label="the two lines"
          />
          <Button onClick={close}>Done</Button>
        </div>
      ) : (
        <form className={formCss.form} onSubmit={(event) => void submit(event)}>
          <TextInput
            data-autofocus
            label="Name"
            placeholder="What is it for?"
            required
            withAsterisk={false}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          {!account && (
            <Select
              label="Team"
              data={[{ value: '', label: 'All of mine' }, ...teams.map((one) => ({ value: one.slug, label: one.name }))]}
              value={team ?? ''}
              onChange={setTeam}
              allowDeselect={false}
            />
          )}
          <Select
            label="May do at most"
            data={[{ value: '', label: account ? 'Whatever it may' : 'Whatever I may' }, ...ROLES]}
            value={role ?? ''}
            onChange={setRole}
            allowDeselect={false}
          />
          <Select label="Ends" data={DAYS} value={days ?? ''} onChange={setDays} allowDeselect={false} />
          <Button type="submit">Create</Button>
        </form>
      )}
    </Modal>
  );
}
