// Builds the page into web/dist: hashed assets, each with a brotli and a gzip copy that the server sends as they are.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const root = path.dirname(fileURLToPath(import.meta.url));
const COMPRESSED = /\.(js|css|html|svg|json)$/;
/** Below this a compressed copy saves nothing worth a file. */
const MIN_BYTES = 512;

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
        writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
      }
    },
  };
}

export default defineConfig({
  root,
  // Relative to <base>, which the server sets to where it is reached.
  base: './',
  plugins: [react(), precompress()],
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
