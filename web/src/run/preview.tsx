// Shows a file as what it is: picture, table, Markdown, JSON, text, PDF, sound, film, or HTML in a sandbox. Reads no more than it shows.
import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { bytes } from '../format.ts';
import { Markdown } from '../parts/markdown.tsx';
import { Empty, ErrorState, Rows } from '../parts/states.tsx';

const TEXT_BYTES = 256 * 1024;
const WHOLE_BYTES = 20 * 1024 * 1024;
const TABLE_ROWS = 200;

const KINDS: [RegExp, Kind][] = [
  [/\.(png|jpe?g|gif|webp|avif|bmp|ico|svg)$/i, 'image'],
  [/\.(csv|tsv)$/i, 'table'],
  [/\.(md|markdown)$/i, 'markdown'],
  [/\.(html?|xhtml)$/i, 'html'],
  [/\.(json|ipynb)$/i, 'json'],
  [/\.pdf$/i, 'pdf'],
  [/\.(mp3|wav|ogg|flac|m4a)$/i, 'audio'],
  [/\.(mp4|webm|mov)$/i, 'video'],
  [/\.(txt|log|ya?ml|toml|ini|cfg|conf|py|r|jl|js|mjs|ts|sh|sql|xml|env|rst|diff|patch|jsonl|ndjson|lock|c|h|cpp|go|rs|java|dockerfile)$/i, 'text'],
  [/(^|\/)(MLmodel|Dockerfile|Makefile|LICENSE|README|conda|requirements)[^/]*$/i, 'text'],
];
type Kind = 'image' | 'table' | 'markdown' | 'html' | 'json' | 'pdf' | 'audio' | 'video' | 'text' | 'unknown';

/** Links name the server as it knows itself; the page reaches it under its own address, whatever stands between. */
export function localUrl(url: string): string {
  const parsed = new URL(url, document.baseURI);
  return parsed.pathname.endsWith('/artifacts/signed') ? new URL(`artifacts/signed${parsed.search}`, document.baseURI).href : parsed.href;
}

export const kindOf = (name: string): Kind => KINDS.find(([pattern]) => pattern.test(name))?.[1] ?? 'unknown';

export function Preview({ name, size, url }: { name: string; size: number; url: string }) {
  const known = kindOf(name);
  // What has no telling name is looked at as text if it is small.
  const kind = known === 'unknown' && size <= TEXT_BYTES ? 'text' : known;
  if (size === 0) return <Empty title="An empty file" />;
  if (['image', 'pdf', 'audio', 'video', 'html'].includes(kind)) {
    if (size > WHOLE_BYTES) return <TooLarge size={size} />;
    return <Whole kind={kind} name={name} url={url} />;
  }
  if (kind === 'unknown') return <Empty title="No preview of this kind of file" />;
  return <Text kind={kind} url={url} size={size} />;
}

const TooLarge = ({ size }: { size: number }) => (
  <Empty title={`${bytes(size)} are too much to show`}>
    <p>Download it to look at it.</p>
  </Empty>
);

async function read(url: string, signal: AbortSignal, most?: number): Promise<Response> {
  const response = await fetch(url, { signal, credentials: 'omit', headers: most ? { range: `bytes=0-${most - 1}` } : {} });
  if (!response.ok) throw new Error(`The file could not be read: the server answered ${response.status}.`);
  return response;
}

function Whole({ kind, name, url }: { kind: Kind; name: string; url: string }) {
  const file = useQuery({
    queryKey: ['file', url.split('?')[0], name, url],
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    queryFn: async ({ signal }) => (await read(url, signal)).blob(),
  });
  const type = kind === 'image' && /\.svg$/i.test(name) ? 'image/svg+xml' : kind === 'pdf' ? 'application/pdf' : undefined;
  const src = useMemo(() => file.data && URL.createObjectURL(type ? file.data.slice(0, file.data.size, type) : file.data), [file.data, type]);
  useEffect(() => () => (src ? URL.revokeObjectURL(src) : undefined), [src]);
  if (file.error) return <ErrorState error={file.error} again={() => void file.refetch()} />;
  if (!src || !file.data) return <Rows count={8} />;
  if (kind === 'image') return <Picture src={src} name={name} />;
  if (kind === 'html') return <Page html={file.data} name={name} />;
  if (kind === 'pdf') return <iframe className="preview-frame" src={src} title={name} />;
  // biome-ignore lint/a11y/useMediaCaption: it is what a run made
  if (kind === 'audio') return <audio controls src={src} />;
  // biome-ignore lint/a11y/useMediaCaption: it is what a run made
  return <video className="preview-video" controls src={src} />;
}

function Picture({ src, name }: { src: string; name: string }) {
  const [size, setSize] = useState('');
  return (
    <figure className="preview-image">
      <img src={src} alt={name} onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) => setSize(`${naturalWidth} × ${naturalHeight}`)} />
      <figcaption className="dim mono">{size}</figcaption>
    </figure>
  );
}

/** In a document of its own with an opaque origin, which the server forbids the network. */
function Page({ html, name }: { html: Blob; name: string }) {
  const frame = useRef<HTMLIFrameElement>(null);
  useEffect(() => {
    const listen = async (event: MessageEvent) => {
      if (event.source === frame.current?.contentWindow && event.data === 'ready') {
        frame.current?.contentWindow?.postMessage({ html: await html.text() }, '*');
      }
    };
    window.addEventListener('message', listen);
    return () => window.removeEventListener('message', listen);
  }, [html]);
  return <iframe className="preview-frame" ref={frame} sandbox="allow-scripts" src="preview.html" title={name} />;
}

function Text({ kind, url, size }: { kind: Kind; url: string; size: number }) {
  const [raw, setRaw] = useState(false);
  const file = useQuery({
    queryKey: ['file', url],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) => {
      const text = await (await read(url, signal, TEXT_BYTES)).text();
      // The last character may have been cut in the middle.
      return size > TEXT_BYTES ? text.slice(0, text.lastIndexOf('\n') + 1 || undefined) : text;
    },
  });
  if (file.error) return <ErrorState error={file.error} again={() => void file.refetch()} />;
  if (file.data === undefined) return <Rows count={10} />;
  const cut = size > TEXT_BYTES;
  const shaped = kind !== 'text' && !raw;
  return (
    <>
      {(kind !== 'text' || cut) && (
        <p className="preview-note dim">
          {cut && `The first ${bytes(TEXT_BYTES)} of ${bytes(size)}. `}
          {kind !== 'text' && (
            <button type="button" className="link" onClick={() => setRaw(!raw)}>
              {raw ? `As ${kind === 'json' ? 'formatted JSON' : kind}` : 'As text'}
            </button>
          )}
        </p>
      )}
      {shaped && kind === 'table' ? (
        <Table text={file.data} separator={url.includes('.tsv') ? '\t' : undefined} />
      ) : shaped && kind === 'markdown' ? (
        <div className="preview-markdown">
          <Markdown text={file.data} />
        </div>
      ) : (
        <pre className="preview-text" tabIndex={0}>
          {shaped && kind === 'json' && !cut ? pretty(file.data) : file.data}
        </pre>
      )}
    </>
  );
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    // Bare NaN, as Python writes it, is no JSON; it is shown as it is.
    return text;
  }
}

/** RFC 4180: quoted cells may hold separators, line breaks and doubled quotes. */
export function parseTable(text: string, separator: string, most: number): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  for (let at = 0; at < text.length && rows.length < most; at += 1) {
    const letter = text[at]!;
    if (quoted) {
      if (letter !== '"') cell += letter;
      else if (text[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else quoted = false;
    } else if (letter === '"' && cell === '') quoted = true;
    else if (letter === separator) {
      row.push(cell);
      cell = '';
    } else if (letter === '\n') {
      rows.push([...row, cell.replace(/\r$/, '')]);
      row = [];
      cell = '';
    } else cell += letter;
  }
  if (rows.length < most && (cell || row.length)) rows.push([...row, cell]);
  return rows;
}

function Table({ text, separator }: { text: string; separator: string | undefined }) {
  const rows = useMemo(() => {
    const head = text.slice(0, text.indexOf('\n') + 1 || undefined);
    const guess = separator ?? [',', ';', '\t'].sort((a, b) => head.split(b).length - head.split(a).length)[0]!;
    return parseTable(text, guess, TABLE_ROWS + 1);
  }, [text, separator]);
  const [head = [], ...body] = rows;
  const numeric = head.map(
    (_, at) => body.length > 0 && body.every((row) => row[at] === undefined || row[at] === '' || !Number.isNaN(Number(row[at]))),
  );
  return (
    <div className="scroll-both" tabIndex={0} role="group" aria-label="The file as a table">
      <table className="data">
        <thead>
          <tr>
            {head.map((cell, at) => (
              <th key={at} scope="col" className={numeric[at] ? 'numeric' : undefined}>
                {cell}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {body.map((row, index) => (
            <tr key={index}>
              {head.map((_, at) => (
                <td key={at} className={numeric[at] ? 'numeric mono' : 'mono'}>
                  {row[at] ?? ''}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {body.length >= TABLE_ROWS && <p className="dim">The first {TABLE_ROWS} rows.</p>}
    </div>
  );
}
