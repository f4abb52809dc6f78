// JSON that opens and closes part by part. Large parts are closed at first, and long ones shown by the hundred.
import '../../styles/code.css';
import clsx from 'clsx';
import { useState } from 'react';
import { plural } from '../../format.ts';
import buttonsCss from '../../ui/buttons.module.css';
import artifactsCss from '../artifacts/artifacts.module.css';
import css from './json-tree.module.css';
import { literalOf } from './loose-json.ts';

const PAGE = 100;
const OPEN_DEPTH = 2;
const OPEN_SIZE = 30;

const size = (value: object) => (Array.isArray(value) ? value.length : Object.keys(value).length);

export function JsonTree({ value }: { value: unknown }) {
  return (
    <div className={clsx(artifactsCss.previewText, css.json)} tabIndex={0} role="group" aria-label="The file as JSON">
      <JsonNode value={value} depth={0} last />
    </div>
  );
}

function JsonNode({ name, value, depth, last }: { name?: string | undefined; value: unknown; depth: number; last: boolean }) {
  const branch = typeof value === 'object' && value !== null;
  const [open, setOpen] = useState(branch && (depth === 0 || (depth < OPEN_DEPTH && size(value) <= OPEN_SIZE)));
  const [shown, setShown] = useState(PAGE);
  const key = name === undefined ? null : <span className="hljs-attr">{JSON.stringify(name)}</span>;
  const comma = last ? '' : ',';
  if (!branch) {
    return (
      <div className={css.jsonLine} style={{ paddingLeft: depth * 16 }}>
        {key}
        {key && ': '}
        <Leaf value={value} />
        {comma}
      </div>
    );
  }
  const list = Array.isArray(value);
  const entries: [string | undefined, unknown][] = list ? value.map((one) => [undefined, one]) : Object.entries(value);
  const [opening, closing] = list ? '[]' : '{}';
  return (
    <div>
      <button
        type="button"
        className={clsx(css.jsonLine, css.jsonFold)}
        style={{ paddingLeft: depth * 16 }}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        {key}
        {key && ': '}
        {opening}
        {!open && (
          <>
            <span className="dim">{entries.length ? ` ${list ? plural(entries.length, 'item') : plural(entries.length, 'key')} ` : ''}</span>
            {closing}
            {comma}
          </>
        )}
      </button>
      {open && (
        <>
          {entries.slice(0, shown).map(([own, one], at) => (
            <JsonNode key={own ?? at} name={own} value={one} depth={depth + 1} last={at === entries.length - 1} />
          ))}
          {entries.length > shown && (
            <button type="button" className={buttonsCss.link} style={{ marginLeft: (depth + 1) * 16 }} onClick={() => setShown(shown + PAGE)}>
              {plural(entries.length - shown, 'more')}
            </button>
          )}
          <div className={css.jsonLine} style={{ paddingLeft: depth * 16 }}>
            {closing}
            {comma}
          </div>
        </>
      )}
    </div>
  );
}

function Leaf({ value }: { value: unknown }) {
  const { text, kind } = literalOf(value);
  return <span className={`hljs-${kind}`}>{text}</span>;
}
