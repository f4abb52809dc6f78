// Which runs (or groups of them) have which colour; pointing at one lights it up everywhere.
import { Select } from '@mantine/core';
import clsx from 'clsx';
import { useState } from 'react';
import type { RunRow } from '../api/runs.ts';
import { hover, useHovered } from '../charts/lines/hover.ts';
import { Swatch } from '../charts/swatch.tsx';
import { plural } from '../format.ts';
import { patchQuery, to, useParam } from '../router.ts';
import { useTeam } from '../shell/team.ts';
import buttonsCss from '../ui/buttons.module.css';
import chipsCss from '../ui/chips.module.css';
import { Icon } from '../ui/icons.tsx';
import { Dot } from '../ui/tables/values.tsx';
import { type Grouping, groupKeysOf } from './groups.ts';
import css from './legend.module.css';

const FEW = 24;

export function ColourBy({ rows }: { rows: RunRow[] }) {
  const [by, setBy] = useParam('by');
  const keys = groupKeysOf(rows);
  return (
    <Select
      className={css.colourBy}
      aria-label="Colour by"
      leftSection={<span className="dim small">Colour</span>}
      leftSectionWidth={58}
      data={[{ value: '', label: 'each run' }, ...(by && !keys.includes(by) ? [by, ...keys] : keys).map((key) => ({ value: key, label: key }))]}
      value={by}
      searchable
      allowDeselect={false}
      comboboxProps={{ width: 240, position: 'bottom-end' }}
      onChange={(next) => setBy(next || null, { replace: true })}
    />
  );
}

type Props = { rows: RunRow[]; ids: string[]; grouping: Grouping };

export function Legend({ rows, ids, grouping }: Props) {
  const team = useTeam();
  const [all, setAll] = useState(false);
  const shown = all ? rows : rows.slice(0, FEW);
  const keep = (left: string[]) => patchQuery({ runs: left.join(',') });
  return (
    <>
      {grouping.groups.length > 0 && (
        <ul className={clsx(css.legend, css.legendGroups)} aria-label={`Groups by ${grouping.by}`}>
          {grouping.groups.map(({ value, colour, runIds }) => (
            <li key={value} className={chipsCss.chip}>
              <Dot colour={colour} />
              <span className={chipsCss.value}>{value}</span>
              <span className="dim">{runIds.length}</span>
              <button
                type="button"
                aria-label={`Leave out ${value}`}
                title={`Leave out ${plural(runIds.length, 'run')}`}
                onClick={() => keep(ids.filter((id) => !runIds.includes(id)))}
              >
                <Icon name="close" size={10} />
              </button>
            </li>
          ))}
        </ul>
      )}
      <ul className={css.legend} aria-label="Runs compared">
        {shown.map((row) => (
          <Item
            key={row.runId}
            row={row}
            colour={grouping.colour(row)}
            dash={grouping.dash(row)}
            href={to('t', team.slug, 'runs', row.runId)}
            drop={() => keep(ids.filter((id) => id !== row.runId))}
          />
        ))}
        {rows.length > FEW && (
          <li>
            <button type="button" className={buttonsCss.link} aria-expanded={all} onClick={() => setAll(!all)}>
              {all ? 'Fewer' : `and ${rows.length - FEW} more`}
            </button>
          </li>
        )}
      </ul>
    </>
  );
}

type ItemProps = { row: RunRow; colour: string; dash: number[] | null; href: string; drop: () => void };

function Item({ row, colour, dash, href, drop }: ItemProps) {
  const lit = useHovered(row.runId);
  return (
    <li className={clsx(chipsCss.chip, lit && chipsCss.lit)} onMouseEnter={() => hover(row.runId)} onMouseLeave={() => hover(null)}>
      <Swatch colour={colour} dash={dash} />
      <a href={href}>{row.name}</a>
      <button type="button" aria-label={`Leave out ${row.name}`} onClick={drop}>
        <Icon name="close" size={10} />
      </button>
    </li>
  );
}
