// Making a logged model a version of a registered one.
import { Button, Modal, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { ApiError } from '../../api/client.ts';
import { CreateModelVersionDocument, CreateRegisteredModelDocument, type LoggedModelFullFragment } from '../../api/documents.gen.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { ask } from '../../api/session.ts';
import { go, to } from '../../router.ts';
import { useTeam } from '../../shell/team.ts';
import { useAct } from '../../ui/feedback/act.ts';
import formCss from '../../ui/form.module.css';

export function Register({ model, close }: { model: LoggedModelFullFragment; close: () => void }) {
  const team = useTeam();
  const act = useAct();
  const [name, setName] = useState(model.versions[0]?.name ?? '');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const at = { team: team.slug, name: name.trim() };
    const made = await act(
      async () => {
        await ask(CreateRegisteredModelDocument, at).catch((error: unknown) => {
          if (!(error instanceof ApiError) || error.code !== 'ALREADY_EXISTS') throw error;
        });
        return ask(CreateModelVersionDocument, {
          ...at,
          source: `models:/${model.modelId}`,
          modelId: model.modelId,
          runId: model.sourceRun?.runId ?? null,
        });
      },
      {
        again: [queryKeys.models(team.slug), queryKeys.loggedModel(model.modelId)],
      },
    );
    if (made) go(to('t', team.slug, 'models', at.name, 'versions', made.createModelVersion.modelVersion.version));
  };
  return (
    <Modal opened onClose={close} title={`Register ${model.name}`} size="sm">
      <form className={formCss.form} onSubmit={(event) => void submit(event)}>
        <TextInput
          data-autofocus
          label="As a version of"
          description="A model by this name is made if there is none."
          required
          withAsterisk={false}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button type="submit">Register</Button>
      </form>
    </Modal>
  );
}
