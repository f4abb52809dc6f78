// Making an experiment, or giving one another name.
import { Button, Modal, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { CreateExperimentDocument, type ExperimentRowFragment, UpdateExperimentDocument } from '../api/documents.gen.ts';
import { queryKeys } from '../api/query-keys.ts';
import { ask } from '../api/session.ts';
import { go, to } from '../router.ts';
import { useTeam } from '../shell/team.ts';
import { useAct } from '../ui/feedback/act.ts';
import formCss from '../ui/form.module.css';

export function NameForm({ renaming, close }: { renaming: ExperimentRowFragment | null; close: () => void }) {
  const team = useTeam();
  const act = useAct();
  const [name, setName] = useState(renaming?.name ?? '');
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    const again = [queryKeys.experiments(team.slug)];
    const made = renaming
      ? await act(() => ask(UpdateExperimentDocument, { team: team.slug, id: renaming.experimentId, name: name.trim() }), { done: 'Renamed', again })
      : await act(() => ask(CreateExperimentDocument, { team: team.slug, name: name.trim() }), { again });
    setBusy(false);
    if (!made) return;
    close();
    if ('createExperiment' in made) go(to('t', team.slug, 'experiments', made.createExperiment.experiment.experimentId));
  };
  return (
    <Modal opened onClose={close} title={renaming ? `Rename ${renaming.name}` : 'New experiment'} size="sm">
      <form className={formCss.form} onSubmit={(event) => void submit(event)}>
        <TextInput data-autofocus label="Name" required withAsterisk={false} value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <Button type="submit" loading={busy}>
          {renaming ? 'Rename' : 'Create'}
        </Button>
      </form>
    </Modal>
  );
}
