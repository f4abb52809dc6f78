// Webhooks of a team: who is told of what, whether it arrives, and trying one out.

import { Button, Modal, MultiSelect, PasswordInput, Switch, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import clsx from 'clsx';
import { type FormEvent, useState } from 'react';
import {
  CreateWebhookDocument,
  DeleteWebhookDocument,
  TestWebhookDocument,
  type TestWebhookMutation,
  UpdateWebhookDocument,
  type WebhookAction,
  type WebhookEntity,
  WebhooksDocument,
  type WebhooksQuery,
} from '../api/documents.gen.ts';
import { keys } from '../api/keys.ts';
import { ask } from '../api/session.ts';
import { plural } from '../format.ts';
import { useTeam } from '../shell/team.ts';
import { useAct } from '../ui/act.ts';
import buttonsCss from '../ui/buttons.module.css';
import { Confirm, useConfirm } from '../ui/confirm.tsx';
import flagCss from '../ui/flag.module.css';
import formCss from '../ui/form.module.css';
import { Icon } from '../ui/icons.tsx';
import listTableCss from '../ui/list-table.module.css';
import { ListTable, numeric } from '../ui/list-table.tsx';
import markdownCss from '../ui/markdown.module.css';
import panelCss from '../ui/panel.module.css';
import { Panel, PanelEmpty } from '../ui/panel.tsx';
import { Loaded } from '../ui/states.tsx';
import { Ago, Copyable } from '../ui/values.tsx';
import css from './webhooks.module.css';

type Hook = NonNullable<WebhooksQuery['team']>['webhooks']['nodes'][number];
type Event = { entity: WebhookEntity; action: WebhookAction };

const EVENTS: [WebhookEntity, WebhookAction, string][] = [
  ['RUN', 'FINISHED', 'A run finished'],
  ['RUN', 'FAILED', 'A run failed'],
  ['REGISTERED_MODEL', 'CREATED', 'A model was registered'],
  ['MODEL_VERSION', 'CREATED', 'A version was made'],
  ['MODEL_VERSION_TAG', 'SET', 'A version was tagged'],
  ['MODEL_VERSION_TAG', 'DELETED', 'A version’s tag was removed'],
  ['MODEL_VERSION_ALIAS', 'CREATED', 'An alias was moved'],
  ['MODEL_VERSION_ALIAS', 'DELETED', 'An alias was removed'],
  ['PROMPT', 'CREATED', 'A prompt was made'],
  ['PROMPT_VERSION', 'CREATED', 'A version of a prompt was made'],
];
const keyOf = ({ entity, action }: Event) => `${entity}.${action}`;
const OPTIONS = EVENTS.map(([entity, action, label]) => ({ value: keyOf({ entity, action }), label }));
const nameOf = (event: Event) => OPTIONS.find(({ value }) => value === keyOf(event))?.label ?? keyOf(event).toLowerCase().replaceAll('_', ' ');
const eventOf = (key: string): Event => {
  const [entity, action] = key.split('.');
  return { entity: entity as WebhookEntity, action: action as WebhookAction };
};

export function Webhooks() {
  const team = useTeam();
  const [editing, setEditing] = useState<Hook | 'new' | null>(null);
  const hooks = useQuery({
    queryKey: keys.webhooks(team.slug),
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

function Row({ hook, edit }: { hook: Hook; edit: () => void }) {
  const team = useTeam();
  const act = useAct();
  const confirm = useConfirm();
  const [open, setOpen] = useState(false);
  const [tested, setTested] = useState<TestWebhookMutation['testWebhook'] | 'waiting' | null>(null);
  const again = [keys.webhooks(team.slug)];
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

const STATES = { PENDING: 'Waits', DELIVERED: 'Arrived', FAILED: 'Failed' } as const;

function Deliveries({ hook }: { hook: Hook }) {
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

function Edit({ hook, close }: { hook: Hook | null; close: () => void }) {
  const team = useTeam();
  const act = useAct();
  const [name, setName] = useState(hook?.name ?? '');
  const [url, setUrl] = useState(hook?.url ?? '');
  const [secret, setSecret] = useState('');
  const [events, setEvents] = useState<string[]>(hook?.events.map(keyOf) ?? ['RUN.FAILED']);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const input = { name: name.trim(), url: url.trim(), events: events.map(eventOf), secret: secret || null };
    const work = () => (hook ? ask(UpdateWebhookDocument, { id: hook.id, ...input }) : ask(CreateWebhookDocument, { team: team.slug, ...input }));
    if (await act<unknown>(work, { done: hook ? 'Changed' : 'Made. Test it to see what it answers.', again: [keys.webhooks(team.slug)] })) close();
  };
  return (
    <Modal opened onClose={close} title={hook ? `Edit ${hook.name}` : 'New webhook'} size="md">
      <form className={formCss.form} onSubmit={(event) => void submit(event)}>
        <TextInput data-autofocus label="Name" required withAsterisk={false} value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <TextInput
          label="Address"
          type="url"
          placeholder="https://…"
          description="Gets a POST request with JSON for each event."
          required
          withAsterisk={false}
          value={url}
          onChange={(event) => setUrl(event.currentTarget.value)}
        />
        <MultiSelect label="Tell it when" data={OPTIONS} value={events} onChange={setEvents} searchable />
        <PasswordInput
          label={hook?.signed ? 'New secret' : 'Secret'}
          description={
            hook?.signed ? 'Left empty, the present one stays.' : 'Signs each message, so that the receiver knows whom it is from. Never shown again.'
          }
          autoComplete="off"
          value={secret}
          onChange={(event) => setSecret(event.currentTarget.value)}
        />
        <Button type="submit" disabled={events.length === 0}>
          {hook ? 'Save' : 'Create'}
        </Button>
      </form>
    </Modal>
  );
}
