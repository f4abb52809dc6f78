// Giving a team an admin that has none left.
import { Button, Modal, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { ApiError } from '../api/client.ts';
import { AppointTeamAdminDocument, ServerUsersDocument } from '../api/documents.gen.ts';
import { queryKeys } from '../api/query-keys.ts';
import { ask } from '../api/session.ts';
import { useAct } from '../ui/feedback/act.ts';
import formCss from '../ui/form.module.css';

export function Appoint({ slug, close }: { slug: string; close: () => void }) {
  const act = useAct();
  const [email, setEmail] = useState('');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const wanted = email.trim().toLowerCase();
    const done = await act(
      async () => {
        const { nodes } = (await ask(ServerUsersDocument, { search: wanted, after: null })).users;
        const user = nodes.find((one) => one.email.toLowerCase() === wanted);
        if (!user) throw new ApiError(`Nobody on this server has the address ${wanted}.`, 'NOT_FOUND');
        return ask(AppointTeamAdminDocument, { team: slug, userId: user.userId });
      },
      { done: `${wanted} is admin of ${slug}`, again: [queryKeys.server()] },
    );
    if (done) close();
  };
  return (
    <Modal opened onClose={close} title={`An admin for ${slug}`} size="sm">
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
        <Button type="submit">Appoint</Button>
      </form>
    </Modal>
  );
}
