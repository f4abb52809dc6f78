// An HTML artifact in a document of its own with an opaque origin, which the server forbids the network. What it needs is handed to it.
import { useQuery } from '@tanstack/react-query';
import clsx from 'clsx';
import { useEffect, useRef, useState } from 'react';
import { queryKeys } from '../../api/query-keys.ts';
import { plural } from '../../format.ts';
import { ErrorState, Rows } from '../../ui/feedback/states.tsx';
import artifactsCss from '../artifacts/artifacts.module.css';
import { read } from '../artifacts/read-file.ts';
import { type Beside, type WholePage, wholePage } from './html-files.ts';

type Props = { name: string; path: string; url: string; beside: Beside | undefined };

export function HtmlPreview({ name, path, url, beside }: Props) {
  const page = useQuery({
    queryKey: queryKeys.file(url, 'whole'),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    queryFn: async ({ signal }) => wholePage(await (await read(url, signal)).blob(), path, beside, signal),
  });
  if (page.error) return <ErrorState error={page.error} again={() => void page.refetch()} />;
  if (!page.data) return <Rows count={8} />;
  return <Frame page={page.data} name={name} url={url} />;
}

const list = (names: string[]) => (names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', '));

function Frame({ page, name, url }: { page: WholePage; name: string; url: string }) {
  const frame = useRef<HTMLIFrameElement>(null);
  const [blocked, setBlocked] = useState<string[]>([]);
  useEffect(() => {
    const listen = (event: MessageEvent<unknown>) => {
      const target = frame.current?.contentWindow;
      if (!target || event.source !== target) return;
      if (event.data === 'ready') target.postMessage({ html: page.html, files: page.files }, '*');
      const tried = (event.data as { blocked?: unknown } | null)?.blocked;
      if (typeof tried !== 'string' || !URL.canParse(tried)) return;
      const { protocol, host } = new URL(tried);
      // Of this server: a neighbour, which is told of by its path.
      if (protocol.startsWith('http') && host !== window.location.host)
        setBlocked((before) => (before.includes(host) ? before : [...before, host].slice(0, 20)));
    };
    window.addEventListener('message', listen);
    return () => window.removeEventListener('message', listen);
  }, [page]);
  const hosts = [...new Set([...page.elsewhere, ...blocked])];
  return (
    <>
      {page.libraries.length > 0 && <p className={clsx(artifactsCss.previewNote, 'dim')}>Drawn with {page.libraries.join(', ')} of this server.</p>}
      {hosts.length > 0 && (
        <p className={artifactsCss.previewNote} role="status">
          Parts of it are left out: it loads from {list(hosts)}, and previews reach no other server.{' '}
          <a href={url} download={name}>
            Download it
          </a>{' '}
          to see it whole.
        </p>
      )}
      {page.missing.length > 0 && (
        <p className={artifactsCss.previewNote} role="status">
          {plural(page.missing.length, 'file')} that it asks for {page.missing.length === 1 ? 'is' : 'are'} not beside it: {list(page.missing)}.
        </p>
      )}
      <iframe className={artifactsCss.previewFrame} ref={frame} sandbox="allow-scripts" src="preview.html" title={name} />
    </>
  );
}
