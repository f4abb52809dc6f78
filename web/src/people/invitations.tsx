// Open invitations of a team, and making one: its link is shown once and handed over by whoever made it.

import { Button, Modal, Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { serverUrl } from '../api/client.ts';
import { InvitationsDocument, InviteMemberDocument, RevokeInvitationDocument, type Role } from '../api/documents.gen.ts';
import { keys } from '../api/keys.ts';
import { ask } from '../api/session.ts';
import { useTeam } from '../shell/team.ts';
import { useAct } from '../ui/act.ts';
import formCss from '../ui/form.module.css';
import { Icon } from '../ui/icons.tsx';
import panelCss from '../ui/panel.module.css';
import { Panel, PanelEmpty } from '../ui/panel.tsx';
import { Loaded } from '../ui/states.tsx';
import { Ago, Snippet } from '../ui/values.tsx';
import { ROLES, roleName } from './tokens.tsx';

export function Invitations() {
  const team = useTeam();
  const act = useAct();
  const [making, setMaking] = useState(false);
  const again = [keys.invitations(team.slug)];
  const invitations = useQuery({
    queryKey: keys.invitations(team.slug),
    queryFn: async ({ signal }) =>
      ((await ask(InvitationsDocument, { team: team.slug }, signal)).team?.invitations.nodes ?? []).filter(({ state }) => state === 'OPEN'),
  });
  return (
    <Panel
      title="Open invitations"
      label="Invitations"
      note={invitations.data?.length || ''}
      actions={
        <Button variant="default" leftSection={<Icon name="plus" size={13} />} onClick={() => setMaking(true)}>
          Invite
        </Button>
      }
    >
      <Loaded of={invitations} rows={2}>
        {(rows) =>
          rows.length === 0 ? (
            <PanelEmpty>None. An invitation is a link that makes an account and joins this team.</PanelEmpty>
          ) : (
            <ul className={panelCss.lines}>
              {rows.map((one) => (
                <li key={one.id} className={panelCss.lineWithAction}>
                  <span>
                    <strong>{one.email}</strong> <span className="dim">{roleName(one.role)}, ends </span>
                    <Ago when={one.expiresAt} />
                  </span>
                  <Button
                    variant="default"
                    size="compact-xs"
                    aria-label={`Revoke the invitation of ${one.email}`}
                    onClick={() => void act(() => ask(RevokeInvitationDocument, { id: one.id }), { done: 'Revoked', again })}
                  >
                    Revoke
                  </Button>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      {making && <Invite close={() => setMaking(false)} />}
    </Panel>
  );
}

function Invite({ close }: { close: () => void }) {
  const team = useTeam();
  const act = useAct();
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<string | null>('CONTRIBUTOR');
  const [link, setLink] = useState<string | null>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const made = await act(() => ask(InviteMemberDocument, { team: team.slug, email: email.trim(), role: (role ?? 'CONTRIBUTOR') as Role }), {
      again: [keys.invitations(team.slug)],
    });
    if (made) setLink(made.inviteMember.url ?? serverUrl(`#/invitation/${made.inviteMember.token}`).href);
  };
  return (
    <Modal opened onClose={close} title={link ? 'Hand this link over' : `Invite to ${team.name}`} size="md" closeOnClickOutside={!link}>
      {link ? (
        <div className={formCss.form}>
          <p>It works once, for seven days, and is shown only now. No message was sent.</p>
          <Snippet code={link} label="the link" />
          <Button onClick={close}>Done</Button>
        </div>
      ) : (
        <form className={formCss.form} onSubmit={(event) => void submit(event)}>
          <TextInput
            data-autofocus
            label="Email"
            type="email"
            required
            withAsterisk={false}
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <Select label="Role" data={ROLES} value={role} onChange={setRole} allowDeselect={false} />
          <Button type="submit">Make the link</Button>
        </form>
      )}
    </Modal>
  );
}
