// Making an API token, whose secret is shown once.
import { Button, Modal, Select, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { serverUrl } from '../api/client.ts';
import { CreateApiTokenDocument, type Role } from '../api/documents.gen.ts';
import { ask, useSession } from '../api/session.ts';
import { useAct } from '../ui/feedback/act.ts';
import formCss from '../ui/form.module.css';
import { Snippet } from '../ui/tables/values.tsx';
import { ROLES } from './roles.ts';
import { again } from './tokens.tsx';

const DAYS = [
  { value: '', label: 'Never' },
  { value: '7', label: 'In a week' },
  { value: '30', label: 'In 30 days' },
  { value: '90', label: 'In 90 days' },
  { value: '365', label: 'In a year' },
];

type Account = { id: string; name: string; team: string };

/** Of oneself, or as admin of a service account, which acts in its own team alone. */
export function NewToken({ account, close }: { account?: Account; close: () => void }) {
  const act = useAct();
  const { teams } = useSession().viewer!;
  const [name, setName] = useState('');
  const [team, setTeam] = useState<string | null>(account?.team ?? teams[0]?.slug ?? null);
  const [role, setRole] = useState<string | null>(account ? '' : 'CONTRIBUTOR');
  const [days, setDays] = useState<string | null>('');
  const [secret, setSecret] = useState<string | null>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const expiresAt = days ? new Date(Date.now() + Number(days) * 86_400_000).toISOString() : null;
    const input = { name: name.trim(), team: team || null, role: (role as Role) || null, expiresAt, serviceAccount: account?.id ?? null };
    const made = await act(() => ask(CreateApiTokenDocument, input), { again });
    if (made) setSecret(made.createApiToken.secret);
  };
  return (
    <Modal
      opened
      onClose={close}
      title={secret ? 'Copy it now' : account ? `New token for ${account.name}` : 'New API token'}
      size="md"
      closeOnClickOutside={!secret}
    >
      {secret ? (
        <div className={formCss.form}>
          <p>This is the only time the secret is shown. Only its hash is kept.</p>
          <Snippet code={secret} label="the secret" />
          <Snippet
            code={`export MLFLOW_TRACKING_URI=${serverUrl(team ? `t/${team}` : '').href.replace(/\/$/, '')}\nexport MLFLOW_TRACKING_TOKEN=${secret}`}
            label="the two lines"
          />
          <Button onClick={close}>Done</Button>
        </div>
      ) : (
        <form className={formCss.form} onSubmit={(event) => void submit(event)}>
          <TextInput
            data-autofocus
            label="Name"
            placeholder="What is it for?"
            required
            withAsterisk={false}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          {!account && (
            <Select
              label="Team"
              data={[{ value: '', label: 'All of mine' }, ...teams.map((one) => ({ value: one.slug, label: one.name }))]}
              value={team ?? ''}
              onChange={setTeam}
              allowDeselect={false}
            />
          )}
          <Select
            label="May do at most"
            data={[{ value: '', label: account ? 'Whatever it may' : 'Whatever I may' }, ...ROLES]}
            value={role ?? ''}
            onChange={setRole}
            allowDeselect={false}
          />
          <Select label="Ends" data={DAYS} value={days ?? ''} onChange={setDays} allowDeselect={false} />
          <Button type="submit">Create</Button>
        </form>
      )}
    </Modal>
  );
}
