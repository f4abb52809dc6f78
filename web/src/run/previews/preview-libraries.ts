// Libraries that HTML artifacts load from elsewhere, as this server has them. Assets of their own: nothing of them is read until such a file is looked at.

import plotly from 'preview-plotly?url';
import vega from 'preview-vega?url';
import embed from 'preview-vega-embed?url';
import lite from 'preview-vega-lite?url';
import type { Library } from './html-links.ts';

declare const PREVIEW_VERSIONS: Record<Library, string>;

const ADDRESSES: Record<Library, string> = { plotly, vega, 'vega-lite': lite, 'vega-embed': embed };

/** `plotly.js 4.1.2`, and its script. */
export async function libraryScript(library: Library, signal: AbortSignal): Promise<{ name: string; script: Blob }> {
  const response = await fetch(new URL(ADDRESSES[library], document.baseURI), { signal });
  if (!response.ok) throw new Error(`${library} could not be read: the server answered ${response.status}.`);
  return { name: `${library === 'plotly' ? 'plotly.js' : library} ${PREVIEW_VERSIONS[library]}`, script: await response.blob() };
}
