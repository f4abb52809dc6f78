// Reads a file of a run, or a part of it, by its signed link.
import { textOf } from '../previews/text-of-bytes.ts';
import { TEXT_BYTES } from '../previews/text-size.ts';

/** Links name the server as it knows itself; the page reaches it under its own address, whatever stands between. */
export function localUrl(url: string): string {
  const parsed = new URL(url, document.baseURI);
  const own = /\/(artifacts\/(?:signed|archive))$/.exec(parsed.pathname)?.[1];
  return own ? new URL(`${own}${parsed.search}`, document.baseURI).href : parsed.href;
}

export async function read(url: string, signal: AbortSignal, headers: Record<string, string> = {}): Promise<Response> {
  const response = await fetch(url, { signal, credentials: 'omit', headers });
  if (response.ok) return response;
  const why = response.status === 403 ? 'the link to it has expired. Reload the page.' : `the server answered ${response.status}.`;
  throw new Error(`The file could not be read: ${why}`);
}

/** The bytes from `start` up to `end`, not included. */
export const readRange = (url: string, start: number, end: number, signal: AbortSignal): Promise<Response> =>
  read(url, signal, { range: `bytes=${start}-${end - 1}` });

/** The beginning of a text file; null for what is no text. */
export async function readText(url: string, signal: AbortSignal): Promise<string | null> {
  const bytes = new Uint8Array(await (await readRange(url, 0, TEXT_BYTES, signal)).arrayBuffer());
  return textOf(bytes, { cut: { start: false, end: bytes.length >= TEXT_BYTES } })?.text ?? null;
}
