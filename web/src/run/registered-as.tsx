// The registered versions that came of a run, with their aliases. Nothing where there are none.
import clsx from 'clsx';
import { to } from '../router.ts';
import flagCss from '../ui/flag.module.css';
import panelCss from '../ui/panel.module.css';
import { Panel } from '../ui/panel.tsx';
import type { FullRun } from './full-run.ts';

export function RegisteredAs({ run }: { run: FullRun }) {
  if (run.modelVersions.length === 0) return null;
  return (
    <Panel title="Registered as" label="Registered versions">
      <ul className={panelCss.lines}>
        {run.modelVersions.map((one) => (
          <li key={one.id}>
            <a href={to('t', run.team.slug, 'models', one.name, 'versions', one.version)}>
              {one.name} <span className="mono">v{one.version}</span>
            </a>
            {one.aliases.map((alias) => (
              <span key={alias} className={clsx(flagCss.flag, flagCss.accent)}>
                @{alias}
              </span>
            ))}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
