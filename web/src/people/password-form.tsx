// Changing one’s password.
import { Button, PasswordInput } from '@mantine/core';
import clsx from 'clsx';
import { type FormEvent, useState } from 'react';
import { ChangePasswordDocument } from '../api/documents.gen.ts';
import { ask } from '../api/session.ts';
import { useAct } from '../ui/feedback/act.ts';
import formCss from '../ui/form.module.css';
import panelCss from '../ui/panel.module.css';
import { Panel } from '../ui/panel.tsx';

export function Password() {
  const act = useAct();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    const done = await act(() => ask(ChangePasswordDocument, { currentPassword: current || null, newPassword: next }), {
      done: 'Changed. Your other sessions have ended.',
    });
    setBusy(false);
    if (!done) return;
    setCurrent('');
    setNext('');
  };
  return (
    <Panel title="Password">
      <form className={clsx(panelCss.text, formCss.form)} onSubmit={(event) => void submit(event)}>
        <PasswordInput
          label="Present one"
          autoComplete="current-password"
          value={current}
          onChange={(event) => setCurrent(event.currentTarget.value)}
        />
        <PasswordInput
          label="New one"
          description="At least 12 characters. Your other sessions end."
          autoComplete="new-password"
          minLength={12}
          required
          withAsterisk={false}
          value={next}
          onChange={(event) => setNext(event.currentTarget.value)}
        />
        <Button type="submit" loading={busy}>
          Change the password
        </Button>
      </form>
    </Panel>
  );
}
