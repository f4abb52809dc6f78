// Making a service account.
import { Button, Modal, Select, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { CreateServiceAccountDocument, type Role } from '../api/documents.gen.ts';
import { queryKeys } from '../api/query-keys.ts';
import { ask } from '../api/session.ts';
import { useTeam } from '../shell/team.ts';
import { useAct } from '../ui/feedback/act.ts';
import formCss from '../ui/form.module.css';
import { ROLES } from './roles.ts';

export function NewAccount({ close }: { close: () => void }) {
  const team = useTeam();
  const act = useAct();
  const [name, setName] = useState('');
  const [role, setRole] = useState<string | null>('CONTRIBUTOR');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const done = await act(() => ask(CreateServiceAccountDocument, { team: team.slug, name: name.trim(), role: (role ?? 'CONTRIBUTOR') as Role }), {
      done: `Made ${name.trim()}. Make a token for it next.`,
      again: [queryKeys.serviceAccounts(team.slug)],
    });
    if (done) close();
  };
  return (
    <Modal opened onClose={close} title="New service account" size="sm">
      <form className={formCss.form} onSubmit={(event) => void submit(event)}>
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
