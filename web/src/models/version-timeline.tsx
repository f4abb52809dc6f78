// The versions of a model, newest first, with their aliases as flags.
import clsx from 'clsx';
import type { ModelQuery } from '../api/documents.gen.ts';
import { to } from '../router.ts';
import { useTeam } from '../shell/team.ts';
import flagCss from '../ui/flag.module.css';
import listTableCss from '../ui/tables/list-table.module.css';
import { Ago, Num } from '../ui/tables/values.tsx';
import { AliasFlags, Promote, Stage } from './changes/promote.tsx';
import css from './version-timeline.module.css';

type Version = NonNullable<NonNullable<ModelQuery['team']>['registeredModel']>['versions']['nodes'][number];

export function VersionTimeline({ name, versions }: { name: string; versions: Version[] }) {
  const team = useTeam();
  return (
    <ol className={css.timeline} aria-label="Versions">
      {versions.map((version) => (
        <li key={version.id} className={version.aliases.length > 0 ? css.flagged : undefined}>
          <div className={css.head}>
            <a className="strong mono" href={to('t', team.slug, 'models', name, 'versions', version.version)}>
              v{version.version}
            </a>
            <AliasFlags name={name} version={version.version} aliases={version.aliases} />
            <Stage name={name} stage={version.stage} />
            {version.status !== 'READY' && (
              <span className={clsx(flagCss.flag, flagCss.bad)}>{version.status.toLowerCase().replaceAll('_', ' ')}</span>
            )}
            <span className="grow" />
            <Promote name={name} version={version.version} aliases={version.aliases} stage={version.stage} />
          </div>
          <p className={css.line}>
            <span className="dim">
              <Ago when={version.createdAt} />
              {version.user ? ` by ${version.user}` : ''}
            </span>
            {version.run && <a href={to('t', team.slug, 'runs', version.run.runId)}>{version.run.name}</a>}
            {version.run?.metrics
              .filter(({ key }) => !key.startsWith('system/'))
              .slice(0, 3)
              .map(({ key, last }) => (
                <span key={key} className={listTableCss.measure}>
                  <span className="dim">{key}</span> <Num value={last} />
                </span>
              ))}
          </p>
          {version.description && <p className={css.note}>{version.description.split('\n')[0]}</p>}
        </li>
      ))}
    </ol>
  );
}
