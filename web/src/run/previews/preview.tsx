// Shows a file as what it is: picture, table, Markdown, JSON, text, PDF, sound, film, or HTML in a sandbox. Reads no more than it shows.
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useMemo, useState } from 'react';
import { queryKeys } from '../../api/query-keys.ts';
import { bytes } from '../../format.ts';
import { Empty, ErrorState, Rows } from '../../ui/feedback/states.tsx';
import artifactsCss from '../artifacts/artifacts.module.css';
import { kindOf } from '../artifacts/file-kinds.ts';
import { read } from '../artifacts/read-file.ts';
import type { Beside } from './html-files.ts';
import { TextPreview } from './preview-text.tsx';
import { TEXT_BYTES } from './text-size.ts';

const ParquetTable = lazy(() => import('./preview-parquet.tsx').then((m) => ({ default: m.ParquetTable })));

const HtmlPreview = lazy(() => import('./preview-html.tsx').then((m) => ({ default: m.HtmlPreview })));

const WHOLE_BYTES = 20 * 1024 * 1024;

type Props = { name: string; size: number; url: string; path: string; beside?: Beside };

/** `path`: from the root of the artifacts; `beside`: what lies there by its path, for files that load others. */
export function Preview({ name, size, url, path, beside }: Props) {
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
  if (kind === 'pdf') return size > WHOLE_BYTES ? <TooLarge size={size} /> : <Pdf name={name} url={url} />;
  if (kind === 'html') {
    if (size > WHOLE_BYTES) return <TooLarge size={size} />;
    return (
      <Suspense fallback={<Rows count={8} />}>
        <HtmlPreview {...{ name, path, url, beside }} />
      </Suspense>
    );
  }
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

function Pdf({ name, url }: { name: string; url: string }) {
  const file = useQuery({
    queryKey: queryKeys.file(url, 'whole'),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    queryFn: async ({ signal }) => (await read(url, signal)).blob(),
  });
  const src = useMemo(() => (file.data ? URL.createObjectURL(file.data.slice(0, file.data.size, 'application/pdf')) : null), [file.data]);
  useEffect(() => () => (src ? URL.revokeObjectURL(src) : undefined), [src]);
  if (file.error) return <ErrorState error={file.error} again={() => void file.refetch()} />;
  return src ? <iframe className={artifactsCss.previewFrame} src={src} title={name} /> : <Rows count={8} />;
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
