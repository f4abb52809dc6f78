// You: tokens, sessions, password, theme.
import { Button, SegmentedControl, useMantineColorScheme } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import clsx from 'clsx';
import { useEffect, useState } from 'react';
import { MyTokensDocument, WhoAmIDocument } from '../api/documents.gen.ts';
import { queryKeys } from '../api/query-keys.ts';
import { ask, useSession } from '../api/session.ts';
import { plural } from '../format.ts';
import { Loaded } from '../ui/feedback/states.tsx';
import { Icon } from '../ui/icons.tsx';
import pageCss from '../ui/page.module.css';
import panelCss from '../ui/panel.module.css';
import { Panel } from '../ui/panel.tsx';
import { NewToken } from './new-token.tsx';
import { Password } from './password-form.tsx';
import { Sessions } from './sessions.tsx';
import { TokenTable } from './tokens.tsx';

export function MeRoom() {
  const { user } = useSession().viewer!;
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [making, setMaking] = useState(false);
  const tokens = useQuery({
    queryKey: queryKeys.myTokens(),
    queryFn: async ({ signal }) => (await ask(MyTokensDocument, {}, signal)).viewer.apiTokens.nodes,
  });
  const about = useQuery({ queryKey: queryKeys.about(), queryFn: ({ signal }) => ask(WhoAmIDocument, {}, signal) });
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
