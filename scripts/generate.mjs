// Makes what is generated and not committed: the Prisma client, the types of GraphQL and the page's table of who may do what.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writePolicy } from './policy.mjs';

const run = (args) =>
  execFileSync(process.execPath, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    // `prisma generate` wants a schema engine binary to exist and never runs it; naming any file keeps it from downloading one.
    env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1', PRISMA_HIDE_UPDATE_MESSAGE: '1' },
  });

run(['node_modules/prisma/build/index.js', 'generate', '--no-hints']);
if (existsSync('codegen.ts')) run(['node_modules/@graphql-codegen/cli/cjs/bin.js', '--silent']);
writePolicy();
