// One logged model: what is known of it, its files, and the way into the registry.
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useState } from 'react';
import { LoggedModelDocument } from '../api/documents.gen.ts';
import { queryKeys } from '../api/query-keys.ts';
import { ask } from '../api/session.ts';
import { to, useParam } from '../router.ts';
import { useCan, useTeam } from '../shell/team.ts';
import { Empty, Loaded, Rows } from '../ui/feedback/states.tsx';
import pageCss from '../ui/page.module.css';
import { Tabs } from '../ui/tabs.tsx';
import { Register } from './changes/register-form.tsx';
import { LoggedModelBody } from './logged-model-body.tsx';

const Artifacts = lazy(() => import('../run/artifacts/artifacts.tsx').then((m) => ({ default: m.Artifacts })));

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
    queryKey: queryKeys.loggedModel(modelId),
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
