// Giving a model another name.
import { Button, Modal, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { RenameRegisteredModelDocument } from '../../api/documents.gen.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { ask } from '../../api/session.ts';
import { go, to } from '../../router.ts';
import { useTeam } from '../../shell/team.ts';
import { useAct } from '../../ui/feedback/act.ts';
import formCss from '../../ui/form.module.css';

export function Rename({ name, close }: { name: string; close: () => void }) {
  const team = useTeam();
  const act = useAct();
  const [newName, setNewName] = useState(name);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const next = newName.trim();
    const done = await act(() => ask(RenameRegisteredModelDocument, { team: team.slug, name, newName: next }), {
      done: `It is called ${next} now`,
      again: [queryKeys.models(team.slug)],
    });
    if (done) go(to('t', team.slug, 'models', next), { replace: true });
  };
  return (
    <Modal opened onClose={close} title={`Rename ${name}`} size="sm">
      <form className={formCss.form} onSubmit={(event) => void submit(event)}>
        <TextInput
          data-autofocus
          label="Name"
          description="Code that loads the model by its old name stops finding it."
          required
          withAsterisk={false}
          value={newName}
          onChange={(event) => setNewName(event.currentTarget.value)}
        />
        <Button type="submit" disabled={newName.trim() === name || newName.trim() === ''}>
          Rename
        </Button>
      </form>
    </Modal>
  );
}
