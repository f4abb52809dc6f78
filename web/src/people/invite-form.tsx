// Inviting somebody: the link is shown once.
import { Button, Modal, Select, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { serverUrl } from '../api/client.ts';
import { InviteMemberDocument, type Role } from '../api/documents.gen.ts';
import { queryKeys } from '../api/query-keys.ts';
import { ask } from '../api/session.ts';
import { useTeam } from '../shell/team.ts';
import { useAct } from '../ui/feedback/act.ts';
import formCss from '../ui/form.module.css';
import { Snippet } from '../ui/tables/values.tsx';
import { ROLES } from './roles.ts';

export function Invite({ close }: { close: () => void }) {
  const team = useTeam();
  const act = useAct();
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<string | null>('CONTRIBUTOR');
  const [link, setLink] = useState<string | null>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const made = await act(() => ask(InviteMemberDocument, { team: team.slug, email: email.trim(), role: (role ?? 'CONTRIBUTOR') as Role }), {
      again: [queryKeys.invitations(team.slug)],
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
