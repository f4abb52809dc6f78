// Adding a person, who chooses a password by a link.
import { Button, Modal, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { AddServerUserDocument, CreatePasswordResetLinkDocument } from '../api/documents.gen.ts';
import { queryKeys } from '../api/query-keys.ts';
import { ask } from '../api/session.ts';
import { useAct } from '../ui/feedback/act.ts';
import formCss from '../ui/form.module.css';
import type { Link } from './reset-link.tsx';

export function NewUser({ close, show }: { close: () => void; show: (link: Link) => void }) {
  const act = useAct();
  const [email, setEmail] = useState('');
  const [name, setName] = useState('');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const made = await act(
      async () => {
        const { user } = (await ask(AddServerUserDocument, { email: email.trim(), name: name.trim() || null })).createUser;
        return { email: user.email, ...(await ask(CreatePasswordResetLinkDocument, { userId: user.userId })).createPasswordResetLink };
      },
      { again: [queryKeys.server()] },
    );
    if (!made) return;
    close();
    show(made);
  };
  return (
    <Modal opened onClose={close} title="Add a person" size="sm">
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
        <TextInput label="Name" value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <Button type="submit">Add</Button>
      </form>
    </Modal>
  );
}
