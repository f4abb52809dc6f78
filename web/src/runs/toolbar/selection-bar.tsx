// What can be done with the selected runs. What takes long shows how far it is, can be cancelled, and can be undone.
import { Button, Menu } from '@mantine/core';
import { useState } from 'react';
import type { TableAsk } from '../../api/table.ts';
import { plural } from '../../format.ts';
import { useCan, useTeam } from '../../shell/team.ts';
import buttonsCss from '../../ui/buttons.module.css';
import { sayFault } from '../../ui/feedback/act.ts';
import { Cancelled, work } from '../../ui/feedback/progress.tsx';
import { Icon } from '../../ui/icons.tsx';
import { compare } from '../compare-runs.ts';
import { readAll } from '../export/export.ts';
import { exportRuns } from '../export/export-runs.ts';
import css from './selection-bar.module.css';
import { TagMany } from './tag-many.tsx';
import { useLifecycle } from './use-lifecycle.ts';

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
  const lifecycle = useLifecycle();
  const mayLog = useCan('run:write');
  const [tagging, setTagging] = useState(false);
  const ids = [...selected];
  const deleted = asked.lifecycle === 'DELETED';
  const swap = async () => {
    if (await (deleted ? lifecycle.restore(ids) : lifecycle.remove(ids))) clear();
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
