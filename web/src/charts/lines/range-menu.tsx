// From where to where the y axis of a chart goes, by hand. What is given stands in the address.
import { ActionIcon, Button, Popover, TextInput } from '@mantine/core';
import { useState } from 'react';
import { Icon } from '../../ui/icons.tsx';
import type { ChartSettings } from '../chart-settings.ts';
import css from './range-menu.module.css';

const read = (text: string): number | null => (text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : null);
const isWrong = (text: string) => text.trim() !== '' && read(text) === null;

export function RangeMenu({ metric, settings: { ranges, setRange, log } }: { metric: string; settings: ChartSettings }) {
  const [open, setOpen] = useState(false);
  const range = ranges.get(metric) ?? null;
  const [low, setLow] = useState('');
  const [high, setHigh] = useState('');
  const [from, to] = [read(low), read(high)];
  const fault =
    isWrong(low) || isWrong(high) ? 'Numbers, like 0.5 or 1e-3' : from !== null && to !== null && from >= to ? 'The first has to be lower' : null;
  const show = (next: boolean) => {
    setOpen(next);
    setLow(range?.low?.toString() ?? '');
    setHigh(range?.high?.toString() ?? '');
  };
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" trapFocus>
      <Popover.Target>
        <ActionIcon
          size={20}
          aria-label={`Range of ${metric}`}
          title={range ? `The axis goes from ${range.low ?? 'the lowest'} to ${range.high ?? 'the highest'}` : 'Range of the y axis'}
          aria-expanded={open}
          variant={range ? 'light' : 'subtle'}
          color={range ? 'indigo' : 'gray'}
          onClick={() => show(!open)}
        >
          <Icon name="settings" size={13} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown>
        <form
          className={css.form}
          aria-label={`Range of ${metric}`}
          onSubmit={(event) => {
            event.preventDefault();
            if (fault) return;
            setRange(metric, from === null && to === null ? null : { low: from, high: to });
            setOpen(false);
          }}
        >
          <TextInput label="From" inputMode="decimal" placeholder="lowest" value={low} onChange={(event) => setLow(event.currentTarget.value)} />
          <TextInput label="To" inputMode="decimal" placeholder="highest" value={high} onChange={(event) => setHigh(event.currentTarget.value)} />
          {fault && <p role="alert">{fault}</p>}
          {log && from !== null && from <= 0 && <p className="dim">A log scale begins above zero.</p>}
          <div className={css.foot}>
            <Button type="submit" size="compact-xs" disabled={fault !== null}>
              Set
            </Button>
            <Button
              variant="subtle"
              color="gray"
              size="compact-xs"
              onClick={() => {
                setRange(metric, null);
                setOpen(false);
              }}
            >
              By the values
            </Button>
          </div>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
