// The other door: a link that an administrator handed over. It makes an account, or adds whoever is signed in to the team.
import { Button, PasswordInput, TextInput } from '@mantine/core';
import { type FormEvent, useEffect, useState } from 'react';
import { ApiError } from '../api/client.ts';
import { acceptInvitation, useSession } from '../api/session.ts';
import { go, to } from '../router.ts';
import buttonsCss from '../ui/buttons.module.css';
import formCss from '../ui/form.module.css';
import doorCss from './door.module.css';
import { Logo } from './logo.tsx';
import { SignIn } from './sign-in.tsx';

export function Invitation({ token }: { token: string }) {
  const { viewer } = useSession();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [fault, setFault] = useState<ApiError | null>(null);
  const [known, setKnown] = useState(false);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    document.title = 'Join a team · Runledger';
  }, []);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setFault(null);
    try {
      const team = await acceptInvitation(token, viewer ? null : { name: name.trim(), password });
      go(to('t', team), { replace: true });
    } catch (error) {
      setFault(error instanceof ApiError ? error : new ApiError(String(error), 'INTERNAL'));
      setBusy(false);
    }
  };
  // Signed in there, this is drawn again, and joins as that person.
  if (known && !viewer) return <SignIn />;
  return (
    <main className={doorCss.door}>
      <form className={doorCss.form} onSubmit={(event) => void submit(event)}>
        <div className={doorCss.brand}>
          <Logo size={28} />
          <h1>Join a team</h1>
        </div>
        {fault && (
          <p className={formCss.fault} role="alert">
            {fault.message}
          </p>
        )}
        {viewer ? (
          <p>You are signed in as {viewer.user.email}.</p>
        ) : (
          <>
            <TextInput
              label="Your name"
              name="name"
              autoComplete="name"
              size="sm"
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
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
          </>
        )}
        <Button type="submit" size="sm" loading={busy} fullWidth>
          Join
        </Button>
        {!viewer && (
          <button type="button" className={buttonsCss.link} onClick={() => setKnown(true)}>
            I have an account here
          </button>
        )}
      </form>
    </main>
  );
}
