// Files that are text: code in colours, JSON as a tree, Markdown, CSV as a table. Of a long one the beginning or the end, never all.
import { useQuery } from '@tanstack/react-query';
import clsx from 'clsx';
import { lazy, Suspense, useState } from 'react';
import { queryKeys } from '../../api/query-keys.ts';
import { bytes } from '../../format.ts';
import buttonsCss from '../../ui/buttons.module.css';
import { ErrorState, Rows } from '../../ui/feedback/states.tsx';
import { Markdown } from '../../ui/markdown.tsx';
import artifactsCss from '../artifacts/artifacts.module.css';
import type { Kind } from '../artifacts/file-kinds.ts';
import { readRange } from '../artifacts/read-file.ts';
import { JsonTree } from './json-tree.tsx';
import { parseLoosely } from './loose-json.ts';
import { NoText } from './no-text.tsx';
import { TextTable } from './preview-table.tsx';
import { binaryKind, textOf, wholeLines } from './text-of-bytes.ts';
import { TEXT_BYTES } from './text-size.ts';

const Code = lazy(() => import('./highlight.tsx').then((m) => ({ default: m.Code })));

/** Colouring more than this is felt. */
const COLOURED_BYTES = 128 * 1024;

const LANGUAGES: [RegExp, string][] = [
  [/\.(py|pyi)$/i, 'python'],
  [/(\.ya?ml|(^|\/)MLmodel|(^|\/)MLproject)$/i, 'yaml'],
  [/\.(sh|env|bash)$|(^|\/)(Dockerfile|Makefile)/i, 'bash'],
  [/\.(json|jsonl|ndjson|ipynb)$/i, 'json'],
  [/\.(js|mjs|ts|tsx)$/i, 'javascript'],
  [/\.(sql)$/i, 'sql'],
  [/\.(xml|html?|svg)$/i, 'xml'],
  [/\.(toml|ini|cfg|conf|lock)$/i, 'ini'],
  [/\.(r|R)$/, 'r'],
  [/\.(c|h|cpp|hpp|cc|cu)$/i, 'cpp'],
  [/\.(diff|patch)$/i, 'diff'],
];

const languageOf = (name: string) => LANGUAGES.find(([pattern]) => pattern.test(name))?.[1] ?? null;

const SHAPES: Partial<Record<Kind, string>> = { json: 'As a tree', table: 'As a table', markdown: 'Rendered' };

export function TextPreview({ kind, name, url, size }: { kind: Kind; name: string; url: string; size: number }) {
  const [raw, setRaw] = useState(false);
  const [end, setEnd] = useState(false);
  const cut = size > TEXT_BYTES;
  const file = useQuery({
    queryKey: queryKeys.file(url, end ? 'end' : 'beginning'),
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) => {
      const from = cut && end ? size - TEXT_BYTES : 0;
      const part = new Uint8Array(await (await readRange(url, from, Math.min(size, from + TEXT_BYTES), signal)).arrayBuffer());
      const head = from > 0 ? new Uint8Array(await (await readRange(url, 0, 16, signal)).arrayBuffer()) : part;
      const edges = { start: cut && end, end: cut && !end };
      const read = textOf(part, { cut: edges, from, head });
      return read ? { ...read, text: wholeLines(read.text, edges) } : { text: null, kind: binaryKind(head) };
    },
  });
  if (file.error) return <ErrorState error={file.error} again={() => void file.refetch()} />;
  if (file.data === undefined) return <Rows count={10} />;
  if (file.data.text === null) return <NoText kind={file.data.kind} />;
  const { text, encoding } = file.data;
  const json = kind === 'json' && !cut ? parseLoosely(text) : undefined;
  const shape = kind === 'json' && !json ? undefined : SHAPES[kind];
  return (
    <>
      {(shape || cut || encoding) && (
        <p className={clsx(artifactsCss.previewNote, 'dim')}>
          {encoding && `Read as ${encoding}. `}
          {cut && `The ${end ? 'last' : 'first'} ${bytes(TEXT_BYTES)} of ${bytes(size)}. `}
          {cut && (
            <button type="button" className={buttonsCss.link} onClick={() => setEnd(!end)}>
              {end ? 'Show the beginning' : 'Show the end'}
            </button>
          )}
          {cut && shape && ' · '}
          {shape && (
            <button type="button" className={buttonsCss.link} onClick={() => setRaw(!raw)}>
              {raw ? shape : 'As text'}
            </button>
          )}
        </p>
      )}
      {!raw && kind === 'table' ? (
        <TextTable text={text} separator={/\.tsv$/i.test(name) ? '\t' : undefined} header={!end} />
      ) : !raw && kind === 'markdown' ? (
        <div className={artifactsCss.previewMarkdown}>
          <Markdown text={text} />
        </div>
      ) : !raw && json ? (
        <JsonTree value={json.value} />
      ) : (
        <Lines text={text} language={text.length <= COLOURED_BYTES ? languageOf(name) : null} />
      )}
    </>
  );
}

function Lines({ text, language }: { text: string; language: string | null }) {
  return (
    <pre className={artifactsCss.previewText} tabIndex={0}>
      {language ? (
        <Suspense fallback={text}>
          <Code text={text} language={language} />
        </Suspense>
      ) : (
        text
      )}
    </pre>
  );
}
