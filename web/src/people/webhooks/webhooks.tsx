// Webhooks of a team: who is told of what, whether it arrives, and trying one out.
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { WebhooksDocument } from '../../api/documents.gen.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { ask } from '../../api/session.ts';
import { plural } from '../../format.ts';
import { useTeam } from '../../shell/team.ts';
import { Loaded } from '../../ui/feedback/states.tsx';
import { Icon } from '../../ui/icons.tsx';
import panelCss from '../../ui/panel.module.css';
import { Panel, PanelEmpty } from '../../ui/panel.tsx';
import type { Hook } from './webhook-events.ts';
import { Edit } from './webhook-form.tsx';
import { Row } from './webhook-row.tsx';

export function Webhooks() {
  const team = useTeam();
  const [editing, setEditing] = useState<Hook | 'new' | null>(null);
  const hooks = useQuery({
    queryKey: queryKeys.webhooks(team.slug),
    refetchInterval: 10_000,
    queryFn: async ({ signal }) => (await ask(WebhooksDocument, { team: team.slug }, signal)).team?.webhooks.nodes ?? [],
  });
  return (
    <>
      <Panel
        title="Webhooks"
        note={hooks.data?.length ? plural(hooks.data.length, 'webhook') : ''}
        actions={
          <Button leftSection={<Icon name="plus" size={13} />} onClick={() => setEditing('new')}>
            New webhook
          </Button>
        }
      >
        <Loaded of={hooks} rows={3}>
          {(rows) =>
            rows.length === 0 ? (
              <PanelEmpty>None. A webhook tells an address of yours when runs end and when models are registered or promoted.</PanelEmpty>
            ) : (
              <ul className={panelCss.lines}>
                {rows.map((hook) => (
                  <Row key={hook.id} hook={hook} edit={() => setEditing(hook)} />
                ))}
              </ul>
            )
          }
        </Loaded>
      </Panel>
      {editing && <Edit hook={editing === 'new' ? null : editing} close={() => setEditing(null)} />}
    </>
  );
}
