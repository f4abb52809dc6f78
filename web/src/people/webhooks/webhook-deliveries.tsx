// What was sent to a webhook lately, and what came of it.
import clsx from 'clsx';
import { PanelEmpty } from '../../ui/panel.tsx';
import { ListTable, numeric } from '../../ui/tables/list-table.tsx';
import { Ago } from '../../ui/tables/values.tsx';
import { type Hook, nameOf } from './webhook-events.ts';
import css from './webhook-row.module.css';

const STATES = { PENDING: 'Waits', DELIVERED: 'Arrived', FAILED: 'Failed' } as const;

export function Deliveries({ hook }: { hook: Hook }) {
  if (hook.deliveries.length === 0) return <PanelEmpty>Nothing has been sent lately. Messages are listed here for some days.</PanelEmpty>;
  return (
    <ListTable label={`Deliveries of ${hook.name}`} columns={['When', 'What', 'State', numeric('Answer'), numeric('Tries'), 'Fault']}>
      {hook.deliveries.map((one) => (
        <tr key={one.deliveryId}>
          <td>
            <Ago when={one.createdAt} />
          </td>
          <td>{nameOf(one.event)}</td>
          <td className={css.delivery} data-state={one.state.toLowerCase()}>
            {STATES[one.state]}
          </td>
          <td className="numeric mono">{one.responseStatus ?? '–'}</td>
          <td className="numeric mono">{one.attempts}</td>
          <td className={clsx('dim', css.deliveryFault)} title={one.error ?? undefined}>
            {one.error}
            {one.nextAttemptAt && one.attempts > 0 && (
              <>
                {' '}
                Again <Ago when={one.nextAttemptAt} />.
              </>
            )}
          </td>
        </tr>
      ))}
    </ListTable>
  );
}
