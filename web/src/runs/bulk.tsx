// What can be done with the selected runs.
import { Button, Modal, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { DeleteRunsDocument, RestoreRunsDocument, SetTagsDocument } from '../api/documents.gen.ts';
import type { RunRow } from '../api/runs.ts';
import { ask } from '../api/session.ts';
import { plural } from '../format.ts';
import { useAct } from '../parts/act.ts';
import { Icon } from '../parts/icons.tsx';
import { go, to, withQuery } from '../router.ts';
import { useCan, useTeam } from '../shell/team.ts';

export const MAX_COMPARED = 50;

export function compare(team: string, runIds: string[]): void {
  go(withQuery(to('t', team, 'compare'), { runs: runIds.slice(0, MAX_COMPARED).join(',') }));
}

type Props = { selected: ReadonlySet<string>; rows: RunRow[]; deleted: boolean; clear: () => void };

export function BulkBar({ selected, rows, deleted, clear }: Props) {
  const team = useTeam();
  const act = useAct();
  const mayLog = useCan('CONTRIBUTOR');
  const [tagging, setTagging] = useState(false);
  const ids = [...selected];
  const again = [['runs', team.slug]];
  // At most 1,000 in a call.
  const inParts = async (each: (part: string[]) => Promise<unknown>, all: string[]) => {
    for (let at = 0; at < all.length; at += 1_000) await each(all.slice(at, at + 1_000));
  };
  const remove = (all: string[]) => inParts((runIds) => ask(DeleteRunsDocument, { runIds }), all);
  const restore = (all: string[]) => inParts((runIds) => ask(RestoreRunsDocument, { runIds }), all);
  const swap = async () => {
    const done = await act(() => (deleted ? restore(ids) : remove(ids)), {
      done: `${deleted ? 'Restored' : 'Deleted'} ${plural(ids.length, 'run')}`,
      undo: () => (deleted ? remove(ids) : restore(ids)),
      again,
    });
    if (done !== null) clear();
  };
  const export_ = () => {
    const chosen = rows.filter(({ runId }) => selected.has(runId));
    const params = [...new Set(chosen.flatMap((run) => [...run.params.keys()]))];
    const metrics = [...new Set(chosen.flatMap((run) => [...run.metrics.keys()]))];
    const cell = (value: unknown) => (/[",\n]/.test(String(value ?? '')) ? `"${String(value).replaceAll('"', '""')}"` : String(value ?? ''));
    const lines = [
      [
        'run_id',
        'name',
        'status',
        'started',
        'duration_ms',
        'user',
        ...params.map((key) => `params.${key}`),
        ...metrics.map((key) => `metrics.${key}`),
      ],
      ...chosen.map((run) => [
        run.runId,
        run.name,
        run.status,
        run.startedAt,
        run.durationMs,
        run.user,
        ...params.map((key) => run.params.get(key)),
        ...metrics.map((key) => run.metrics.get(key)?.last),
      ]),
    ];
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([lines.map((line) => line.map(cell).join(',')).join('\n')], { type: 'text/csv' }));
    link.download = 'runs.csv';
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <div className="bulk" role="toolbar" aria-label="Selected runs">
      <strong>{plural(ids.length, 'run')} selected</strong>
      <Button disabled={ids.length < 2} onClick={() => compare(team.slug, ids)}>
        Compare
      </Button>
      {mayLog && !deleted && (
        <Button variant="default" leftSection={<Icon name="tag" size={13} />} onClick={() => setTagging(true)}>
          Tag
        </Button>
      )}
      {mayLog && (
        <Button variant="default" leftSection={<Icon name={deleted ? 'restore' : 'trash'} size={13} />} onClick={() => void swap()}>
          {deleted ? 'Restore' : 'Delete'}
        </Button>
      )}
      <Button variant="default" leftSection={<Icon name="download" size={13} />} onClick={export_}>
        CSV
      </Button>
      <Button variant="subtle" color="gray" onClick={clear}>
        Clear
      </Button>
      {tagging && <TagMany ids={ids} close={() => setTagging(false)} again={again} />}
    </div>
  );
}

function TagMany({ ids, close, again }: { ids: string[]; close: () => void; again: string[][] }) {
  const act = useAct();
  const [key, setKey] = useState('');
  const [value, setValue] = useState('');
  const [done, setDone] = useState<number | null>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setDone(0);
    const result = await act(
      async () => {
        for (const [at, runId] of ids.entries()) {
          await ask(SetTagsDocument, { runId, tags: [{ key: key.trim(), value }] });
          setDone(at + 1);
        }
      },
      { done: `Tagged ${plural(ids.length, 'run')}`, again },
    );
    setDone(null);
    if (result !== null) close();
  };
  return (
    <Modal opened onClose={close} title={`Tag ${plural(ids.length, 'run')}`} size="sm">
      <form className="form" onSubmit={(event) => void submit(event)}>
        <TextInput data-autofocus label="Key" required withAsterisk={false} value={key} onChange={(event) => setKey(event.currentTarget.value)} />
        <TextInput label="Value" value={value} onChange={(event) => setValue(event.currentTarget.value)} />
        <Button type="submit" loading={done !== null}>
          Set the tag
        </Button>
        {done !== null && (
          <p className="dim" role="status">
            {done} of {ids.length}
          </p>
        )}
      </form>
    </Modal>
  );
}
