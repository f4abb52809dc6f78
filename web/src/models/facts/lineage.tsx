// Where a version came from, drawn: data and code → run → model → version.
import clsx from 'clsx';
import type { ReactNode } from 'react';
import type { ModelVersionQuery } from '../../api/documents.gen.ts';
import { shortId } from '../../format.ts';
import { to } from '../../router.ts';
import { useTeam } from '../../shell/team.ts';
import css from './lineage.module.css';

export type Version = NonNullable<NonNullable<NonNullable<ModelVersionQuery['team']>['registeredModel']>['version']>;

type Box = { kind: string; name: ReactNode; more?: string | null };

/** Data and code → run → model → version, as boxes with arrows between the columns. */
export function Lineage({ version }: { version: Version }) {
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
