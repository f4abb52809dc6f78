// One webhook: what it is told of, trying it out, changing and deleting it.
import { Button, Switch } from '@mantine/core';
import clsx from 'clsx';
import { useState } from 'react';
import { DeleteWebhookDocument, TestWebhookDocument, type TestWebhookMutation, UpdateWebhookDocument } from '../../api/documents.gen.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { ask } from '../../api/session.ts';
import { plural } from '../../format.ts';
import { useTeam } from '../../shell/team.ts';
import buttonsCss from '../../ui/buttons.module.css';
import { useAct } from '../../ui/feedback/act.ts';
import { Confirm, useConfirm } from '../../ui/feedback/confirm.tsx';
import flagCss from '../../ui/flag.module.css';
import { Icon } from '../../ui/icons.tsx';
import markdownCss from '../../ui/markdown.module.css';
import listTableCss from '../../ui/tables/list-table.module.css';
import { Copyable } from '../../ui/tables/values.tsx';
import { Deliveries } from './webhook-deliveries.tsx';
import { type Hook, nameOf } from './webhook-events.ts';
import css from './webhook-row.module.css';

export function Row({ hook, edit }: { hook: Hook; edit: () => void }) {
  const team = useTeam();
  const act = useAct();
  const confirm = useConfirm();
  const [open, setOpen] = useState(false);
  const [tested, setTested] = useState<TestWebhookMutation['testWebhook'] | 'waiting' | null>(null);
  const again = [queryKeys.webhooks(team.slug)];
  const active = hook.status === 'ACTIVE';
  const failed = hook.deliveries.filter(({ state }) => state === 'FAILED').length;
  const setActive = (on: boolean) => ask(UpdateWebhookDocument, { id: hook.id, status: on ? 'ACTIVE' : 'DISABLED' });
  const test = async () => {
    setTested('waiting');
    setTested((await act(() => ask(TestWebhookDocument, { id: hook.id })))?.testWebhook ?? null);
  };
  return (
    <li className={css.hook} aria-label={hook.name}>
      <div className={css.head}>
        <button
          type="button"
          className={buttonsCss.quiet}
          aria-expanded={open}
          aria-label={`Deliveries of ${hook.name}`}
          onClick={() => setOpen(!open)}
        >
          <Icon name={open ? 'down' : 'right'} size={12} />
        </button>
        <div className={css.what}>
          <p>
            <strong>{hook.name}</strong>
            {!active && <span className={flagCss.flag}>disabled</span>}
            {hook.signed && <span className={flagCss.flag}>signed</span>}
            {failed > 0 && <span className={clsx(flagCss.flag, flagCss.bad)}>{plural(failed, 'failure')} lately</span>}
          </p>
          <p className="dim">
            <Copyable text={hook.url} label="the address" />
          </p>
          <p className="dim">{hook.events.map(nameOf).join(' · ')}</p>
        </div>
        <span className={listTableCss.rowActions}>
          <Switch
            aria-label={`${hook.name} is active`}
            checked={active}
            onChange={() =>
              void act(() => setActive(!active), {
                done: active ? `${hook.name} is told of nothing now` : `${hook.name} is told again`,
                undo: () => setActive(active),
                again,
              })
            }
          />
          <Button variant="default" size="compact-xs" loading={tested === 'waiting'} onClick={() => void test()}>
            Test
          </Button>
          <Button variant="default" size="compact-xs" onClick={edit}>
            Edit
          </Button>
          <Button
            variant="default"
            size="compact-xs"
            aria-label={`Delete ${hook.name}`}
            onClick={() =>
              confirm.ask({
                title: `Delete ${hook.name}?`,
                text: 'Messages that wait to be sent go with it. This can not be undone.',
                verb: 'Delete',
                run: () => act(() => ask(DeleteWebhookDocument, { id: hook.id }), { done: 'Deleted', again }),
              })
            }
          >
            Delete
          </Button>
        </span>
      </div>
      {tested && tested !== 'waiting' && (
        <div className={clsx(css.answer, tested.success ? undefined : css.bad)} role="status">
          <p>
            <strong>{tested.success ? 'It answered' : tested.responseStatus ? 'It refused the example' : 'No answer came'}</strong>{' '}
            {tested.responseStatus && <span className="mono">HTTP {tested.responseStatus}</span>} {tested.errorMessage}
          </p>
          {tested.responseBody && <pre className={clsx(markdownCss.plain, 'mono')}>{tested.responseBody}</pre>}
        </div>
      )}
      {open && <Deliveries hook={hook} />}
      <Confirm of={confirm} />
    </li>
  );
}
