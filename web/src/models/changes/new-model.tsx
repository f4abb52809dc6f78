// Registering a model under a new name.
import { Button, Modal, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { CreateRegisteredModelDocument } from '../../api/documents.gen.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { ask } from '../../api/session.ts';
import { go, to } from '../../router.ts';
import { useTeam } from '../../shell/team.ts';
import { useAct } from '../../ui/feedback/act.ts';
import formCss from '../../ui/form.module.css';

export function NewModel({ close }: { close: () => void }) {
  const team = useTeam();
  const act = useAct();
  const [name, setName] = useState('');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const made = await act(() => ask(CreateRegisteredModelDocument, { team: team.slug, name: name.trim() }), {
      again: [queryKeys.models(team.slug)],
    });
    if (made) go(to('t', team.slug, 'models', made.createRegisteredModel.registeredModel.name));
  };
  return (
    <Modal opened onClose={close} title="New model" size="sm">
      <form className={formCss.form} onSubmit={(event) => void submit(event)}>
        <TextInput data-autofocus label="Name" required withAsterisk={false} value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <Button type="submit">Create</Button>
      </form>
    </Modal>
  );
}
