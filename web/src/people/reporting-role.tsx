// The database role by which BI tools read a team’s rows.
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { DeleteReportingRoleDocument, RenewReportingRoleDocument, ReportingRoleDocument } from '../api/documents.gen.ts';
import { queryKeys } from '../api/query-keys.ts';
import { ask } from '../api/session.ts';
import { useTeam } from '../shell/team.ts';
import { useAct } from '../ui/feedback/act.ts';
import { Confirm, useConfirm } from '../ui/feedback/confirm.tsx';
import { Loaded } from '../ui/feedback/states.tsx';
import panelCss from '../ui/panel.module.css';
import { Panel, PanelEmpty } from '../ui/panel.tsx';
import { Copyable, Snippet } from '../ui/tables/values.tsx';

export function Reporting() {
  const team = useTeam();
  const act = useAct();
  const confirm = useConfirm();
  const [secret, setSecret] = useState<{ roleName: string; database: string; port: number | null; password: string } | null>(null);
  const role = useQuery({
    queryKey: queryKeys.reportingRole(team.slug),
    queryFn: async ({ signal }) => (await ask(ReportingRoleDocument, { team: team.slug }, signal)).team?.reportingRole ?? null,
  });
  const again = [queryKeys.reportingRole(team.slug)];
  const renew = async () => {
    const made = await act(() => ask(RenewReportingRoleDocument, { team: team.slug }), { again });
    if (made) setSecret({ ...made.renewReportingRole.role, password: made.renewReportingRole.password });
  };
  return (
    <Panel
      title="For BI tools"
      label="Reporting role"
      actions={
        <>
          <Button
            variant="default"
            onClick={() =>
              role.data
                ? confirm.ask({
                    title: 'Give the role a new password?',
                    text: 'Whatever signs in with the present one stops working at once.',
                    verb: 'New password',
                    run: renew,
                  })
                : void renew()
            }
          >
            {role.data ? 'New password' : 'Make a database role'}
          </Button>
          {role.data && (
            <Button
              variant="default"
              onClick={() =>
                confirm.ask({
                  title: `Remove ${role.data?.roleName}?`,
                  text: 'Whatever reads by it stops working at once. Another can be made later.',
                  verb: 'Remove',
                  run: () => act(() => ask(DeleteReportingRoleDocument, { team: team.slug }), { done: 'Removed', again }).then(() => setSecret(null)),
                })
              }
            >
              Remove
            </Button>
          )}
        </>
      }
    >
      <Loaded of={role} rows={1}>
        {(found) =>
          found ? (
            <p className={panelCss.text}>
              <Copyable text={found.roleName} label="the role" /> reads this team’s rows in the views of the schema <code>reporting</code> of the
              database <Copyable text={found.database} label="the database" />
              {found.port ? `, port ${found.port}` : ''}, and nothing else.
            </p>
          ) : (
            <PanelEmpty>None. A role of the database lets Grafana, Metabase and the like read this team’s runs and models by SQL.</PanelEmpty>
          )
        }
      </Loaded>
      {secret && (
        <div className={panelCss.text}>
          <p>This is the only time the password is shown.</p>
          <Snippet
            code={`postgresql://${secret.roleName}:${secret.password}@<host>:${secret.port ?? 5432}/${secret.database}`}
            label="the address of the database"
          />
        </div>
      )}
      <Confirm of={confirm} />
    </Panel>
  );
}
