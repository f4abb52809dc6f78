// You: tokens, sessions, password, theme.

import { Button, PasswordInput, SegmentedControl, useMantineColorScheme } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import clsx from 'clsx';
import { type FormEvent, useEffect, useState } from 'react';
import { ChangePasswordDocument, MyTokensDocument, WhoAmIDocument } from '../api/documents.gen.ts';
import { keys } from '../api/keys.ts';
import { ask, useSession } from '../api/session.ts';
import { plural } from '../format.ts';
import { useAct } from '../ui/act.ts';
import formCss from '../ui/form.module.css';
import { Icon } from '../ui/icons.tsx';
import pageCss from '../ui/page.module.css';
import panelCss from '../ui/panel.module.css';
import { Panel } from '../ui/panel.tsx';
import { Loaded } from '../ui/states.tsx';
import { Sessions } from './sessions.tsx';
import { NewToken, TokenTable } from './tokens.tsx';

export function MeRoom() {
  const { user } = useSession().viewer!;
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [making, setMaking] = useState(false);
  const tokens = useQuery({
    queryKey: keys.myTokens(),
    queryFn: async ({ signal }) => (await ask(MyTokensDocument, {}, signal)).viewer.apiTokens.nodes,
  });
  const about = useQuery({ queryKey: keys.about(), queryFn: ({ signal }) => ask(WhoAmIDocument, {}, signal) });
  useEffect(() => {
    document.title = 'You · Runledger';
  }, []);
  return (
    <div className={clsx(pageCss.page, pageCss.narrow)}>
      <div className={pageCss.bar}>
        <h1>{user.name}</h1>
        <span className="dim">{user.email}</span>
      </div>
      <Panel
        title="API tokens"
        note={tokens.data ? plural(tokens.data.filter(({ revokedAt }) => !revokedAt).length, 'token') : ''}
        actions={
          <Button leftSection={<Icon name="plus" size={13} />} onClick={() => setMaking(true)}>
            New token
          </Button>
        }
      >
        <Loaded of={tokens} rows={3}>
          {(rows) => <TokenTable tokens={rows} />}
        </Loaded>
      </Panel>
      <Sessions />
      <Panel title="Theme">
        <div className={panelCss.text}>
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
      </Panel>
      <Password />
      {about.data && (
        <p className={clsx('dim', 'small', pageCss.footnote)}>
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
    </Panel>
  );
}
