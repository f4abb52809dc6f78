// One version: where it came from, drawn; what it takes and gives; how to use it.
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect } from 'react';
import { ModelVersionDocument, type ModelVersionQuery, UpdateModelVersionDocument } from '../api/documents.gen.ts';
import { ask } from '../api/session.ts';
import { bytes, shortId } from '../format.ts';
import { useAct } from '../parts/act.ts';
import { Note } from '../parts/markdown.tsx';
import { Empty, Loaded } from '../parts/states.tsx';
import { Ago, Copyable, Num } from '../parts/values.tsx';
import { to } from '../router.ts';
import { useCan, useTeam } from '../shell/team.ts';
import { History } from './history.tsx';
import { Environment, Signature, Snippets } from './logged-body.tsx';
import { AliasFlags, Promote, Stage } from './promote.tsx';

type Version = NonNullable<NonNullable<NonNullable<ModelVersionQuery['team']>['registeredModel']>['version']>;

export function VersionRoom({ name, version }: { name: string; version: number }) {
  const team = useTeam();
  useEffect(() => {
    document.title = `${name} v${version} · Runledger`;
  }, [name, version]);
  const found = useQuery({
    queryKey: ['models', team.slug, 'version', name, version],
    enabled: Number.isInteger(version),
    queryFn: async ({ signal }) =>
      (await ask(ModelVersionDocument, { team: team.slug, name, version }, signal)).team?.registeredModel?.version ?? null,
  });
  return (
    <div className="page">
      <p className="crumbs">
        <a href={to('t', team.slug, 'models')}>Models</a> / <a href={to('t', team.slug, 'models', name)}>{name}</a>
      </p>
      <Loaded of={found}>{(one) => (one ? <Body version={one} /> : <Empty title={`${name} has no version ${version}`} />)}</Loaded>
    </div>
  );
}

function Body({ version }: { version: Version }) {
  const team = useTeam();
  const act = useAct();
  const mayChange = useCan('CONTRIBUTOR');
  const mayPromote = useCan('MAINTAINER');
  const { loggedModel, run } = version;
  const measured = run?.metrics.filter(({ key }) => !key.startsWith('system/')) ?? [];
  return (
    <>
      <div className="page-bar">
        <h1>
          {version.name} <span className="mono">v{version.version}</span>
        </h1>
        <AliasFlags name={version.name} version={version.version} aliases={version.aliases} />
        <Stage stage={version.stage} />
        {version.status !== 'READY' && <span className="flag flag-bad">{version.statusMessage ?? version.status}</span>}
        <span className="grow" />
        {mayPromote && <Promote name={version.name} version={version.version} aliases={version.aliases} stage={version.stage} />}
      </div>
      <p className="dim">
        Registered <Ago when={version.createdAt} />
        {version.user ? ` by ${version.user}` : ''}
        {loggedModel?.sizeBytes ? ` · ${bytes(loggedModel.sizeBytes)}` : ''}
      </p>
      <section className="panel" aria-label="Lineage">
        <header className="panel-head">
          <h2>Lineage</h2>
        </header>
        <Lineage version={version} />
      </section>
      <div className="overview wide-left">
        <div className="column">
          <Snippets snippets={version.snippets} />
          <Signature signature={loggedModel?.signature ?? null} />
          {loggedModel && <Environment environment={loggedModel.environment} />}
        </div>
        <div className="column">
          <section className="panel" aria-label="Description">
            <header className="panel-head">
              <h2>Description</h2>
            </header>
            <Note
              text={version.description ?? ''}
              what="Description"
              placeholder="What changed in this version?"
              editable={mayChange}
              save={(description) =>
                act(() => ask(UpdateModelVersionDocument, { team: team.slug, name: version.name, version: version.version, description }), {
                  again: [['models', team.slug]],
                })
              }
            />
          </section>
          <History name={version.name} version={version.version} />
          {run && measured.length > 0 && (
            <section className="panel" aria-label="Metrics of its run">
              <header className="panel-head">
                <h2>Metrics of its run</h2>
              </header>
              <dl className="pairs">
                {measured.map(({ key, last }) => (
                  <div key={key}>
                    <dt>{key}</dt>
                    <dd>
                      <Num value={last} />
                    </dd>
                  </div>
                ))}
              </dl>
            </section>
          )}
          {version.lineage.params.length > 0 && (
            <section className="panel" aria-label="Params">
              <header className="panel-head">
                <h2>Params</h2>
              </header>
              <dl className="pairs">
                {version.lineage.params.map(({ key, value }) => (
                  <div key={key}>
                    <dt>{key}</dt>
                    <dd>
                      <Copyable text={value} />
                    </dd>
                  </div>
                ))}
              </dl>
            </section>
          )}
          <section className="panel" aria-label="Source">
            <header className="panel-head">
              <h2>Files</h2>
            </header>
            <p className="panel-text">
              <Copyable text={version.source} />
            </p>
          </section>
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
    <div className="lineage" tabIndex={0} role="group" aria-label="Lineage, from the data to the version">
      {columns.map((boxes, at) => (
        <div key={at} className="lineage-column">
          {boxes.map((box, index) => (
            <div key={index} className={at === columns.length - 1 ? 'lineage-box last' : 'lineage-box'}>
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
