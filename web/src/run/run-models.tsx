// The models that a run made, read or registered.
import { useQuery } from '@tanstack/react-query';
import { LoggedModelDocument } from '../api/documents.gen.ts';
import { ask } from '../api/session.ts';
import { LoggedModelBody } from '../models/logged-body.tsx';
import { Loaded } from '../parts/states.tsx';
import { to } from '../router.ts';
import { RegisteredAs } from './registered-as.tsx';
import type { FullRun } from './room.tsx';

export function RunModels({ run }: { run: FullRun }) {
  return (
    <div className="page-part">
      {run.outputs.map((model) => (
        <Output key={model.id} modelId={model.modelId} team={run.team.slug} />
      ))}
      <RegisteredAs run={run} />
      {run.inputs.models.length > 0 && (
        <section className="panel" aria-label="Read">
          <header className="panel-head">
            <h2>Read</h2>
          </header>
          <ul className="lines">
            {run.inputs.models.map((model) => (
              <li key={model.id}>
                <a href={to('t', run.team.slug, 'logged-models', model.modelId)}>{model.name}</a> <span className="dim mono">{model.modelId}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

function Output({ modelId, team }: { modelId: string; team: string }) {
  const model = useQuery({
    queryKey: ['logged-model', modelId],
    queryFn: async ({ signal }) => (await ask(LoggedModelDocument, { modelId }, signal)).loggedModel,
  });
  return (
    <Loaded of={model} rows={5}>
      {(found) =>
        found && (
          <section className="panel-plain" aria-label={found.name}>
            <h2 className="section-title">
              <a href={to('t', team, 'logged-models', modelId)}>{found.name}</a>
            </h2>
            <LoggedModelBody model={found} />
          </section>
        )
      }
    </Loaded>
  );
}
