// Shows a file as what it is: picture, table, Markdown, JSON, text, PDF, sound, film, or HTML in a sandbox. Reads no more than it shows.
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from 'react';
import { keys } from '../api/keys.ts';
import { bytes } from '../format.ts';
import { Empty, ErrorState, Rows } from '../ui/states.tsx';
import artifactsCss from './artifacts.module.css';
import { kindOf } from './file-kinds.ts';
import { TextPreview } from './preview-text.tsx';
import { read } from './read-file.ts';
import { TEXT_BYTES } from './text-size.ts';

const ParquetTable = lazy(() => import('./preview-parquet.tsx').then((m) => ({ default: m.ParquetTable })));

const WHOLE_BYTES = 20 * 1024 * 1024;

export function Preview({ name, size, url }: { name: string; size: number; url: string }) {
  const known = kindOf(name);
  // What has no telling name is looked at as text if it is small.
  const kind = known === 'unknown' && size <= TEXT_BYTES ? 'text' : known;
  if (size === 0) return <Empty title="An empty file" />;
  if (kind === 'image') return size > WHOLE_BYTES ? <TooLarge size={size} /> : <Picture src={url} name={name} />;
  // The browser reads as much of these as it plays.
  // biome-ignore lint/a11y/useMediaCaption: it is what a run made
  if (kind === 'audio') return <audio controls preload="metadata" src={url} aria-label={name} />;
  // biome-ignore lint/a11y/useMediaCaption: it is what a run made
  if (kind === 'video') return <video className={artifactsCss.previewVideo} controls preload="metadata" src={url} aria-label={name} />;
  if (kind === 'pdf' || kind === 'html') return size > WHOLE_BYTES ? <TooLarge size={size} /> : <Whole kind={kind} name={name} url={url} />;
  if (kind === 'parquet')
    return (
      <Suspense fallback={<Rows count={10} />}>
        <ParquetTable url={url} size={size} />
      </Suspense>
    );
  if (kind === 'unknown')
    return (
      <Empty title="No preview of this kind of file">
        <p>Download it to look at it.</p>
      </Empty>
    );
  return <TextPreview kind={kind} name={name} url={url} size={size} />;
}

const TooLarge = ({ size }: { size: number }) => (
  <Empty title={`${bytes(size)} are too much to show`}>
    <p>Download it to look at it.</p>
  </Empty>
);

function Whole({ kind, name, url }: { kind: 'pdf' | 'html'; name: string; url: string }) {
  const file = useQuery({
    queryKey: keys.file(url, 'whole'),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    queryFn: async ({ signal }) => (await read(url, signal)).blob(),
  });
  const src = useMemo(
    () => (file.data && kind === 'pdf' ? URL.createObjectURL(file.data.slice(0, file.data.size, 'application/pdf')) : null),
    [file.data, kind],
  );
  useEffect(() => () => (src ? URL.revokeObjectURL(src) : undefined), [src]);
  if (file.error) return <ErrorState error={file.error} again={() => void file.refetch()} />;
  if (!file.data) return <Rows count={8} />;
  return src ? <iframe className={artifactsCss.previewFrame} src={src} title={name} /> : <Page html={file.data} name={name} />;
}

function Picture({ src, name }: { src: string; name: string }) {
  const [size, setSize] = useState('');
  const [broken, setBroken] = useState(false);
  if (broken) return <ErrorState error={new Error('This is no picture that the browser can show, or the link to it has expired.')} />;
  return (
    <figure className={artifactsCss.previewImage}>
      <img
        src={src}
        alt={name}
        onError={() => setBroken(true)}
        onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) => setSize(`${naturalWidth} × ${naturalHeight}`)}
      />
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
  return <iframe className={artifactsCss.previewFrame} ref={frame} sandbox="allow-scripts" src="preview.html" title={name} />;
}
