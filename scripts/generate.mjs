// Makes what is generated and not committed: the Prisma client, the types of GraphQL and the page's table of who may do what.
import { existsSync } from 'node:fs';
import { writePolicy } from './policy.mjs';
import { quietly } from './quietly.mjs';

quietly(['node_modules/prisma/build/index.js', 'generate', '--no-hints'], {
  // `prisma generate` wants a schema engine binary to exist and never runs it; naming any file keeps it from downloading one.
  PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
  CHECKPOINT_DISABLE: '1',
  PRISMA_HIDE_UPDATE_MESSAGE: '1',
});
if (existsSync('codegen.ts')) quietly(['node_modules/@graphql-codegen/cli/cjs/bin.js', '--silent']);
writePolicy();
