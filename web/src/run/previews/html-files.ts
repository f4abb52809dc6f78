// An HTML artifact made whole: what it loads is put beside it, from the folder that it lies in or from this server, since its frame reaches nothing.

import { read } from '../artifacts/read-file.ts';
import { type Library, libraryOf, linkOf } from './html-links.ts';
import { textOf } from './text-of-bytes.ts';

/** A file beside it, by its path; null where there is none. */
export type Beside = (path: string, signal: AbortSignal) => Promise<{ url: string; size: number } | null>;
/** `files`: by the word that stands for each in `html`. `missing`: hosts and paths of what it asks for in vain. */
export type WholePage = { html: string; files: Record<string, Blob>; libraries: string[]; elsewhere: string[]; missing: string[] };

const MOST_FILES = 100;
const MOST_BYTES = 50 * 1024 * 1024;
const LOADS = 'script[src], link[rel~=stylesheet][href], img[src], source[src], video[src], audio[src], video[poster], iframe[src], embed[src]';

/** As its mark, its first lines or its bytes say. */
function pageText(bytes: Uint8Array): string {
  const said = /<meta[^>]+charset\s*=\s*["']?([\w-]+)/i.exec(new TextDecoder('latin1').decode(bytes.subarray(0, 2_048)))?.[1];
  const own = textOf(bytes);
  if (own && (own.encoding === null || own.encoding.startsWith('UTF-16') || !said)) return own.text;
  try {
    return new TextDecoder(said ?? 'utf-8').decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes);
  }
}

/** Throws where a library of this server can't be read. */
export async function wholePage(file: Blob, path: string, beside: Beside | undefined, signal: AbortSignal): Promise<WholePage> {
  const html = pageText(new Uint8Array(await file.arrayBuffer()));
  const page: WholePage = { html, files: {}, libraries: [], elsewhere: [], missing: [] };
  // Parsed without being run: no script starts, and nothing is loaded.
  const parsed = new DOMParser().parseFromString(html, 'text/html');
  const words = new Map<string, string>();
  let bytes = 0;
  const keep = (key: string, blob: Blob): string => {
    const word = words.get(key) ?? `runledger-file:${words.size}`;
    words.set(key, word);
    page.files[word] = blob;
    bytes += blob.size;
    return word;
  };
  const library = async (name: Library): Promise<string> => {
    const known = words.get(name);
    if (known) return known;
    const { libraryScript } = await import('./preview-libraries.ts');
    const found = await libraryScript(name, signal);
    page.libraries.push(found.name);
    return keep(name, found.script);
  };
  const neighbour = async (own: string): Promise<string | Blob | null> => {
    const known = words.get(`/${own}`);
    if (known) return page.files[known]!;
    if (!beside || words.size >= MOST_FILES) return null;
    const found = await beside(own, signal).catch(() => null);
    if (!found || bytes + found.size > MOST_BYTES) return null;
    return (await read(found.url, signal)).blob();
  };
  let changed = false;
  for (const element of parsed.querySelectorAll(LOADS)) {
    const name = element.hasAttribute('poster') && !element.hasAttribute('src') ? 'poster' : element.tagName === 'LINK' ? 'href' : 'src';
    const href = element.getAttribute(name)!;
    const link = linkOf(href, path);
    if (link.kind === 'own') continue;
    if (link.kind === 'elsewhere') {
      const known = element.tagName === 'SCRIPT' ? libraryOf(link.address) : null;
      if (!known) {
        if (!page.elsewhere.includes(link.host)) page.elsewhere.push(link.host);
        continue;
      }
      element.setAttribute(name, await library(known));
    } else {
      const blob = await neighbour(link.path);
      if (!(blob instanceof Blob)) {
        if (!page.missing.includes(link.path)) page.missing.push(link.path);
        continue;
      }
      if (element.tagName === 'LINK') {
        const style = parsed.createElement('style');
        style.textContent = await blob.text();
        element.replaceWith(style);
      } else element.setAttribute(name, keep(`/${link.path}`, blob));
    }
    changed = true;
    // They are of what was asked for, and of how.
    for (const attribute of ['integrity', 'crossorigin', 'loading']) element.removeAttribute(attribute);
  }
  return changed ? { ...page, html: `${parsed.doctype ? '<!doctype html>' : ''}${parsed.documentElement.outerHTML}` } : page;
}
