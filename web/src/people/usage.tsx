// What a team keeps on the server, in total and by experiment; and the database role by which BI tools read it.
import { useQuery } from '@tanstack/react-query';
import { UsageDocument } from '../api/documents.gen.ts';
import { queryKeys } from '../api/query-keys.ts';
import { ask } from '../api/session.ts';
import { bytes, count } from '../format.ts';
import { to } from '../router.ts';
import { Purge } from '../server/purge.tsx';
import { useCan, useTeam } from '../shell/team.ts';
import { Loaded } from '../ui/feedback/states.tsx';
import { Panel } from '../ui/panel.tsx';
import { ListTable, numeric } from '../ui/tables/list-table.tsx';
import { Reporting } from './reporting-role.tsx';
import css from './usage.module.css';

export function Usage() {
  const team = useTeam();
  const mayReport = useCan('account:manage');
  const mayPurge = useCan('data:purge');
  const usage = useQuery({
    queryKey: queryKeys.usage(team.slug),
    staleTime: 30_000,
    queryFn: async ({ signal }) => (await ask(UsageDocument, { team: team.slug }, signal)).team,
  });
  return (
    <>
      <Panel title="Kept here" label="Usage" note="deleted things included as long as they are kept">
        <Loaded of={usage} rows={3}>
          {(found) =>
            found && (
              <dl className={css.usage}>
                {[
                  ['Experiments', count(found.usage.experiments), null],
                  ['Runs', count(found.usage.runs), null],
                  ['Metric points', count(found.usage.points), null],
                  ['Files', count(found.usage.artifacts.files), found.usage.artifacts.complete ? null : 'at least'],
                  ['Artifacts', bytes(found.usage.artifacts.bytes), found.usage.artifacts.complete ? null : 'at least'],
                ].map(([name, value, note]) => (
                  <div key={name}>
                    <dt>{name}</dt>
                    <dd className="mono">
                      {note && <span className="dim">{note} </span>}
                      {value}
                    </dd>
                  </div>
                ))}
              </dl>
            )
          }
        </Loaded>
      </Panel>
      {usage.data && (
        <Panel title="Runs by experiment" note={<>{count(usage.data.runGroups.totalCount)} with runs, the largest first</>}>
          <ListTable label="Runs by experiment" columns={['Experiment', numeric('Runs')]}>
            {usage.data.runGroups.nodes.map(({ by: [of], runCount }) => {
              const id = of?.value ?? '';
              const known = usage.data?.experiments.nodes.find(({ experimentId }) => experimentId === id);
              return (
                <tr key={id}>
                  <td>
                    <a href={to('t', team.slug, 'experiments', id)}>{known?.name ?? `Experiment ${id}`}</a>
                  </td>
                  <td className="numeric mono">{count(runCount)}</td>
                </tr>
              );
            })}
          </ListTable>
        </Panel>
      )}
      {mayReport && <Reporting />}
      {mayPurge && <Purge />}
    </>
  );
}
