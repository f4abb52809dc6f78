// Making a webhook, or changing one.
import { Button, Modal, MultiSelect, PasswordInput, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { CreateWebhookDocument, UpdateWebhookDocument } from '../../api/documents.gen.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { ask } from '../../api/session.ts';
import { useTeam } from '../../shell/team.ts';
import { useAct } from '../../ui/feedback/act.ts';
import formCss from '../../ui/form.module.css';
import { eventOf, type Hook, keyOf, OPTIONS } from './webhook-events.ts';

export function Edit({ hook, close }: { hook: Hook | null; close: () => void }) {
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
    if (await act<unknown>(work, { done: hook ? 'Changed' : 'Made. Test it to see what it answers.', again: [queryKeys.webhooks(team.slug)] }))
      close();
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
