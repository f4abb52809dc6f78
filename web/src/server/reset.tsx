// A link that an administrator handed over: it sets a password once, and signs in.
import { Button, PasswordInput } from '@mantine/core';
import { type FormEvent, useEffect, useState } from 'react';
import { ApiError } from '../api/client.ts';
import { resetPassword } from '../api/session.ts';
import { go } from '../router.ts';
import doorCss from '../shell/door.module.css';
import { Logo } from '../shell/logo.tsx';
import formCss from '../ui/form.module.css';

export function Reset({ token }: { token: string }) {
  const [password, setPassword] = useState('');
  const [fault, setFault] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    document.title = 'A new password · Runledger';
  }, []);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setFault(null);
    try {
      await resetPassword(token, password);
      go('/', { replace: true });
    } catch (error) {
      setFault(error instanceof ApiError ? error : new ApiError(String(error), 'INTERNAL'));
      setBusy(false);
    }
  };
  return (
    <main className={doorCss.door}>
      <form className={doorCss.form} onSubmit={(event) => void submit(event)}>
        <div className={doorCss.brand}>
          <Logo size={28} />
          <h1>A new password</h1>
        </div>
        {fault && (
          <p className={formCss.fault} role="alert">
            {fault.message}
          </p>
        )}
        <PasswordInput
          label="Choose a password"
          description="At least 12 characters"
          name="password"
          autoComplete="new-password"
          required
          withAsterisk={false}
          minLength={12}
          size="sm"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <Button type="submit" size="sm" loading={busy} fullWidth>
          Set it and sign in
        </Button>
      </form>
    </main>
  );
}
