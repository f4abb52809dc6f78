// What is protected in a team: everybody reads, whoever may manage protections makes, changes and deletes them.
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { DeleteProtectionDocument, type ProtectionRowFragment, ProtectionsDocument } from '../../api/documents.gen.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { ask } from '../../api/session.ts';
import { plural } from '../../format.ts';
import { roleName } from '../../people/roles.ts';
import { useCan, useTeam } from '../../shell/team.ts';
import { useAct } from '../../ui/feedback/act.ts';
import { Confirm, useConfirm } from '../../ui/feedback/confirm.tsx';
import { Loaded } from '../../ui/feedback/states.tsx';
import { Icon } from '../../ui/icons.tsx';
import panelCss from '../../ui/panel.module.css';
import { Panel, PanelEmpty } from '../../ui/panel.tsx';
import listTableCss from '../../ui/tables/list-table.module.css';
import { TargetFlag } from '../target-flag.tsx';
import { takes, targetName } from '../words.ts';
import { ProtectionForm } from './protection-form.tsx';
import css from './protections.module.css';

export function Protections() {
  const team = useTeam();
  const mayManage = useCan('protection:manage');
  const [editing, setEditing] = useState<ProtectionRowFragment | 'new' | null>(null);
  const protections = useQuery({
    queryKey: queryKeys.protections(team.slug),
    queryFn: async ({ signal }) => (await ask(ProtectionsDocument, { team: team.slug }, signal)).team?.protections ?? [],
  });
  return (
    <>
      <Panel
        title="Protections"
        note={protections.data?.length ? plural(protections.data.length, 'alias or stage', 'aliases and stages') : ''}
        actions={
          mayManage && (
            <Button leftSection={<Icon name="plus" size={13} />} onClick={() => setEditing('new')}>
              New protection
            </Button>
          )
        }
      >
        <Loaded of={protections} rows={3}>
          {(rows) =>
            rows.length === 0 ? (
              <PanelEmpty>None. A protection says who may move an alias such as champion, by whose approval, and what has to hold.</PanelEmpty>
            ) : (
              <ul className={panelCss.lines} aria-label="Protections">
                {rows.map((row) => (
                  <Row key={row.id} row={row} edit={mayManage ? () => setEditing(row) : null} />
                ))}
              </ul>
            )
          }
        </Loaded>
      </Panel>
      {editing && <ProtectionForm protection={editing === 'new' ? null : editing} close={() => setEditing(null)} />}
    </>
  );
}

function Row({ row, edit }: { row: ProtectionRowFragment; edit: (() => void) | null }) {
  const team = useTeam();
  const act = useAct();
  const confirm = useConfirm();
  const name = `${targetName(row)} of ${row.models}`;
  const facts = [
    `takes ${takes(row.approvals, { ...row, conditions: [] })}`,
    row.directRole && `${roleName(row.directRole)}${row.directRole === 'ADMIN' ? '' : ' and above'} without approval`,
    row.freeRollback && 'rolls back freely',
    row.askByMove && 'trying to move it asks',
  ].filter(Boolean);
  return (
    <li className={css.row} aria-label={name}>
      <div className={css.what}>
        <p>
          <TargetFlag target={row} /> of <strong className="mono">{row.models}</strong>
        </p>
        <p className="dim">{facts.join(' · ')}</p>
        {row.conditions.map((condition) => (
          <code key={condition}>{condition}</code>
        ))}
      </div>
      {edit && (
        <span className={listTableCss.rowActions}>
          <Button variant="default" size="compact-xs" aria-label={`Edit ${name}`} onClick={edit}>
            Edit
          </Button>
          <Button
            variant="default"
            size="compact-xs"
            aria-label={`Delete ${name}`}
            onClick={() =>
              confirm.ask({
                title: `Delete the protection of ${name}?`,
                text: 'Whoever may promote moves it then without approval. Requests that are open stay open.',
                verb: 'Delete',
                run: () => act(() => ask(DeleteProtectionDocument, { id: row.id }), { done: 'Deleted', again: [queryKeys.models(team.slug)] }),
              })
            }
          >
            Delete
          </Button>
        </span>
      )}
      <Confirm of={confirm} />
    </li>
  );
}
