// What a run was given and what it came to; beside it notes, tags, source and data.
import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { DeleteTagsDocument, SetTagsDocument, UpdateRunDocument } from '../api/documents.gen.ts';
import { ask } from '../api/session.ts';
import { full, number } from '../format.ts';
import { useAct } from '../parts/act.ts';
import { Fields } from '../parts/fields.tsx';
import { Icon } from '../parts/icons.tsx';
import { Note } from '../parts/markdown.tsx';
import { Ago, Copyable, Id, Num } from '../parts/values.tsx';
import { to, withQuery } from '../router.ts';
import { useCan } from '../shell/team.ts';
import { Commit } from './commit.tsx';
import { RegisteredAs } from './registered-as.tsx';
import type { FullRun } from './room.tsx';

const paramText = ({ key, value }: FullRun['params'][number]) => `${key}\t${value}`;
type Metric = FullRun['metrics'][number];
const metricText = ({ key, last }: Metric) => `${key}\t${full(last)}`;

export function Overview({ run }: { run: FullRun }) {
  const mayChange = useCan('CONTRIBUTOR');
  const act = useAct();
  const isSystem = ({ key }: Metric) => key.startsWith('system/');
  const own = run.metrics.filter((metric) => !isSystem(metric));
  const system = run.metrics.filter(isSystem);
  return (
    <div className="overview">
      <div className="column">
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
      <div className="column">
        <section className="panel" aria-label="Notes">
          <header className="panel-head">
            <h2>Notes</h2>
          </header>
          <Note
            text={run.notes ?? ''}
            what="Notes"
            placeholder="What was tried, and what came of it?"
            editable={mayChange}
            save={(notes) => act(() => ask(UpdateRunDocument, { runId: run.runId, notes }), { again: [['run', run.runId]] })}
          />
        </section>
        <Tags run={run} />
        <Source run={run} />
        {run.inputs.datasets.length > 0 && (
          <section className="panel" aria-label="Datasets">
            <header className="panel-head">
              <h2>Datasets</h2>
              <span className="dim">{run.inputs.datasets.length}</span>
            </header>
            <ul className="lines">
              {run.inputs.datasets.map(({ dataset, tags }) => (
                <li key={`${dataset.name} ${dataset.digest}`}>
                  <strong>{dataset.name}</strong> <Id id={dataset.digest} />
                  {tags.map(
                    ({ key, value }) =>
                      key === 'mlflow.data.context' && (
                        <span key={key} className="flag">
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
          </section>
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
    <section className="panel" aria-label="Source">
      <header className="panel-head">
        <h2>Source</h2>
      </header>
      <dl className="pairs">
        {rows.map(
          ([name, value]) =>
            value && (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ),
        )}
      </dl>
    </section>
  );
}

function Tags({ run }: { run: FullRun }) {
  const mayChange = useCan('CONTRIBUTOR');
  const act = useAct();
  const [adding, setAdding] = useState(false);
  const [key, setKey] = useState('');
  const [value, setValue] = useState('');
  const again = [
    ['run', run.runId],
    ['runs', run.team.slug],
  ];
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
    <section className="panel" aria-label="Tags">
      <header className="panel-head">
        <h2>Tags</h2>
        <span className="grow" />
        {mayChange && !adding && (
          <Button variant="subtle" size="compact-xs" leftSection={<Icon name="plus" size={12} />} onClick={() => setAdding(true)}>
            Add
          </Button>
        )}
      </header>
      {tags.length > 0 && (
        <ul className="chips">
          {tags.map((tag) => (
            <li key={tag.key} className="chip" title={`${tag.key} = ${tag.value}`}>
              <span className="dim">{tag.key}</span>{' '}
              {mayChange ? (
                <button
                  type="button"
                  className="chip-value"
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
                <span className="chip-value">{tag.value}</span>
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
      {tags.length === 0 && !adding && <p className="panel-empty">None.</p>}
      {adding && (
        <form className="inline-form" onSubmit={(event) => void add(event)}>
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
    </section>
  );
}
