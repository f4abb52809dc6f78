// Asking for an alias to be taken off, or for a move that was refused.
import { Button, Modal, Textarea } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import formCss from '../ui/form.module.css';
import { MovePreview } from './move-preview.tsx';
import { useAsk, usePreview } from './use-governance.ts';
import { type Target, targetName } from './words.ts';

type Props = { name: string; version: number | null; target: Target; close: () => void };

/** `version` null: to take the alias off. */
export function AskForm({ name, version, target, close }: Props) {
  const askFor = useAsk();
  const [comment, setComment] = useState('');
  const preview = usePreview(name, version, target);
  const what = version === null ? `Ask to take ${targetName(target)} off` : `Ask for ${targetName(target)} on v${version}`;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (await askFor({ name, version, target, comment })) close();
  };
  return (
    <Modal opened onClose={close} title={what} size="sm">
      <form className={formCss.form} onSubmit={(event) => void submit(event)}>
        <MovePreview preview={preview} target={target} />
        <Textarea
          data-autofocus
          label="Why"
          description="Those who decide read it. May be empty."
          autosize
          minRows={2}
          maxRows={8}
          maxLength={1_000}
          value={comment}
          onChange={(event) => setComment(event.currentTarget.value)}
        />
        <Button type="submit">Ask</Button>
      </form>
    </Modal>
  );
}
