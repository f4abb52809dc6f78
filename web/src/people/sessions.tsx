// Where you are signed in, and signing out elsewhere.
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import clsx from 'clsx';
import { EndSessionsDocument, MySessionsDocument } from '../api/documents.gen.ts';
import { queryKeys } from '../api/query-keys.ts';
import { ask, signOut } from '../api/session.ts';
import { plural } from '../format.ts';
import { useAct } from '../ui/feedback/act.ts';
import { Confirm, useConfirm } from '../ui/feedback/confirm.tsx';
import { Loaded } from '../ui/feedback/states.tsx';
import flagCss from '../ui/flag.module.css';
import { Panel } from '../ui/panel.tsx';
import listTableCss from '../ui/tables/list-table.module.css';
import { ACTIONS, ListTable } from '../ui/tables/list-table.tsx';
import { Ago } from '../ui/tables/values.tsx';

const BROWSERS: [RegExp, string][] = [
  [/Edg\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Firefox\//, 'Firefox'],
  [/Chrom(e|ium)\//, 'Chrome'],
  [/Safari\//, 'Safari'],
];
const SYSTEMS: [RegExp, string][] = [
  [/Android/, 'Android'],
  [/iPhone|iPad/, 'iOS'],
  [/Windows/, 'Windows'],
  [/Mac OS X|Macintosh/, 'macOS'],
  [/Linux|X11/, 'Linux'],
];

/** `Firefox on Linux`; what no browser calls itself stays as it is. */
export function clientName(userAgent: string | null): string {
  if (!userAgent) return 'Unknown';
  const find = (of: [RegExp, string][]) => of.find(([pattern]) => pattern.test(userAgent))?.[1];
  const [browser, system] = [find(BROWSERS), find(SYSTEMS)];
  return browser ? `${browser}${system ? ` on ${system}` : ''}` : userAgent.slice(0, 60);
}

export function Sessions() {
  const act = useAct();
  const confirm = useConfirm();
  const sessions = useQuery({
    queryKey: queryKeys.sessions(),
    queryFn: async ({ signal }) => (await ask(MySessionsDocument, {}, signal)).viewer.sessions,
  });
  const again = [queryKeys.sessions()];
  const others = sessions.data?.filter(({ current }) => !current).length ?? 0;
  return (
    <Panel
      title="Signed in"
      label="Sessions"
      note={sessions.data ? plural(sessions.data.length, 'session') : ''}
      actions={
        <Button
          variant="default"
          disabled={others === 0}
          onClick={() =>
            confirm.ask({
              title: `Sign out of ${plural(others, 'other session')}?`,
              text: 'They have to sign in again. API tokens go on working.',
              verb: 'Sign out everywhere else',
              run: () =>
                act(() => ask(EndSessionsDocument, { sessionIds: null }), {
                  done: ({ endSessions: { ended } }) => `Ended ${plural(ended, 'session')}`,
                  again,
                }),
            })
          }
        >
          Sign out everywhere else
        </Button>
      }
    >
      <Loaded of={sessions} rows={2}>
        {(rows) => (
          <ListTable label="Sessions" columns={['Where', 'Signed in', 'Used', 'Ends unused', ACTIONS]}>
            {rows.map((one) => (
              <tr key={one.sessionId}>
                <td title={one.userAgent ?? undefined}>
                  <span className="strong">{clientName(one.userAgent)}</span>{' '}
                  {one.current && <span className={clsx(flagCss.flag, flagCss.accent)}>this one</span>}
                </td>
                <td>
                  <Ago when={one.createdAt} />
                </td>
                <td>
                  <Ago when={one.lastUsedAt} />
                </td>
                <td>
                  <Ago when={one.expiresAt} />
                </td>
                <td className={listTableCss.actionsCell}>
                  <Button
                    variant="default"
                    size="compact-xs"
                    aria-label={one.current ? 'Sign out here' : `End the session of ${clientName(one.userAgent)}`}
                    onClick={() =>
                      one.current
                        ? void signOut()
                        : void act(() => ask(EndSessionsDocument, { sessionIds: [one.sessionId] }), { done: 'Ended', again })
                    }
                  >
                    {one.current ? 'Sign out' : 'End'}
                  </Button>
                </td>
              </tr>
            ))}
          </ListTable>
        )}
      </Loaded>
      <Confirm of={confirm} />
    </Panel>
  );
}
