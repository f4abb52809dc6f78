// Builds the page into web/dist: hashed assets, each with a brotli and a gzip copy that the server sends as they are.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const root = path.dirname(fileURLToPath(import.meta.url));
/** What HTML artifacts load from elsewhere, as files to be sent as they are: see src/run/previews/preview-libraries.ts. */
const LIBRARIES = { plotly: 'plotly.js-dist-min', vega: 'vega', 'vega-lite': 'vega-lite', 'vega-embed': 'vega-embed' };
const { resolve } = createRequire(import.meta.url);
const fileOf = (name: string) => path.join(path.dirname(resolve(LIBRARIES[name as keyof typeof LIBRARIES])), `${name}.min.js`);
function folderOf(name: string): string {
  let folder = path.dirname(fileOf(name));
  while (!existsSync(path.join(folder, 'package.json'))) folder = path.dirname(folder);
  return folder;
}
const versionOf = (name: string) => (JSON.parse(readFileSync(path.join(folderOf(name), 'package.json'), 'utf8')) as { version: string }).version;

const COMPRESSED = /\.(js|css|html|svg|json)$/;
/** Below this a compressed copy saves nothing worth a file. */
const MIN_BYTES = 512;
/** Above this the last few per cent take longer than the rest of the build. */
const LARGE_BYTES = 1_000_000;

function precompress(): Plugin {
  return {
    name: 'precompress',
    apply: 'build',
    closeBundle() {
      const out = path.join(root, 'dist/assets');
      for (const name of readdirSync(out)) {
        if (!COMPRESSED.test(name)) continue;
        const file = path.join(out, name);
        const bytes = readFileSync(file);
        if (bytes.length < MIN_BYTES) continue;
        writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
        writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: bytes.length > LARGE_BYTES ? 9 : 11 } }));
      }
    },
  };
}

/** Their licences ask to come along. */
const licences: Plugin = {
  name: 'licences',
  apply: 'build',
  generateBundle() {
    const texts = Object.entries(LIBRARIES).map(([name, pack]) => {
      const folder = folderOf(name);
      const licence = readdirSync(folder).find((file) => /^licen[cs]e/i.test(file));
      return `${pack} ${versionOf(name)}\n\n${licence ? readFileSync(path.join(folder, licence), 'utf8') : 'MIT'}`;
    });
    this.emitFile({ type: 'asset', fileName: 'assets/preview-licences.txt', source: texts.join('\n\n') });
  },
};

export default defineConfig({
  root,
  // Relative to <base>, which the server sets to where it is reached.
  base: './',
  plugins: [react(), licences, precompress()],
  resolve: { alias: Object.keys(LIBRARIES).map((name) => ({ find: new RegExp(`^preview-${name}(?=[?]url$)`), replacement: fileOf(name) })) },
  define: { PREVIEW_VERSIONS: JSON.stringify(Object.fromEntries(Object.keys(LIBRARIES).map((name) => [name, versionOf(name)]))) },
  build: {
    rolldownOptions: {
      input: { index: path.join(root, 'index.html'), graphiql: path.join(root, 'graphiql.html') },
      // It compiles WebAssembly when it is loaded, for a codec that we don't take from it and a policy that forbids it.
      treeshake: { moduleSideEffects: (id) => !id.includes('hyparquet-compressors/src/compressors.js') },
    },
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    sourcemap: false,
    chunkSizeWarningLimit: 900,
  },
});
