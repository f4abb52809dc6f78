// The models that a run made, read or registered.
import { useQuery } from '@tanstack/react-query';
import { LoggedModelDocument } from '../api/documents.gen.ts';
import { queryKeys } from '../api/query-keys.ts';
import { ask } from '../api/session.ts';
import { LoggedModelBody } from '../models/logged-model-body.tsx';
import { to } from '../router.ts';
import { Loaded } from '../ui/feedback/states.tsx';
import pageCss from '../ui/page.module.css';
import panelCss from '../ui/panel.module.css';
import { Panel } from '../ui/panel.tsx';
import type { FullRun } from './full-run.ts';
import { RegisteredAs } from './registered-as.tsx';

export function RunModels({ run }: { run: FullRun }) {
  return (
    <div className={pageCss.part}>
      {run.outputs.map((model) => (
        <Output key={model.id} modelId={model.modelId} team={run.team.slug} />
      ))}
      <RegisteredAs run={run} />
      {run.inputs.models.length > 0 && (
        <Panel title="Read">
          <ul className={panelCss.lines}>
            {run.inputs.models.map((model) => (
              <li key={model.id}>
                <a href={to('t', run.team.slug, 'logged-models', model.modelId)}>{model.name}</a> <span className="dim mono">{model.modelId}</span>
              </li>
            ))}
          </ul>
        </Panel>
      )}
    </div>
  );
}

function Output({ modelId, team }: { modelId: string; team: string }) {
  const model = useQuery({
    queryKey: queryKeys.loggedModel(modelId),
    queryFn: async ({ signal }) => (await ask(LoggedModelDocument, { modelId }, signal)).loggedModel,
  });
  return (
    <Loaded of={model} rows={5}>
      {(found) =>
        found && (
          <section className={panelCss.plain} aria-label={found.name}>
            <h2 className={panelCss.sectionTitle}>
              <a href={to('t', team, 'logged-models', modelId)}>{found.name}</a>
            </h2>
            <LoggedModelBody model={found} />
          </section>
        )
      }
    </Loaded>
  );
}
