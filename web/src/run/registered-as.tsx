// The registered versions that came of a run, with their aliases. Nothing where there are none.
import { to } from '../router.ts';
import type { FullRun } from './room.tsx';

export function RegisteredAs({ run }: { run: FullRun }) {
  if (run.modelVersions.length === 0) return null;
  return (
    <section className="panel" aria-label="Registered versions">
      <header className="panel-head">
        <h2>Registered as</h2>
      </header>
      <ul className="lines">
        {run.modelVersions.map((one) => (
          <li key={one.id}>
            <a href={to('t', run.team.slug, 'models', one.name, 'versions', one.version)}>
              {one.name} <span className="mono">v{one.version}</span>
            </a>
            {one.aliases.map((alias) => (
              <span key={alias} className="flag flag-accent">
                @{alias}
              </span>
            ))}
          </li>
        ))}
      </ul>
    </section>
  );
}
