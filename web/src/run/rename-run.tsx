// Giving a run another name.
import { Button, Modal, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { UpdateRunDocument } from '../api/documents.gen.ts';
import { queryKeys } from '../api/query-keys.ts';
import { ask } from '../api/session.ts';
import { useAct } from '../ui/feedback/act.ts';
import formCss from '../ui/form.module.css';
import type { FullRun } from './full-run.ts';

export function Rename({ run, close }: { run: FullRun; close: () => void }) {
  const act = useAct();
  const [name, setName] = useState(run.name);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (
      await act(() => ask(UpdateRunDocument, { runId: run.runId, name: name.trim() }), {
        done: 'Renamed',
        again: [queryKeys.run(run.runId), queryKeys.runs(run.team.slug)],
      })
    )
      close();
  };
  return (
    <Modal opened onClose={close} title="Rename the run" size="sm">
      <form className={formCss.form} onSubmit={(event) => void submit(event)}>
        <TextInput data-autofocus label="Name" required withAsterisk={false} value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <Button type="submit">Rename</Button>
      </form>
    </Modal>
  );
}
