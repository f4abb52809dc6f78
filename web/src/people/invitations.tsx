// Open invitations of a team, and making one: its link is shown once and handed over by whoever made it.
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { InvitationsDocument, RevokeInvitationDocument } from '../api/documents.gen.ts';
import { queryKeys } from '../api/query-keys.ts';
import { ask } from '../api/session.ts';
import { useTeam } from '../shell/team.ts';
import { useAct } from '../ui/feedback/act.ts';
import { Loaded } from '../ui/feedback/states.tsx';
import { Icon } from '../ui/icons.tsx';
import panelCss from '../ui/panel.module.css';
import { Panel, PanelEmpty } from '../ui/panel.tsx';
import { Ago } from '../ui/tables/values.tsx';
import { Invite } from './invite-form.tsx';
import { roleName } from './roles.ts';

export function Invitations() {
  const team = useTeam();
  const act = useAct();
  const [making, setMaking] = useState(false);
  const again = [queryKeys.invitations(team.slug)];
  const invitations = useQuery({
    queryKey: queryKeys.invitations(team.slug),
    queryFn: async ({ signal }) =>
      ((await ask(InvitationsDocument, { team: team.slug }, signal)).team?.invitations.nodes ?? []).filter(({ state }) => state === 'OPEN'),
  });
  return (
    <Panel
      title="Open invitations"
      label="Invitations"
      note={invitations.data?.length || ''}
      actions={
        <Button variant="default" leftSection={<Icon name="plus" size={13} />} onClick={() => setMaking(true)}>
          Invite
        </Button>
      }
    >
      <Loaded of={invitations} rows={2}>
        {(rows) =>
          rows.length === 0 ? (
            <PanelEmpty>None. An invitation is a link that makes an account and joins this team.</PanelEmpty>
          ) : (
            <ul className={panelCss.lines}>
              {rows.map((one) => (
                <li key={one.id} className={panelCss.lineWithAction}>
                  <span>
                    <strong>{one.email}</strong> <span className="dim">{roleName(one.role)}, ends </span>
                    <Ago when={one.expiresAt} />
                  </span>
                  <Button
                    variant="default"
                    size="compact-xs"
                    aria-label={`Revoke the invitation of ${one.email}`}
                    onClick={() => void act(() => ask(RevokeInvitationDocument, { id: one.id }), { done: 'Revoked', again })}
                  >
                    Revoke
                  </Button>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      {making && <Invite close={() => setMaking(false)} />}
    </Panel>
  );
}
