import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Vite would take graphql's second, ESM build for our code, while Apollo in node_modules takes the first: two realms that refuse each other.
  resolve: { alias: [{ find: /^graphql$/, replacement: fileURLToPath(new URL('node_modules/graphql/index.js', import.meta.url)) }] },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/postgres.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // Far away: a test waits for what it expects, however slow the machine. These end only what hangs.
    testTimeout: 900_000,
    hookTimeout: 900_000,
  },
});
