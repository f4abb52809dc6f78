// What a run was given and what it came to; beside it notes, tags, source and data.
import { UpdateRunDocument } from '../api/documents.gen.ts';
import { queryKeys } from '../api/query-keys.ts';
import { ask } from '../api/session.ts';
import { useCan } from '../shell/team.ts';
import { useAct } from '../ui/feedback/act.ts';
import { Note } from '../ui/markdown.tsx';
import pageCss from '../ui/page.module.css';
import { Panel } from '../ui/panel.tsx';
import { Fields } from '../ui/tables/key-value-table.tsx';
import { Copyable } from '../ui/tables/values.tsx';
import { DatasetsPanel } from './datasets-panel.tsx';
import type { FullRun } from './full-run.ts';
import { type Metric, Metrics } from './metric-table.tsx';
import { RegisteredAs } from './registered-as.tsx';
import { Source } from './source-panel.tsx';
import { Tags } from './tags-panel.tsx';

const paramText = ({ key, value }: FullRun['params'][number]) => `${key}\t${value}`;

export function Overview({ run }: { run: FullRun }) {
  const mayChange = useCan('run:write');
  const act = useAct();
  const isSystem = ({ key }: Metric) => key.startsWith('system/');
  const own = run.metrics.filter((metric) => !isSystem(metric));
  const system = run.metrics.filter(isSystem);
  return (
    <div className={pageCss.overview}>
      <div className={pageCss.column}>
        <Metrics run={run} title="Metrics" rows={own} />
        <Fields
          title="Params"
          rows={run.params}
          text={paramText}
          empty="The run logged no params."
          columns={[
            { name: 'Param', show: ({ key }) => key, sort: ({ key }) => key },
            { name: 'Value', show: ({ value }) => <Copyable text={value} />, sort: ({ value }) => value },
          ]}
        />
        {system.length > 0 && <Metrics run={run} title="System metrics" rows={system} />}
      </div>
      <div className={pageCss.column}>
        <Panel title="Notes">
          <Note
            text={run.notes ?? ''}
            what="Notes"
            placeholder="What was tried, and what came of it?"
            editable={mayChange}
            save={(notes) => act(() => ask(UpdateRunDocument, { runId: run.runId, notes }), { again: [queryKeys.run(run.runId)] })}
          />
        </Panel>
        <Tags run={run} />
        <Source run={run} />
        {run.inputs.datasets.length > 0 && <DatasetsPanel datasets={run.inputs.datasets} />}
        <RegisteredAs run={run} />
      </div>
    </div>
  );
}
