// You: tokens, sessions, password, theme.
import { Button, PasswordInput, SegmentedControl, useMantineColorScheme } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useEffect, useState } from 'react';
import { ChangePasswordDocument, MyTokensDocument, WhoAmIDocument } from '../api/documents.gen.ts';
import { ask, useSession } from '../api/session.ts';
import { plural } from '../format.ts';
import { useAct } from '../parts/act.ts';
import { Icon } from '../parts/icons.tsx';
import { Loaded } from '../parts/states.tsx';
import { Sessions } from './sessions.tsx';
import { NewToken, TokenTable } from './tokens.tsx';

export function MeRoom() {
  const { user } = useSession().viewer!;
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [making, setMaking] = useState(false);
  const tokens = useQuery({
    queryKey: ['tokens', 'mine'],
    queryFn: async ({ signal }) => (await ask(MyTokensDocument, {}, signal)).viewer.apiTokens.nodes,
  });
  const about = useQuery({ queryKey: ['about'], queryFn: ({ signal }) => ask(WhoAmIDocument, {}, signal) });
  useEffect(() => {
    document.title = 'You · Runledger';
  }, []);
  return (
    <div className="page narrow">
      <div className="page-bar">
        <h1>{user.name}</h1>
        <span className="dim">{user.email}</span>
      </div>
      <section className="panel" aria-label="API tokens">
        <header className="panel-head">
          <h2>API tokens</h2>
          <span className="dim">{tokens.data ? plural(tokens.data.filter(({ revokedAt }) => !revokedAt).length, 'token') : ''}</span>
          <span className="grow" />
          <Button leftSection={<Icon name="plus" size={13} />} onClick={() => setMaking(true)}>
            New token
          </Button>
        </header>
        <Loaded of={tokens} rows={3}>
          {(rows) => <TokenTable tokens={rows} />}
        </Loaded>
      </section>
      <Sessions />
      <section className="panel" aria-label="Theme">
        <header className="panel-head">
          <h2>Theme</h2>
        </header>
        <div className="panel-text">
          <SegmentedControl
            aria-label="Theme"
            value={colorScheme}
            onChange={(value) => setColorScheme(value as 'light' | 'dark' | 'auto')}
            data={[
              { value: 'light', label: 'Light' },
              { value: 'dark', label: 'Dark' },
              { value: 'auto', label: 'As the system' },
            ]}
          />
        </div>
      </section>
      <Password />
      {about.data && (
        <p className="dim small footnote">
          Runledger {about.data.serverInfo.version}, speaking MLflow {about.data.serverInfo.mlflowVersion}
        </p>
      )}
      {making && <NewToken close={() => setMaking(false)} />}
    </div>
  );
}

function Password() {
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
    <section className="panel" aria-label="Password">
      <header className="panel-head">
        <h2>Password</h2>
      </header>
      <form className="panel-text form" onSubmit={(event) => void submit(event)}>
        <PasswordInput
          label="Present one"
          autoComplete="current-password"
          value={current}
          onChange={(event) => setCurrent(event.currentTarget.value)}
        />
        <PasswordInput
          label="New one"
          description="At least 8 characters. Your other sessions end."
          autoComplete="new-password"
          minLength={8}
          required
          withAsterisk={false}
          value={next}
          onChange={(event) => setNext(event.currentTarget.value)}
        />
        <Button type="submit" loading={busy}>
          Change the password
        </Button>
      </form>
    </section>
  );
}
