// One logged model: what is known of it, its files, and the way into the registry.
import { Button, Modal, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, lazy, Suspense, useEffect, useState } from 'react';
import { ApiError } from '../api/client.ts';
import {
  CreateModelVersionDocument,
  CreateRegisteredModelDocument,
  LoggedModelDocument,
  type LoggedModelFullFragment,
} from '../api/documents.gen.ts';
import { ask } from '../api/session.ts';
import { useAct } from '../parts/act.ts';
import { Empty, Loaded, Rows } from '../parts/states.tsx';
import { go, to, useParam } from '../router.ts';
import { useCan, useTeam } from '../shell/team.ts';
import { LoggedModelBody } from './logged-body.tsx';

const Artifacts = lazy(() => import('../run/artifacts.tsx').then((m) => ({ default: m.Artifacts })));

export function LoggedModelRoom({ modelId }: { modelId: string }) {
  const team = useTeam();
  const mayRegister = useCan('CONTRIBUTOR');
  const [tab, setTab] = useParam('tab', 'about');
  const [registering, setRegistering] = useState(false);
  const model = useQuery({
    queryKey: ['logged-model', modelId],
    queryFn: async ({ signal }) => (await ask(LoggedModelDocument, { modelId }, signal)).loggedModel,
  });
  useEffect(() => {
    document.title = `${model.data?.name ?? 'Model'} · Runledger`;
  }, [model.data?.name]);
  return (
    <div className="page">
      <Loaded of={model}>
        {(found) =>
          found === null ? (
            <Empty title="No such model" />
          ) : (
            <>
              <p className="crumbs">
                <a href={to('t', team.slug, 'experiments', found.experiment.experimentId)}>{found.experiment.name}</a>
              </p>
              <div className="page-bar">
                <h1>{found.name}</h1>
                <span className="grow" />
                {mayRegister && <Button onClick={() => setRegistering(true)}>Register</Button>}
              </div>
              <nav className="tabs" aria-label="Of this model">
                {['about', 'files'].map((name) => (
                  <button key={name} type="button" aria-current={tab === name ? 'page' : undefined} onClick={() => setTab(name)}>
                    {name === 'about' ? 'About' : 'Files'}
                  </button>
                ))}
              </nav>
              <Suspense fallback={<Rows />}>
                {tab === 'files' ? <Artifacts of={{ kind: 'model', id: modelId }} root={found.artifactUri} /> : <LoggedModelBody model={found} />}
              </Suspense>
              {registering && <Register model={found} close={() => setRegistering(false)} />}
            </>
          )
        }
      </Loaded>
    </div>
  );
}

function Register({ model, close }: { model: LoggedModelFullFragment; close: () => void }) {
  const team = useTeam();
  const act = useAct();
  const [name, setName] = useState(model.versions[0]?.name ?? '');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const at = { team: team.slug, name: name.trim() };
    const made = await act(
      async () => {
        await ask(CreateRegisteredModelDocument, at).catch((error: unknown) => {
          if (!(error instanceof ApiError) || error.code !== 'ALREADY_EXISTS') throw error;
        });
        return ask(CreateModelVersionDocument, {
          ...at,
          source: `models:/${model.modelId}`,
          modelId: model.modelId,
          runId: model.sourceRun?.runId ?? null,
        });
      },
      {
        again: [
          ['models', team.slug],
          ['logged-model', model.modelId],
        ],
      },
    );
    if (made) go(to('t', team.slug, 'models', at.name, 'versions', made.createModelVersion.modelVersion.version));
  };
  return (
    <Modal opened onClose={close} title={`Register ${model.name}`} size="sm">
      <form className="form" onSubmit={(event) => void submit(event)}>
        <TextInput
          data-autofocus
          label="As a version of"
          description="A model by this name is made if there is none."
          required
          withAsterisk={false}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button type="submit">Register</Button>
      </form>
    </Modal>
  );
}
