// One tag for many runs, which can be taken back to what was there.
import { Button, Modal, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { DeleteTagsDocument, SetTagsDocument } from '../../api/documents.gen.ts';
import { ask } from '../../api/session.ts';
import type { TableAsk } from '../../api/table.ts';
import { plural } from '../../format.ts';
import formCss from '../../ui/form.module.css';
import { readAll } from '../export/export.ts';
import { columnOf } from '../table/columns.ts';
import { useBulk } from './use-bulk.ts';

export function TagMany({ ids, asked, close }: { ids: string[]; asked: TableAsk; close: () => void }) {
  const act = useBulk();
  const [key, setKey] = useState('');
  const [value, setValue] = useState('');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const name = key.trim();
    close();
    // What was there is read before it is written over, so that it can be put back.
    const column = columnOf(`tags.${name}`);
    const before = new Map<string, string | null>();
    await act(ids, {
      title: `Tagging with ${name}`,
      done: 'Tagged',
      part: 50,
      each: async (part) => {
        const rows = await readAll({ ...asked, columns: [column] }, part, () => undefined, new AbortController().signal);
        for (const row of rows) before.set(row.runId, row.cells[column.id] === null ? null : String(row.cells[column.id]));
        for (const runId of part) await ask(SetTagsDocument, { runId, tags: [{ key: name, value }] });
      },
      undo: async (part) => {
        for (const runId of part) {
          const old = before.get(runId) ?? null;
          if (old === null) await ask(DeleteTagsDocument, { runId, keys: [name] });
          else await ask(SetTagsDocument, { runId, tags: [{ key: name, value: old }] });
        }
      },
    });
  };
  return (
    <Modal opened onClose={close} title={`Tag ${plural(ids.length, 'run')}`} size="sm">
      <form className={formCss.form} onSubmit={(event) => void submit(event)}>
        <TextInput data-autofocus label="Key" required withAsterisk={false} value={key} onChange={(event) => setKey(event.currentTarget.value)} />
        <TextInput label="Value" value={value} onChange={(event) => setValue(event.currentTarget.value)} />
        <Button type="submit">Set the tag</Button>
      </form>
    </Modal>
  );
}
