// Prints src/schema as one file, schema.graphql: what clients generate from and what a change is compared with.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { printSchema } from 'graphql';

const files = readdirSync('src/schema', { recursive: true }).filter((name) => name.endsWith('.graphql'));
const typeDefs = files.sort((a, b) => (path.basename(a) < path.basename(b) ? -1 : 1)).map((name) => readFileSync(`src/schema/${name}`, 'utf8'));
writeFileSync('schema.graphql', `${printSchema(makeExecutableSchema({ typeDefs }))}\n`);
