// What is known of a logged model: flavors, signature, environment, and how to use it.

import { SegmentedControl } from '@mantine/core';
import clsx from 'clsx';
import { useState } from 'react';
import type { LoggedModelFullFragment } from '../api/documents.gen.ts';
import { bytes } from '../format.ts';
import { to } from '../router.ts';
import { useTeam } from '../shell/team.ts';
import flagCss from '../ui/flag.module.css';
import keyValueTableCss from '../ui/key-value-table.module.css';
import markdownCss from '../ui/markdown.module.css';
import pageCss from '../ui/page.module.css';
import { Pair, Pairs } from '../ui/pairs.tsx';
import { Panel } from '../ui/panel.tsx';
import { Copyable, Num, Snippet } from '../ui/values.tsx';
import css from './logged-model-body.module.css';

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

const PURPOSES: Record<string, string> = { LOAD: 'Load', PREDICT: 'Predict', SERVE: 'Serve', SPARK: 'Spark' };

/** Two ways to load are told apart by the library they give back. */
function purposeOf({ purpose, code }: LoggedModelFullFragment['snippets'][number]): string {
  const library = /mlflow\.(\w+)\.load_model/.exec(code)?.[1];
  return purpose === 'LOAD' && library && library !== 'pyfunc' ? `Load (${library})` : (PURPOSES[purpose] ?? purpose);
}

export function Snippets({ snippets }: { snippets: LoggedModelFullFragment['snippets'] }) {
  const [at, setAt] = useState(0);
  const shown = snippets[at] ?? snippets[0];
  if (!shown) return null;
  return (
    <Panel
      title="Use it"
      actions={
        <SegmentedControl
          aria-label="What for"
          value={String(at)}
          onChange={(next) => setAt(Number(next))}
          data={snippets.map((snippet, index) => ({ value: String(index), label: purposeOf(snippet) }))}
        />
      }
    >
      <Snippet code={shown.code} label={`the code to ${PURPOSES[shown.purpose]?.toLowerCase() ?? 'use'} it`} />
    </Panel>
  );
}

type Field = { name?: string; type?: unknown; required?: boolean; optional?: boolean; 'tensor-spec'?: { dtype: string; shape: number[] } };

function fieldsOf(part: unknown): Field[] | null {
  const read = typeof part === 'string' ? safely(part) : part;
  return Array.isArray(read) ? (read as Field[]) : null;
}

function safely(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const typeText = (field: Field): string => {
  const tensor = field['tensor-spec'];
  if (tensor) return `${tensor.dtype} ${JSON.stringify(tensor.shape)}`;
  return typeof field.type === 'string' ? field.type : JSON.stringify(field.type);
};

export function Signature({ signature }: { signature: LoggedModelFullFragment['signature'] }) {
  if (!signature) return null;
  const parts = [
    ['Takes', signature.inputs],
    ['Gives', signature.outputs],
    ['Params', signature.params],
  ] as const;
  return (
    <Panel title="Signature">
      {parts.map(([name, part]) => {
        const fields = fieldsOf(part);
        if (part === null || part === undefined) return null;
        return (
          <div key={name} className={css.signature}>
            <h3>{name}</h3>
            {fields ? (
              <table className={keyValueTableCss.fields}>
                <tbody>
                  {fields.map((field, at) => (
                    <tr key={at}>
                      <td>{field.name ?? `#${at}`}</td>
                      <td className="mono">{typeText(field)}</td>
                      <td className="dim">{field.required === false || field.optional ? 'optional' : ''}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            ) : (
              <pre className={clsx(markdownCss.plain, 'mono')}>{JSON.stringify(part, null, 2)}</pre>
            )}
          </div>
        );
      })}
    </Panel>
  );
}

/** Enough to see its shape; the whole is among the artifacts. */
const EXAMPLE_LENGTH = 4_000;

function Example({ example }: { example: unknown }) {
  if (example === null || example === undefined) return null;
  const text = JSON.stringify(safely(typeof example === 'string' ? example : JSON.stringify(example)), null, 2);
  return (
    <Panel title="Input example">
      <Snippet code={text.length > EXAMPLE_LENGTH ? `${text.slice(0, EXAMPLE_LENGTH)}\n…` : text} label="the input example" />
    </Panel>
  );
}

export function Environment({ environment }: { environment: LoggedModelFullFragment['environment'] }) {
  const files = (
    [
      ['requirements.txt', environment.requirements],
      ['conda.yaml', environment.conda],
      ['python_env.yaml', environment.python],
    ] as const
  ).filter((file): file is readonly [(typeof file)[0], string] => Boolean(file[1]));
  const [at, setAt] = useState('0');
  const shown = files[Number(at)] ?? files[0];
  if (!shown) return null;
  return (
    <Panel
      title="Environment"
      actions={
        <SegmentedControl
          aria-label="File"
          value={at}
          onChange={setAt}
          data={files.map(([name], index) => ({ value: String(index), label: name }))}
        />
      }
    >
      <Snippet code={shown[1].trimEnd()} label={shown[0]} />
    </Panel>
  );
}
