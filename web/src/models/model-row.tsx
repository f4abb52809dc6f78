// One registered model in the list of them.
import clsx from 'clsx';
import type { ModelsQuery } from '../api/documents.gen.ts';
import { to } from '../router.ts';
import { useTeam } from '../shell/team.ts';
import flagCss from '../ui/flag.module.css';
import listTableCss from '../ui/tables/list-table.module.css';
import { Ago, Num } from '../ui/tables/values.tsx';

type Model = NonNullable<ModelsQuery['team']>['registeredModels']['nodes'][number];

export function ModelRow({ model }: { model: Model }) {
  const team = useTeam();
  return (
    <tr>
      <td>
        <a className="strong" href={to('t', team.slug, 'models', model.name)}>
          {model.name}
        </a>
        {model.description && <span className={listTableCss.listNote}>{model.description.split('\n')[0]}</span>}
      </td>
      <td>
        {model.newest ? (
          <a className="mono" href={to('t', team.slug, 'models', model.name, 'versions', model.newest.version)}>
            v{model.newest.version}
          </a>
        ) : (
          <span className="absent">–</span>
        )}
      </td>
      <td>
        {model.aliases.map(({ alias, version }) => (
          <a key={alias} className={clsx(flagCss.flag, flagCss.accent)} href={to('t', team.slug, 'models', model.name, 'versions', version)}>
            @{alias} <span className="mono">v{version}</span>
          </a>
        ))}
      </td>
      <td>
        {model.champion ? (
          <a href={to('t', team.slug, 'models', model.name, 'versions', model.champion.version)}>
            <span className="mono">v{model.champion.version}</span>
          </a>
        ) : (
          <span className="absent">–</span>
        )}
      </td>
      <td>
        {model.champion?.run?.metrics
          .filter(({ key }) => !key.startsWith('system/'))
          .slice(0, 2)
          .map(({ key, last }) => (
            <span key={key} className={listTableCss.measure}>
              <span className="dim">{key}</span> <Num value={last} />
            </span>
          ))}
      </td>
      <td>
        {model.tags.slice(0, 1).map(({ key, value }) => (
          <span key={key} title={model.tags.map((tag) => `${tag.key} = ${tag.value}`).join('\n')}>
            <span className="dim">{key}</span> {value}
            {model.tags.length > 1 && <span className="dim"> +{model.tags.length - 1}</span>}
          </span>
        ))}
      </td>
      <td>
        <Ago when={model.updatedAt} />
      </td>
    </tr>
  );
}
