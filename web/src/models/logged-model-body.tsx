// What is known of a logged model: flavors, signature, environment, and how to use it.
import clsx from 'clsx';
import type { LoggedModelFullFragment } from '../api/documents.gen.ts';
import { bytes } from '../format.ts';
import { to } from '../router.ts';
import { useTeam } from '../shell/team.ts';
import flagCss from '../ui/flag.module.css';
import pageCss from '../ui/page.module.css';
import { Panel } from '../ui/panel.tsx';
import { Pair, Pairs } from '../ui/tables/pairs.tsx';
import { Copyable, Num } from '../ui/tables/values.tsx';
import { Environment } from './facts/environment.tsx';
import { Example, Signature } from './facts/signature.tsx';
import { Snippets } from './facts/snippets.tsx';

export function LoggedModelBody({ model }: { model: LoggedModelFullFragment }) {
  const team = useTeam();
  return (
    <div className={pageCss.overview}>
      <div className={pageCss.column}>
        <Snippets snippets={model.snippets} />
        <Signature signature={model.signature} />
        <Example example={model.inputExample} />
        <Environment environment={model.environment} />
      </div>
      <div className={pageCss.column}>
        <Panel title="About">
          <Pairs>
            <Pair name="Id">
              <Copyable text={model.modelId} />
            </Pair>
            <Pair name="Status">{model.status.toLowerCase()}</Pair>
            {model.type && <Pair name="Kind">{model.type}</Pair>}
            {model.flavors.length > 0 && <Pair name="Flavors">{model.flavors.map(({ name }) => name).join(', ')}</Pair>}
            {model.sizeBytes !== null && <Pair name="Size">{bytes(model.sizeBytes)}</Pair>}
            {model.sourceRun && (
              <Pair name="Run">
                <a href={to('t', team.slug, 'runs', model.sourceRun.runId)}>{model.sourceRun.name}</a>
              </Pair>
            )}
            {model.versions.map((one) => (
              <Pair key={one.id} name="Version">
                <a href={to('t', team.slug, 'models', one.name, 'versions', one.version)}>
                  {one.name} <span className="mono">v{one.version}</span>
                </a>
                {one.aliases.map((alias) => (
                  <span key={alias} className={clsx(flagCss.flag, flagCss.accent)}>
                    @{alias}
                  </span>
                ))}
              </Pair>
            ))}
          </Pairs>
        </Panel>
        {model.metrics.length > 0 && (
          <Panel title="Metrics">
            <Pairs>
              {model.metrics.map((metric, at) => (
                <Pair key={at} name={metric.datasetName ? `${metric.key} on ${metric.datasetName}` : metric.key}>
                  <Num value={metric.value} />
                </Pair>
              ))}
            </Pairs>
          </Panel>
        )}
        {model.params.length > 0 && (
          <Panel title="Params">
            <Pairs>
              {model.params.map(({ key, value }) => (
                <Pair key={key} name={key}>
                  <Copyable text={value} />
                </Pair>
              ))}
            </Pairs>
          </Panel>
        )}
      </div>
    </div>
  );
}
