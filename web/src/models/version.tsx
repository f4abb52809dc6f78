// One version: where it came from, drawn; what it takes and gives; how to use it.
import { useQuery } from '@tanstack/react-query';
import clsx from 'clsx';
import { useEffect } from 'react';
import { ModelVersionDocument, UpdateModelVersionDocument } from '../api/documents.gen.ts';
import { queryKeys } from '../api/query-keys.ts';
import { ask } from '../api/session.ts';
import { bytes } from '../format.ts';
import { OpenRequests } from '../governance/requests/open-requests.tsx';
import { to } from '../router.ts';
import { useCan, useTeam } from '../shell/team.ts';
import { useAct } from '../ui/feedback/act.ts';
import { Empty, Loaded } from '../ui/feedback/states.tsx';
import flagCss from '../ui/flag.module.css';
import { Note } from '../ui/markdown.tsx';
import pageCss from '../ui/page.module.css';
import panelCss from '../ui/panel.module.css';
import { Panel } from '../ui/panel.tsx';
import { Folded } from '../ui/tables/folded.tsx';
import { Pair, Pairs } from '../ui/tables/pairs.tsx';
import { Ago, Copyable, Num } from '../ui/tables/values.tsx';
import { AliasFlags, Promote, Stage } from './changes/promote.tsx';
import { Environment } from './facts/environment.tsx';
import { Lineage, type Version } from './facts/lineage.tsx';
import { Signature } from './facts/signature.tsx';
import { Snippets } from './facts/snippets.tsx';
import { History } from './history.tsx';
import { RegistryTags } from './registry-tags.tsx';

export function VersionRoom({ name, version }: { name: string; version: number }) {
  const team = useTeam();
  useEffect(() => {
    document.title = `${name} v${version} · Runledger`;
  }, [name, version]);
  const found = useQuery({
    queryKey: queryKeys.modelVersion(team.slug, name, version),
    enabled: Number.isInteger(version),
    queryFn: async ({ signal }) =>
      (await ask(ModelVersionDocument, { team: team.slug, name, version }, signal)).team?.registeredModel?.version ?? null,
  });
  return (
    <div className={pageCss.page}>
      <p className={pageCss.crumbs}>
        <a href={to('t', team.slug, 'models')}>Models</a> / <a href={to('t', team.slug, 'models', name)}>{name}</a>
      </p>
      <Loaded of={found}>{(one) => (one ? <Body version={one} /> : <Empty title={`${name} has no version ${version}`} />)}</Loaded>
    </div>
  );
}

function Body({ version }: { version: Version }) {
  const team = useTeam();
  const act = useAct();
  const mayChange = useCan('model:write');
  const { loggedModel, run } = version;
  const measured = run?.metrics.filter(({ key }) => !key.startsWith('system/')) ?? [];
  return (
    <>
      <div className={pageCss.bar}>
        <h1>
          {version.name} <span className="mono">v{version.version}</span>
        </h1>
        <AliasFlags name={version.name} version={version.version} aliases={version.aliases} />
        <Stage name={version.name} stage={version.stage} />
        {version.status !== 'READY' && <span className={clsx(flagCss.flag, flagCss.bad)}>{version.statusMessage ?? version.status}</span>}
        <span className="grow" />
        <Promote name={version.name} version={version.version} aliases={version.aliases} stage={version.stage} />
      </div>
      <OpenRequests name={version.name} version={version.version} />
      <p className="dim">
        Registered <Ago when={version.createdAt} />
        {version.user ? ` by ${version.user}` : ''}
        {loggedModel?.sizeBytes ? ` · ${bytes(loggedModel.sizeBytes)}` : ''}
      </p>
      <Panel title="Lineage">
        <Lineage version={version} />
      </Panel>
      <div className={pageCss.overview}>
        <div className={pageCss.column}>
          <Snippets snippets={version.snippets} />
          <Signature signature={loggedModel?.signature ?? null} />
          {loggedModel && <Environment environment={loggedModel.environment} />}
        </div>
        <div className={pageCss.column}>
          <Panel title="Description">
            <Note
              name={`version.${team.slug}.${version.name}.${version.version}`}
              text={version.description ?? ''}
              what="Description"
              placeholder="What changed in this version?"
              editable={mayChange}
              save={(description) =>
                act(() => ask(UpdateModelVersionDocument, { team: team.slug, name: version.name, version: version.version, description }), {
                  again: [queryKeys.models(team.slug)],
                })
              }
            />
          </Panel>
          <RegistryTags name={version.name} version={version.version} tags={version.tags} />
          <History name={version.name} version={version.version} />
          {run && measured.length > 0 && (
            <Panel title="Metrics of its run">
              <Pairs>
                {measured.map(({ key, last }) => (
                  <Pair key={key} name={key}>
                    <Num value={last} />
                  </Pair>
                ))}
              </Pairs>
            </Panel>
          )}
          {version.lineage.params.length > 0 && (
            <Panel title="Params">
              <Pairs>
                {version.lineage.params.map(({ key, value }) => (
                  <Pair key={key} name={key}>
                    <Folded text={value} />
                  </Pair>
                ))}
              </Pairs>
            </Panel>
          )}
          <Panel title="Files" label="Source">
            <p className={panelCss.text}>
              <Copyable text={version.source} />
            </p>
          </Panel>
        </div>
      </div>
    </>
  );
}
