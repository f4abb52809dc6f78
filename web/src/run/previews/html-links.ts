// What an HTML file loads: the library that an address stands for, and the file beside it that a relative one does. Pure.

export type Library = 'plotly' | 'vega' | 'vega-lite' | 'vega-embed';

/** Addresses of content networks and of copies elsewhere: …/vega@5, …/npm/vega-lite@5.20.1/build/vega-lite.min.js, …/plotly-2.35.2.min.js */
const VEGA = /\/(vega|vega-lite|vega-embed)(?:@[^/]+|\/[\d.]+[^/]*)?(?:\/(?:(?:build|dist)\/)?\1(?:\.min)?\.js)?$/;
const PLOTLY = /\/plotly(?:-[a-z-]*)?(?:-?(?:latest|v?\d[\w.-]*))?(?:\.min)?(?:\.js)?$|\/plotly(?:\.js)?(?:-[a-z-]+)?(?:@[^/]+)?$/;

/** The library behind an address elsewhere; null for any other. */
export function libraryOf(address: string): Library | null {
  const path = address.replace(/[?#].*$/, '');
  if (PLOTLY.test(path)) return 'plotly';
  return (VEGA.exec(path)?.[1] as Library | undefined) ?? null;
}

/** Only to tell what lies beside the file from what lies elsewhere. */
const HERE = 'http://beside.invalid';

export type Link = { kind: 'beside'; path: string } | { kind: 'elsewhere'; address: string; host: string } | { kind: 'own' };

/** Where a link of the file at `path` (from the root of the artifacts, with `/`) leads. */
export function linkOf(href: string, path: string): Link {
  const text = href.trim();
  if (text === '' || text.startsWith('#')) return { kind: 'own' };
  const folder = path.split('/').slice(0, -1).map(encodeURIComponent).join('/');
  if (!URL.canParse(text, `${HERE}/${folder}/`)) return { kind: 'own' };
  const url = new URL(text, `${HERE}/${folder}/`);
  if (!url.protocol.startsWith('http'))
    return url.protocol === 'file:' ? { kind: 'elsewhere', address: text, host: 'a file of another machine' } : { kind: 'own' };
  if (url.origin !== HERE) return { kind: 'elsewhere', address: url.href, host: url.host };
  try {
    return { kind: 'beside', path: url.pathname.split('/').filter(Boolean).map(decodeURIComponent).join('/') };
  } catch {
    return { kind: 'own' };
  }
}
