// The filter as a form, for those who don't type it: rows of field, operator and value. What it makes is the text that one would have typed.
import { ActionIcon, Popover } from '@mantine/core';
import { useState } from 'react';
import { Icon } from '../../ui/icons.tsx';
import { Form, type Props } from './filter-form.tsx';

export function FilterBuilder({ team, experimentIds, keys, value, apply }: Props) {
  const [opened, setOpened] = useState(false);
  return (
    <Popover position="bottom-end" width={560} trapFocus opened={opened} onChange={setOpened}>
      <Popover.Target>
        <ActionIcon size={22} aria-label="Build the filter" title="Build the filter" onClick={() => setOpened(!opened)}>
          <Icon name="settings" size={14} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown p={0}>
        {opened && (
          <Form
            {...{ team, experimentIds, keys, value }}
            apply={(text) => {
              apply(text);
              setOpened(false);
            }}
          />
        )}
      </Popover.Dropdown>
    </Popover>
  );
}
