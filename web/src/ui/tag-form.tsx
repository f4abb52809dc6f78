// One tag: its key and value.
import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import formCss from './form.module.css';

export type Tag = { key: string; value: string };
type Props = { tag: Tag; set: (tag: Tag) => Promise<unknown>; close: () => void };

export function TagForm({ tag, set, close }: Props) {
  const [key, setKey] = useState(tag.key);
  const [value, setValue] = useState(tag.value);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (key.trim() && (await set({ key: key.trim(), value }))) close();
  };
  return (
    <form
      className={formCss.inlineForm}
      onSubmit={(event) => void submit(event)}
      onKeyDown={(event) => {
        if (event.key === 'Escape') close();
      }}
    >
      <TextInput
        aria-label="Tag key"
        placeholder="Key"
        autoFocus={tag.key === ''}
        value={key}
        onChange={(event) => setKey(event.currentTarget.value)}
      />
      <TextInput
        aria-label="Tag value"
        placeholder="Value"
        autoFocus={tag.key !== ''}
        value={value}
        onChange={(event) => setValue(event.currentTarget.value)}
      />
      <Button type="submit">Set</Button>
      <Button variant="default" onClick={close}>
        Cancel
      </Button>
    </form>
  );
}
