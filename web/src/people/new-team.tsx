// Making a team, for server administrators; whoever makes it is its first administrator.
import { Button, Modal, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { CreateTeamDocument } from '../api/documents.gen.ts';
import { ask, reloadViewer } from '../api/session.ts';
import { go, to } from '../router.ts';
import { useAct } from '../ui/feedback/act.ts';
import formCss from '../ui/form.module.css';

/** What may stand in an address: `Vision Team` → `vision-team`. */
const slugOf = (name: string) =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63);

export function NewTeam({ close }: { close: () => void }) {
  const act = useAct();
  const [name, setName] = useState('');
  const [slug, setSlug] = useState<string | null>(null);
  const address = slug ?? slugOf(name);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const made = await act(async () => {
      const { createTeam } = await ask(CreateTeamDocument, { slug: address, name: name.trim() });
      await reloadViewer();
      return createTeam.team.slug;
    });
    if (!made) return;
    close();
    go(to('t', made));
  };
  return (
    <Modal opened onClose={close} title="New team" size="sm">
      <form className={formCss.form} onSubmit={(event) => void submit(event)}>
        <TextInput data-autofocus label="Name" required withAsterisk={false} value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <TextInput
          label="In addresses"
          description="Small letters, digits and hyphens. It never changes."
          required
          withAsterisk={false}
          pattern="[a-z0-9][a-z0-9\-]{0,62}"
          value={address}
          onChange={(event) => setSlug(event.currentTarget.value)}
        />
        <Button type="submit">Create</Button>
      </form>
    </Modal>
  );
}
