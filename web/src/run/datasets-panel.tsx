// The data that a run was given: where it came from, what for, and how many rows.
import flagCss from '../ui/flag.module.css';
import panelCss from '../ui/panel.module.css';
import { Panel } from '../ui/panel.tsx';
import { Copyable, Id } from '../ui/tables/values.tsx';
import type { FullRun } from './full-run.ts';

export function DatasetsPanel({ datasets }: { datasets: FullRun['inputs']['datasets'] }) {
  return (
    <Panel title="Datasets" note={datasets.length}>
      <ul className={panelCss.lines}>
        {datasets.map(({ dataset, tags }) => (
          <li key={`${dataset.name} ${dataset.digest}`}>
            <strong>{dataset.name}</strong> <Id id={dataset.digest} />
            {tags.map(
              ({ key, value }) =>
                key === 'mlflow.data.context' && (
                  <span key={key} className={flagCss.flag}>
                    {value}
                  </span>
                ),
            )}
            <div className="dim small">
              {uriOf(dataset.source) ? <Copyable text={uriOf(dataset.source)!} /> : dataset.sourceType} {sizeOf(dataset.profile)}
            </div>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function sizeOf(profile: string | null): string {
  try {
    const { num_rows: rows } = JSON.parse(profile ?? '{}') as { num_rows?: number };
    return rows === undefined ? '' : `· ${rows.toLocaleString('en-US')} rows`;
  } catch {
    return '';
  }
}

/** Where a dataset came from, of the kinds of source that MLflow has. */
function uriOf(source: string): string | null {
  try {
    const { uri, url, path } = JSON.parse(source) as Record<string, unknown>;
    const found = uri ?? url ?? path;
    return typeof found === 'string' ? found : null;
  } catch {
    return null;
  }
}
