// The door: a password, or the one-time link that the server prints when it starts.
import { Button, PasswordInput, TextInput } from '@mantine/core';
import { type FormEvent, useEffect, useState } from 'react';
import { ApiError } from '../api/client.ts';
import { resume, signIn, signInWithLink, useSession } from '../api/session.ts';
import { go } from '../router.ts';
import formCss from '../ui/form.module.css';
import doorCss from './door.module.css';
import { Logo } from './logo.tsx';

const tried = new Map<string, Promise<void>>();

export function SignIn({ link }: { link?: string | undefined }) {
  const session = useSession();
  const [fault, setFault] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(Boolean(link));
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');

  useEffect(() => {
    document.title = 'Sign in · Runledger';
    if (!link) return;
    // A link works once, so it is spent once, however often this is drawn.
    if (!tried.has(link)) tried.set(link, signInWithLink(link));
    tried.get(link)!.then(
      () => go('/', { replace: true }),
      async (error: ApiError) => {
        // Whoever opens a used link again may well be signed in by it.
        if (await resume()) {
          go('/', { replace: true });
          return;
        }
        setFault(error);
        setBusy(false);
      },
    );
  }, [link]);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setFault(null);
    try {
      await signIn(email.trim(), password);
      if (link) go('/', { replace: true });
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
          <h1>Runledger</h1>
        </div>
        {session.notice && !fault && <p className="dim">{session.notice}</p>}
        {fault && (
          <p className={formCss.fault} role="alert">
            {fault.message}
            {fault.code === 'INTERNAL' && fault.requestId ? ` (request ${fault.requestId})` : ''}
          </p>
        )}
        <TextInput
          label="Email"
          type="email"
          name="email"
          autoComplete="username"
          required
          withAsterisk={false}
          size="sm"
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <PasswordInput
          label="Password"
          name="password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          size="sm"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <Button type="submit" size="sm" loading={busy} fullWidth>
          Sign in
        </Button>
        <p className="dim small">No password yet? The server prints a one-time link when it starts. A team’s administrator can add you.</p>
      </form>
    </main>
  );
}
