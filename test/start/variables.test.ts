// Every variable is known wherever an operator meets it, and no secret that everybody knows is one.
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { ConfigError, readConfig } from '../../src/config.ts';

const text = (name: string) => readFile(new URL(`../../${name}`, import.meta.url), 'utf8');
const sorted = (names: Iterable<string>) => [...new Set(names)].sort();

it('the table, docker-compose.yml and .env.example name the variables that are read', async () => {
  const read = sorted(
    [...(await text('src/config.ts')).matchAll(/^ {2}([A-Z][A-Z0-9_]+): z|^ {2}([A-Z][A-Z0-9_]+): bytes/gm)].map(([, one, other]) => one ?? other!),
  );
  expect(read.length).toBeGreaterThan(18);
  const rows = (await text('README.md')).split('\n').filter((line) => /^\| `[A-Z]/.test(line));
  const table = sorted(rows.flatMap((row) => [...row.matchAll(/`([A-Z][A-Z0-9_]+)`/g)].map(([, name]) => name!)));
  const compose = parse(await text('docker-compose.yml'), { merge: true }) as { services: { server: { environment: Record<string, string> } } };
  const passed = sorted(Object.keys(compose.services.server.environment));
  const example = sorted([...(await text('.env.example')).matchAll(/^([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name!));
  // One of the two addresses of a store is enough for a reader.
  const told = read.filter((name) => name !== 'AWS_ENDPOINT_URL');
  expect(told.filter((name) => !table.includes(name))).toEqual([]);
  expect(table.filter((name) => !read.includes(name))).toEqual([]);
  expect(read.filter((name) => !passed.includes(name))).toEqual([]);
  // Where a container listens and keeps its files is its own matter.
  const own = ['RUNLEDGER_HOST', 'RUNLEDGER_DATA_DIR'];
  expect(read.filter((name) => !example.includes(name) && !own.includes(name))).toEqual([]);
});

it('each service of docker-compose.yml is shut in, and .env.example has no secret', async () => {
  const compose = parse(await text('docker-compose.yml'), { merge: true }) as { services: Record<string, Record<string, unknown>> };
  for (const [name, service] of Object.entries(compose.services))
    expect({ name, ...service }).toMatchObject({ name, read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
  for (const name of ['POSTGRES_PASSWORD', 'S3_ACCESS_KEY', 'S3_SECRET_KEY', 'RUNLEDGER_JWT_SECRET', 'RUNLEDGER_ADMIN_PASSWORD'])
    expect(await text('.env.example')).toMatch(new RegExp(`^${name}=$`, 'm'));
});

it('refuses secrets that are placeholders or a few characters again and again, and says what to do', () => {
  const start = (secret: string) => () => readConfig({ DATABASE_URL: 'postgres://h/d', RUNLEDGER_JWT_SECRET: secret });
  const bad = ['change-me-to-64-hexadecimal-digits-change-me-to-64-hexadecimal-d', 'a'.repeat(64), 'ab'.repeat(32), '0123456789'.repeat(4)];
  bad.push(
    'your-secret-here-your-secret-here-1',
    'CHANGEME_9f8a7c6d5e4b3a291807f6e5d4c3',
    '0123456789abcdef0123456789abcdef',
    'please replace this secret, it is long',
  );
  bad.push('abcdefghijklmnopqrstuvwxyz0123456789', `9f8a7c6d5e4b3a291807f6e5d4c3b2a1,${'x'.repeat(40)}`);
  for (const secret of bad) expect(start(secret), secret).toThrow(ConfigError);
  expect(start(bad[0]!)).toThrow(/openssl rand -hex 32/);
  for (const good of ['9f8a7c6d5e4b3a291807f6e5d4c3b2a1', 'kH3-vq_0Zr7TnW5xYb2LcJ8sPdQm4FgA', 'seven slow herons cross the frozen Neva at noon'])
    expect(start(good), good).not.toThrow();
});

it('refuses proxies and origins that are none', () => {
  for (const [name, bad] of Object.entries({
    RUNLEDGER_TRUST_PROXY: ['proxy.example.com', '10.0.0.0/33', 'true', '10.0.0.1,', '-1'],
    RUNLEDGER_CORS_ORIGINS: ['https://a.example.com/path', 'a.example.com', '*, https://a.example.com', 'null', 'https://*.example.com'],
  }))
    for (const value of bad) expect(() => readConfig({ [name]: value }), `${name}=${value}`).toThrow(ConfigError);
});
