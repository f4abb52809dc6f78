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
import { keys } from '../api/keys.ts';
import { ask } from '../api/session.ts';
import { go, to, useParam } from '../router.ts';
import { useCan, useTeam } from '../shell/team.ts';
import { useAct } from '../ui/act.ts';
import formCss from '../ui/form.module.css';
import pageCss from '../ui/page.module.css';
import { Empty, Loaded, Rows } from '../ui/states.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { LoggedModelBody } from './logged-model-body.tsx';

const Artifacts = lazy(() => import('../run/artifacts.tsx').then((m) => ({ default: m.Artifacts })));

const TABS = [
  { name: 'about', label: 'About' },
  { name: 'files', label: 'Files' },
];

export function LoggedModelRoom({ modelId }: { modelId: string }) {
  const team = useTeam();
  const mayRegister = useCan('model:write');
  const [tab, setTab] = useParam('tab', 'about');
  const [registering, setRegistering] = useState(false);
  const model = useQuery({
    queryKey: keys.loggedModel(modelId),
    queryFn: async ({ signal }) => (await ask(LoggedModelDocument, { modelId }, signal)).loggedModel,
  });
  useEffect(() => {
    document.title = `${model.data?.name ?? 'Model'} · Runledger`;
  }, [model.data?.name]);
  return (
    <div className={pageCss.page}>
      <Loaded of={model}>
        {(found) =>
          found === null ? (
            <Empty title="No such model" />
          ) : (
            <>
              <p className={pageCss.crumbs}>
                <a href={to('t', team.slug, 'experiments', found.experiment.experimentId)}>{found.experiment.name}</a>
              </p>
              <div className={pageCss.bar}>
                <h1>{found.name}</h1>
                <span className="grow" />
                {mayRegister && <Button onClick={() => setRegistering(true)}>Register</Button>}
              </div>
              <Tabs label="Of this model" current={tab} choose={setTab} tabs={TABS} />
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
        again: [keys.models(team.slug), keys.loggedModel(model.modelId)],
      },
    );
    if (made) go(to('t', team.slug, 'models', at.name, 'versions', made.createModelVersion.modelVersion.version));
  };
  return (
    <Modal opened onClose={close} title={`Register ${model.name}`} size="sm">
      <form className={formCss.form} onSubmit={(event) => void submit(event)}>
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
