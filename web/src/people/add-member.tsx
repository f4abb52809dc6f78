// Adding somebody to a team.
import { Button, Modal, Select, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { ApiError } from '../api/client.ts';
import { AddMemberDocument, CreateUserDocument, type Role } from '../api/documents.gen.ts';
import { queryKeys } from '../api/query-keys.ts';
import { ask, useSession } from '../api/session.ts';
import { useTeam } from '../shell/team.ts';
import { useAct } from '../ui/feedback/act.ts';
import formCss from '../ui/form.module.css';
import { ROLES } from './roles.ts';

/** Who isn't on the server yet is added to it first, by those who may. */
export function AddMember({ close }: { close: () => void }) {
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
      { again: [queryKeys.members(team.slug)] },
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
            minLength={12}
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
