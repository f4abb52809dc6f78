// What can be done with the selected runs. What takes long shows how far it is, can be cancelled, and can be undone.

import { Button, Menu, Modal, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { DeleteRunsDocument, DeleteTagsDocument, RestoreRunsDocument, SetTagsDocument } from '../api/documents.gen.ts';
import { keys as queryKeys } from '../api/keys.ts';
import { ask } from '../api/session.ts';
import type { TableAsk } from '../api/table.ts';
import { plural } from '../format.ts';
import { go, to, withQuery } from '../router.ts';
import { useCan, useTeam } from '../shell/team.ts';
import { sayFault } from '../ui/act.ts';
import buttonsCss from '../ui/buttons.module.css';
import formCss from '../ui/form.module.css';
import { Icon } from '../ui/icons.tsx';
import { Cancelled, inParts, type Report, work } from '../ui/progress.tsx';
import { toast } from '../ui/toasts.ts';
import { columnOf } from './columns.ts';
import { type Format, print, readAll, save } from './export.ts';
import css from './selection-bar.module.css';

export const MAX_COMPARED = 500;
/** Of deletions in one request: small enough to be told about, and to be cancelled in between. */
const PART = 200;
const PARALLEL = 6;

export function compare(team: string, runIds: string[]): void {
  go(withQuery(to('t', team, 'compare'), { runs: runIds.slice(0, MAX_COMPARED).join(',') }));
}

type Bulk = { title: string; done: string; each: (ids: string[]) => Promise<unknown>; undo?: (ids: string[]) => Promise<unknown>; part?: number };

/** Long work on runs: in parts, told about, and taken back part by part, also where it was cancelled half way. */
function useBulk() {
  const team = useTeam();
  const queries = useQueryClient();
  const refresh = () => queries.invalidateQueries({ queryKey: queryKeys.runs(team.slug) });
  return async function act(ids: string[], { title, done, each, undo, part = PART }: Bulk): Promise<boolean> {
    const finished: string[] = [];
    const run = async (parts: string[], how: (ids: string[]) => Promise<unknown>, report: Report, signal: AbortSignal, note?: string[]) =>
      inParts(
        parts,
        part,
        PARALLEL,
        async (some) => {
          await how(some);
          note?.push(...some);
        },
        report,
        signal,
      );
    const takeBack = undo && {
      label: 'Undo',
      run: () =>
        void work(`Undoing: ${title.toLowerCase()}`, finished.length, (report, signal) => run([...finished], undo, report, signal)).then(
          refresh,
          sayFault,
        ),
    };
    let whole = false;
    try {
      await work(title, ids.length, (report, signal) => run(ids, each, report, signal, finished));
      whole = true;
    } catch (error) {
      if (!(error instanceof Cancelled)) sayFault(error);
    }
    await refresh();
    if (finished.length > 0) {
      const said = whole
        ? `${done} ${plural(ids.length, 'run')}`
        : `${done} ${finished.length.toLocaleString('en-US')} of ${plural(ids.length, 'run')}`;
      toast(said, takeBack ? { action: takeBack } : {});
    }
    return whole;
  };
}

/** Reads what the table shows, of chosen runs or of all, and has it saved. */
export async function exportRuns(asked: TableAsk, ids: string[] | null, total: number, format: Format, name: string): Promise<void> {
  try {
    const rows = await work(`Reading ${plural(total, 'run')}`, total, (report, signal) => readAll(asked, ids, report, signal));
    save(print(rows, asked.columns, format), `${name.replaceAll(/[^\w.-]+/g, '-') || 'runs'}.${format}`);
    toast(`Exported ${plural(rows.length, 'run')}`);
  } catch (error) {
    if (!(error instanceof Cancelled)) sayFault(error);
  }
}

type Props = {
  selected: ReadonlySet<string>;
  /** How many the filter leaves, and how many of them are loaded. */
  total: number | null;
  loaded: number;
  asked: TableAsk;
  title: string;
  clear: () => void;
  select: (ids: string[], on: boolean) => void;
};

export function BulkBar({ selected, total, loaded, asked, title, clear, select }: Props) {
  const team = useTeam();
  const act = useBulk();
  const mayLog = useCan('run:write');
  const [tagging, setTagging] = useState(false);
  const ids = [...selected];
  const deleted = asked.lifecycle === 'DELETED';
  const remove = (runIds: string[]) => ask(DeleteRunsDocument, { runIds });
  const restore = (runIds: string[]) => ask(RestoreRunsDocument, { runIds });
  const swap = async () => {
    const how = deleted
      ? { title: 'Restoring', done: 'Restored', each: restore, undo: remove }
      : { title: 'Deleting', done: 'Deleted', each: remove, undo: restore };
    if (await act(ids, how)) clear();
  };
  const selectAll = async () => {
    try {
      const rows = await work('Reading all that match', total ?? 0, (report, signal) => readAll({ ...asked, columns: [] }, null, report, signal));
      select(
        rows.map(({ runId }) => runId),
        true,
      );
    } catch (error) {
      if (!(error instanceof Cancelled)) sayFault(error);
    }
  };
  return (
    <div className={css.bulk} role="toolbar" aria-label="Selected runs">
      <strong>{plural(ids.length, 'run')} selected</strong>
      {total !== null && loaded < total && ids.length >= loaded && ids.length < total && (
        <button type="button" className={buttonsCss.link} onClick={() => void selectAll()}>
          Select all {total.toLocaleString('en-US')}
        </button>
      )}
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
      <Menu position="top-start">
        <Menu.Target>
          <Button variant="default" leftSection={<Icon name="download" size={13} />}>
            Export
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {(['csv', 'json'] as const).map((format) => (
            <Menu.Item key={format} onClick={() => void exportRuns(asked, ids, ids.length, format, title)}>
              {format.toUpperCase()}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Button variant="subtle" color="gray" onClick={clear}>
        Clear
      </Button>
      {tagging && <TagMany ids={ids} asked={asked} close={() => setTagging(false)} />}
    </div>
  );
}

function TagMany({ ids, asked, close }: { ids: string[]; asked: TableAsk; close: () => void }) {
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
