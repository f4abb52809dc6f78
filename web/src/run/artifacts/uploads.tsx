// Files sent to a run from the page: chosen or dropped, with how far they are, and a way to stop them.
import { Button, FileButton } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type DragEvent, useRef, useState } from 'react';
import { CreateArtifactUploadDocument } from '../../api/documents.gen.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { ask } from '../../api/session.ts';
import { bytes, plural } from '../../format.ts';
import buttonsCss from '../../ui/buttons.module.css';
import { sayFault } from '../../ui/feedback/act.ts';
import { toast } from '../../ui/feedback/toasts.ts';
import { Icon } from '../../ui/icons.tsx';
import artifactsCss from './artifacts.module.css';
import { localUrl } from './read-file.ts';

type Work = { name: string; sent: number; total: number };

/** fetch can't tell how much has been sent. */
function put(
  url: string,
  headers: { name: string; value: string }[],
  file: File,
  signal: AbortSignal,
  report: (sent: number) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('PUT', url);
    for (const { name, value } of headers) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => report(event.loaded);
    request.onload = () =>
      request.status < 300 ? resolve() : reject(new Error(`${file.name} was not stored: the server answered ${request.status}.`));
    request.onerror = () => reject(new Error(`${file.name} was not stored: the connection broke off.`));
    request.onabort = () => reject(new DOMException('stopped', 'AbortError'));
    signal.addEventListener('abort', () => request.abort());
    request.send(file);
  });
}

export function useUploads(runId: string) {
  const queries = useQueryClient();
  const [work, setWork] = useState<Work | null>(null);
  const [dragging, setDragging] = useState(false);
  const stop = useRef<AbortController | null>(null);
  const send = async (files: File[], into: string) => {
    if (files.length === 0 || stop.current) return;
    const controller = new AbortController();
    stop.current = controller;
    const total = files.reduce((sum, { size }) => sum + size, 0);
    let before = 0;
    try {
      for (const file of files) {
        const path = into ? `${into}/${file.name}` : file.name;
        setWork({ name: file.name, sent: before, total });
        // Without a size it goes in one piece through the server, which a browser may reach where it mayn't the store.
        const { createArtifactUpload: upload } = await ask(CreateArtifactUploadDocument, { runId, path });
        await put(localUrl(upload.url), upload.headers, file, controller.signal, (sent) => setWork({ name: file.name, sent: before + sent, total }));
        before += file.size;
      }
      toast(`Uploaded ${plural(files.length, 'file')}, ${bytes(total)}`);
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') toast('Stopped. What was sent whole is kept.');
      else sayFault(error);
    } finally {
      stop.current = null;
      setWork(null);
      await queries.invalidateQueries({ queryKey: queryKeys.artifacts(runId) });
    }
  };
  const target = (into: string) => ({
    onDragOver: (event: DragEvent) => {
      if (!event.dataTransfer.types.includes('Files')) return;
      event.preventDefault();
      setDragging(true);
    },
    onDragLeave: () => setDragging(false),
    onDrop: (event: DragEvent) => {
      event.preventDefault();
      setDragging(false);
      void send([...event.dataTransfer.files], into);
    },
  });
  return { work, dragging, send, target, cancel: () => stop.current?.abort() };
}

export function Uploads({ uploads, into }: { uploads: ReturnType<typeof useUploads>; into: string }) {
  const { work, send, cancel } = uploads;
  if (work) {
    const part = work.total > 0 ? (work.sent / work.total) * 100 : 100;
    return (
      <div className={artifactsCss.upload} role="status">
        <span className={artifactsCss.treeName}>{work.name}</span>
        <span className="mono dim">
          {bytes(work.sent)} of {bytes(work.total)}
        </span>
        <button type="button" className={buttonsCss.quiet} aria-label="Stop the upload" onClick={cancel}>
          <Icon name="close" size={12} />
        </button>
        <progress value={part} max={100} aria-label="Uploaded" />
      </div>
    );
  }
  return (
    <FileButton multiple onChange={(files) => void send(files, into)}>
      {(props) => (
        <Button
          {...props}
          variant="default"
          size="compact-xs"
          title={into ? `Into ${into}; files can be dropped here too` : 'Files can be dropped here too'}
        >
          Upload
        </Button>
      )}
    </FileButton>
  );
}
