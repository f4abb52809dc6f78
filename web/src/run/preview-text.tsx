// Files that are text: code in colours, JSON as a tree, Markdown, CSV as a table. Of a long one the beginning or the end, never all.
import { useQuery } from '@tanstack/react-query';
import clsx from 'clsx';
import { lazy, Suspense, useState } from 'react';
import { keys } from '../api/keys.ts';
import { bytes } from '../format.ts';
import buttonsCss from '../ui/buttons.module.css';
import { Markdown } from '../ui/markdown.tsx';
import { ErrorState, Rows } from '../ui/states.tsx';
import artifactsCss from './artifacts.module.css';
import type { Kind } from './file-kinds.ts';
import { JsonTree, parseLoosely } from './json-tree.tsx';
import { TextTable } from './preview-table.tsx';
import { readRange } from './read-file.ts';
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
    queryKey: keys.file(url, end ? 'end' : 'beginning'),
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) => {
      const from = cut && end ? size - TEXT_BYTES : 0;
      const text = await (await readRange(url, from, Math.min(size, from + TEXT_BYTES), signal)).text();
      // The line at the cut, and the last character in it, may be broken.
      if (!cut) return text;
      return end ? text.slice(text.indexOf('\n') + 1) : text.slice(0, text.lastIndexOf('\n') + 1 || undefined);
    },
  });
  if (file.error) return <ErrorState error={file.error} again={() => void file.refetch()} />;
  if (file.data === undefined) return <Rows count={10} />;
  const json = kind === 'json' && !cut ? parseLoosely(file.data) : undefined;
  const shape = kind === 'json' && !json ? undefined : SHAPES[kind];
  return (
    <>
      {(shape || cut) && (
        <p className={clsx(artifactsCss.previewNote, 'dim')}>
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
        <TextTable text={file.data} separator={/\.tsv$/i.test(name) ? '\t' : undefined} />
      ) : !raw && kind === 'markdown' ? (
        <div className={artifactsCss.previewMarkdown}>
          <Markdown text={file.data} />
        </div>
      ) : !raw && json ? (
        <JsonTree value={json.value} />
      ) : (
        <Lines text={file.data} language={file.data.length <= COLOURED_BYTES ? languageOf(name) : null} />
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
