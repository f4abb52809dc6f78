// The bar above the table: which experiment, how many runs, live or paused, and how they are looked at.
import { ActionIcon, Menu, Modal, SegmentedControl, Tooltip } from '@mantine/core';
import clsx from 'clsx';
import { useState } from 'react';
import { useConnection } from '../../api/connection.ts';
import { count } from '../../format.ts';
import { patchQuery, useParam } from '../../router.ts';
import { Icon } from '../../ui/icons.tsx';
import { copy } from '../../ui/tables/values.tsx';
import type { Format } from '../export/export-text.ts';
import { PasteLines } from '../first-steps.tsx';
import { ColumnPicker } from '../table/column-picker.tsx';
import type { RunKeys } from '../table/columns.ts';
import type { Density } from '../table/table-props.ts';
import { ExperimentSwitch } from './experiment-switch.tsx';
import { GroupPicker } from './group-picker.tsx';
import { Views } from './saved-views.tsx';
import css from './toolbar.module.css';

type Props = {
  title: string;
  experimentIds: string[] | null;
  total: number | null;
  tookMs: number | null;
  filter: string;
  deleted: boolean;
  live: boolean;
  setLive: (live: boolean) => void;
  view: string;
  setView: (view: string) => void;
  by: string[];
  ids: string[];
  setColumns: (ids: string[] | null) => void;
  keys: RunKeys | undefined;
  density: Density;
  setDensity: (density: Density) => void;
  exportAll: (format: Format) => void;
  /** Whether rows stand, so that it's time for what isn't seen at once. */
  ready: boolean;
};

const took = (ms: number) => `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;

export function Bar(props: Props) {
  const {
    title,
    experimentIds,
    total,
    tookMs,
    filter,
    deleted,
    live,
    setLive,
    view,
    setView,
    by,
    ids,
    setColumns,
    keys,
    density,
    setDensity,
    exportAll,
  } = props;
  const [sort, setSort] = useParam('sort');
  const [logging, setLogging] = useState(false);
  const connection = useConnection();
  const moving = live && connection === 'connected';
  return (
    <div className={css.bar}>
      <ExperimentSwitch {...{ title, experimentIds }} />
      <span className={clsx(css.count, 'dim')} role="status" aria-label="How many runs">
        {total !== null && `${count(total)} ${deleted ? 'deleted ' : ''}${total === 1 ? 'run' : 'runs'}`}
        {filter && tookMs !== null && total !== null && ` · ${took(tookMs)}`}
      </span>
      <span className="grow" />
      <Tooltip
        label={!live ? 'Paused. Go on from where it stopped' : moving ? 'Moving as runs do. Pause' : 'Goes on by itself when the server is back'}
      >
        <button type="button" className={clsx(css.live, moving && css.on)} aria-pressed={live} onClick={() => setLive(!live)}>
          <span className={css.liveDot} aria-hidden="true" />
          {!live ? 'Paused' : moving ? 'Live' : connection === 'offline' ? 'Offline' : 'Catching up'}
        </button>
      </Tooltip>
      <SegmentedControl
        aria-label="View"
        value={view}
        onChange={setView}
        data={[
          { value: 'table', label: 'Table' },
          { value: 'both', label: 'Both' },
          { value: 'charts', label: 'Charts' },
        ]}
      />
      <Views experimentIds={experimentIds} enabled={props.ready} />
      <GroupPicker experimentIds={experimentIds} by={by} keys={keys} />
      <ColumnPicker experimentIds={experimentIds} shown={ids} change={setColumns} keys={keys} />
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="default" aria-label="More">
            <Icon name="more" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => void copy(window.location.href, 'Copied the link to this view')}>Copy the link to this view</Menu.Item>
          <Menu.Item onClick={() => setLogging(true)}>Log a run…</Menu.Item>
          <Menu.Item disabled={!sort} onClick={() => setSort(null)}>
            Newest first
          </Menu.Item>
          <Menu.Item onClick={() => setDensity(density === 'compact' ? 'comfortable' : 'compact')}>
            {density === 'compact' ? 'Comfortable rows' : 'Compact rows'}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Label>{total === null ? 'Export' : `Export ${count(total)} ${total === 1 ? 'run' : 'runs'}`}</Menu.Label>
          <Menu.Item onClick={() => exportAll('csv')}>As CSV</Menu.Item>
          <Menu.Item onClick={() => exportAll('json')}>As JSON</Menu.Item>
          <Menu.Divider />
          <Menu.Item onClick={() => patchQuery({ show: deleted ? null : 'deleted' })}>{deleted ? 'Show active runs' : 'Show deleted runs'}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {logging && (
        <Modal opened onClose={() => setLogging(false)} title="Log a run" size="lg">
          <PasteLines experiment={experimentIds?.length === 1 ? title : undefined} />
        </Modal>
      )}
    </div>
  );
}
