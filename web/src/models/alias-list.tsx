// Where the aliases of a model point, which of them are protected, and the way back.
import clsx from 'clsx';
import { RollBack } from '../governance/roll-back.tsx';
import { Lock } from '../governance/target-flag.tsx';
import { to } from '../router.ts';
import { useTeam } from '../shell/team.ts';
import flagCss from '../ui/flag.module.css';
import { Icon } from '../ui/icons.tsx';
import panelCss from '../ui/panel.module.css';
import { Panel, PanelEmpty } from '../ui/panel.tsx';
import css from './alias-list.module.css';

export function AliasList({ name, aliases }: { name: string; aliases: { alias: string; version: number }[] }) {
  const team = useTeam();
  return (
    <Panel title="Aliases">
      {aliases.length === 0 ? (
        <PanelEmpty>None. An alias such as champion names the version to use, so that code needn’t.</PanelEmpty>
      ) : (
        <ul className={panelCss.lines}>
          {aliases.map(({ alias, version }) => (
            <li key={alias} className={css.alias}>
              <span className={clsx(flagCss.flag, flagCss.accent)}>
                @{alias}
                <Lock name={name} target={{ alias, stage: null }} />
              </span>
              <Icon name="right" size={11} />
              <a className="mono" href={to('t', team.slug, 'models', name, 'versions', version)}>
                v{version}
              </a>
              <span className="grow" />
              <RollBack name={name} alias={alias} version={version} />
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
