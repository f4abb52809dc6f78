// What a model takes and gives, and an example of what it takes.
import clsx from 'clsx';
import type { LoggedModelFullFragment } from '../../api/documents.gen.ts';
import markdownCss from '../../ui/markdown.module.css';
import { Panel } from '../../ui/panel.tsx';
import keyValueTableCss from '../../ui/tables/key-value-table.module.css';
import { Snippet } from '../../ui/tables/values.tsx';
import css from './signature.module.css';

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

/** A field a line, for comparing with another. */
export function signatureText(signature: LoggedModelFullFragment['signature']): string {
  if (!signature) return '';
  const parts = { takes: signature.inputs, gives: signature.outputs, params: signature.params };
  return Object.entries(parts)
    .flatMap(([name, part]) => {
      if (part === null || part === undefined) return [];
      const lines = fieldsOf(part)?.map((field, at) => `${field.name ?? `#${at}`}: ${typeText(field)}${isOptional(field) ? ', optional' : ''}`);
      return (lines ?? [JSON.stringify(part)]).map((line) => `${name} ${line}`);
    })
    .join('\n');
}

const isOptional = ({ required, optional }: Field) => required === false || optional === true;

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
                      <td className="dim">{isOptional(field) ? 'optional' : ''}</td>
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

export function Example({ example }: { example: unknown }) {
  if (example === null || example === undefined) return null;
  const text = JSON.stringify(safely(typeof example === 'string' ? example : JSON.stringify(example)), null, 2);
  return (
    <Panel title="Input example">
      <Snippet code={text.length > EXAMPLE_LENGTH ? `${text.slice(0, EXAMPLE_LENGTH)}\n…` : text} label="the input example" />
    </Panel>
  );
}
