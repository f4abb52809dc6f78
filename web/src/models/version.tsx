// One version: where it came from, drawn; what it takes and gives; how to use it.

import { useQuery } from '@tanstack/react-query';
import clsx from 'clsx';
import { type ReactNode, useEffect } from 'react';
import { ModelVersionDocument, type ModelVersionQuery, UpdateModelVersionDocument } from '../api/documents.gen.ts';
import { keys } from '../api/keys.ts';
import { ask } from '../api/session.ts';
import { bytes, shortId } from '../format.ts';
import { to } from '../router.ts';
import { useCan, useTeam } from '../shell/team.ts';
import { useAct } from '../ui/act.ts';
import flagCss from '../ui/flag.module.css';
import { Note } from '../ui/markdown.tsx';
import pageCss from '../ui/page.module.css';
import { Pair, Pairs } from '../ui/pairs.tsx';
import panelCss from '../ui/panel.module.css';
import { Panel } from '../ui/panel.tsx';
import { Empty, Loaded } from '../ui/states.tsx';
import { Ago, Copyable, Num } from '../ui/values.tsx';
import { History } from './history.tsx';
import { Environment, Signature, Snippets } from './logged-model-body.tsx';
import { AliasFlags, Promote, Stage } from './promote.tsx';
import css from './version.module.css';

type Version = NonNullable<NonNullable<NonNullable<ModelVersionQuery['team']>['registeredModel']>['version']>;

export function VersionRoom({ name, version }: { name: string; version: number }) {
  const team = useTeam();
  useEffect(() => {
    document.title = `${name} v${version} · Runledger`;
  }, [name, version]);
  const found = useQuery({
    queryKey: keys.modelVersion(team.slug, name, version),
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
  const mayPromote = useCan('model:promote');
  const { loggedModel, run } = version;
  const measured = run?.metrics.filter(({ key }) => !key.startsWith('system/')) ?? [];
  return (
    <>
      <div className={pageCss.bar}>
        <h1>
          {version.name} <span className="mono">v{version.version}</span>
        </h1>
        <AliasFlags name={version.name} version={version.version} aliases={version.aliases} />
        <Stage stage={version.stage} />
        {version.status !== 'READY' && <span className={clsx(flagCss.flag, flagCss.bad)}>{version.statusMessage ?? version.status}</span>}
        <span className="grow" />
        {mayPromote && <Promote name={version.name} version={version.version} aliases={version.aliases} stage={version.stage} />}
      </div>
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
              text={version.description ?? ''}
              what="Description"
              placeholder="What changed in this version?"
              editable={mayChange}
              save={(description) =>
                act(() => ask(UpdateModelVersionDocument, { team: team.slug, name: version.name, version: version.version, description }), {
                  again: [keys.models(team.slug)],
                })
              }
            />
          </Panel>
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
                    <Copyable text={value} />
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

type Box = { kind: string; name: ReactNode; more?: string | null };

/** Data and code → run → model → version, as boxes with arrows between the columns. */
function Lineage({ version }: { version: Version }) {
  const team = useTeam();
  const { lineage, loggedModel } = version;
  const columns: Box[][] = [
    [
      ...lineage.datasets.map(
        ({ dataset, tags }): Box => ({
          kind: `Data${tags.find(({ key }) => key === 'mlflow.data.context') ? `, ${tags.find(({ key }) => key === 'mlflow.data.context')!.value}` : ''}`,
          name: dataset.name,
          more: shortId(dataset.digest),
        }),
      ),
      ...lineage.parents.map(
        (parent): Box => ({ kind: 'Model', name: <a href={to('t', team.slug, 'logged-models', parent.modelId)}>{parent.name}</a> }),
      ),
      ...(lineage.code?.gitCommit || lineage.code?.name
        ? [{ kind: 'Code', name: lineage.code.name?.split('/').at(-1) ?? 'source', more: lineage.code.gitCommit?.slice(0, 8) ?? null }]
        : []),
    ],
    lineage.run
      ? [{ kind: 'Run', name: <a href={to('t', team.slug, 'runs', lineage.run.runId)}>{lineage.run.name}</a>, more: lineage.run.experiment.name }]
      : [],
    loggedModel
      ? [
          {
            kind: 'Model',
            name: <a href={to('t', team.slug, 'logged-models', loggedModel.modelId)}>{loggedModel.name}</a>,
            more: loggedModel.flavors.map((one) => one.name).join(', '),
          },
        ]
      : [],
    [{ kind: 'Version', name: `${version.name} v${version.version}`, more: version.aliases.map((alias) => `@${alias}`).join(' ') }],
  ].filter((column) => column.length > 0);
  return (
    <div className={css.lineage} tabIndex={0} role="group" aria-label="Lineage, from the data to the version">
      {columns.map((boxes, at) => (
        <div key={at} className={css.column}>
          {boxes.map((box, index) => (
            <div key={index} className={clsx(css.box, at === columns.length - 1 && css.last)}>
              <span className="dim">{box.kind}</span>
              <strong>{box.name}</strong>
              {box.more && <span className="mono dim">{box.more}</span>}
            </div>
          ))}
        </div>
      ))}
    </div>
  );
}
