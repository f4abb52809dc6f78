// What a run was given and what it came to; beside it notes, tags, source and data.

import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { DeleteTagsDocument, SetTagsDocument, UpdateRunDocument } from '../api/documents.gen.ts';
import { keys as queryKeys } from '../api/keys.ts';
import { ask } from '../api/session.ts';
import { full, number } from '../format.ts';
import { to, withQuery } from '../router.ts';
import { useCan } from '../shell/team.ts';
import { useAct } from '../ui/act.ts';
import chipsCss from '../ui/chips.module.css';
import flagCss from '../ui/flag.module.css';
import formCss from '../ui/form.module.css';
import { Icon } from '../ui/icons.tsx';
import { Fields } from '../ui/key-value-table.tsx';
import { Note } from '../ui/markdown.tsx';
import pageCss from '../ui/page.module.css';
import { Pair, Pairs } from '../ui/pairs.tsx';
import panelCss from '../ui/panel.module.css';
import { Panel, PanelEmpty } from '../ui/panel.tsx';
import { Ago, Copyable, Id, Num } from '../ui/values.tsx';
import { Commit } from './commit.tsx';
import { RegisteredAs } from './registered-as.tsx';
import type { FullRun } from './room.tsx';

const paramText = ({ key, value }: FullRun['params'][number]) => `${key}\t${value}`;
type Metric = FullRun['metrics'][number];
const metricText = ({ key, last }: Metric) => `${key}\t${full(last)}`;

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
        {run.inputs.datasets.length > 0 && (
          <Panel title="Datasets" note={run.inputs.datasets.length}>
            <ul className={panelCss.lines}>
              {run.inputs.datasets.map(({ dataset, tags }) => (
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
        )}
        <RegisteredAs run={run} />
      </div>
    </div>
  );
}

function Metrics({ run, title, rows }: { run: FullRun; title: string; rows: Metric[] }) {
  const chart = (key: string) =>
    withQuery(to('t', run.team.slug, 'runs', run.runId, 'charts'), { metrics: `^${key.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}$` });
  return (
    <Fields
      title={title}
      rows={rows}
      text={metricText}
      empty={run.status === 'RUNNING' ? 'None yet. They appear as the run logs them.' : 'The run logged no metrics.'}
      columns={[
        { name: 'Metric', show: ({ key }) => <a href={chart(key)}>{key}</a>, sort: ({ key }) => key },
        { name: 'Last', numeric: true, show: ({ last }) => <Num value={last} />, sort: ({ last }) => number(last) },
        { name: 'Min', numeric: true, show: ({ min }) => <Num value={min} />, sort: ({ min }) => number(min) },
        { name: 'Max', numeric: true, show: ({ max }) => <Num value={max} />, sort: ({ max }) => number(max) },
        {
          name: 'Step',
          numeric: true,
          show: ({ lastStep }) => <span className="mono">{full(lastStep)}</span>,
          sort: ({ lastStep }) => number(lastStep),
        },
        { name: 'Points', numeric: true, show: ({ count }) => <span className="mono">{full(count)}</span>, sort: ({ count }) => number(count) },
      ]}
    />
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

function Source({ run }: { run: FullRun }) {
  const { source } = run;
  const rows: [string, React.ReactNode][] = [
    ['File', source.name && <Copyable text={source.name} />],
    ['Kind', source.type?.toLowerCase()],
    ['Commit', source.gitCommit && <Commit key="commit" source={source} />],
    ['Branch', source.gitBranch],
    ['Entry point', source.entryPoint],
    ['Logged by', run.createdBy && `${run.createdBy.name} (${run.createdBy.email})`],
    ['Ended', run.endedAt && <Ago key="ended" when={run.endedAt} />],
    ['Artifacts', <Copyable key="uri" text={run.artifactUri} />],
  ];
  return (
    <Panel title="Source">
      <Pairs>
        {rows.map(
          ([name, value]) =>
            value && (
              <Pair key={name} name={name}>
                {value}
              </Pair>
            ),
        )}
      </Pairs>
    </Panel>
  );
}

function Tags({ run }: { run: FullRun }) {
  const mayChange = useCan('run:write');
  const act = useAct();
  const [adding, setAdding] = useState(false);
  const [key, setKey] = useState('');
  const [value, setValue] = useState('');
  const again = [queryKeys.run(run.runId), queryKeys.runs(run.team.slug)];
  const tags = run.tags.filter((tag) => !tag.key.startsWith('mlflow.'));
  const add = async (event: FormEvent) => {
    event.preventDefault();
    if (!key.trim()) return;
    if (await act(() => ask(SetTagsDocument, { runId: run.runId, tags: [{ key: key.trim(), value }] }), { again })) {
      setKey('');
      setValue('');
      setAdding(false);
    }
  };
  const remove = (tag: { key: string; value: string }) =>
    void act(() => ask(DeleteTagsDocument, { runId: run.runId, keys: [tag.key] }), {
      done: `Removed ${tag.key}`,
      undo: () => ask(SetTagsDocument, { runId: run.runId, tags: [{ key: tag.key, value: tag.value }] }),
      again,
    });
  return (
    <Panel
      title="Tags"
      actions={
        mayChange &&
        !adding && (
          <Button variant="subtle" size="compact-xs" leftSection={<Icon name="plus" size={12} />} onClick={() => setAdding(true)}>
            Add
          </Button>
        )
      }
    >
      {tags.length > 0 && (
        <ul className={chipsCss.chips}>
          {tags.map((tag) => (
            <li key={tag.key} className={chipsCss.chip} title={`${tag.key} = ${tag.value}`}>
              <span className="dim">{tag.key}</span>{' '}
              {mayChange ? (
                <button
                  type="button"
                  className={chipsCss.value}
                  aria-label={`Change tag ${tag.key}: ${tag.value || '–'}`}
                  onClick={() => {
                    setKey(tag.key);
                    setValue(tag.value);
                    setAdding(true);
                  }}
                >
                  {tag.value || '–'}
                </button>
              ) : (
                <span className={chipsCss.value}>{tag.value}</span>
              )}
              {mayChange && (
                <button type="button" aria-label={`Remove tag ${tag.key}`} onClick={() => remove(tag)}>
                  <Icon name="close" size={10} />
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      {tags.length === 0 && !adding && <PanelEmpty>None.</PanelEmpty>}
      {adding && (
        <form className={formCss.inlineForm} onSubmit={(event) => void add(event)}>
          <TextInput
            aria-label="Tag key"
            placeholder="Key"
            autoFocus={key === ''}
            value={key}
            onChange={(event) => setKey(event.currentTarget.value)}
          />
          <TextInput
            aria-label="Tag value"
            placeholder="Value"
            autoFocus={key !== ''}
            value={value}
            onChange={(event) => setValue(event.currentTarget.value)}
          />
          <Button type="submit">Set</Button>
          <Button
            variant="default"
            onClick={() => {
              setAdding(false);
              setKey('');
              setValue('');
            }}
          >
            Cancel
          </Button>
        </form>
      )}
    </Panel>
  );
}
