// A whole server for a test: its own database and artifact folder, real HTTP, an administrator, and helpers to seed what a test talks about.
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { buildApp } from '../../src/app.ts';
import { type Config, readConfig } from '../../src/config.ts';
import type { Deps } from '../../src/context.ts';
import { bootstrap } from '../../src/domain/people/bootstrap.ts';
import { type OpenDeps, openDeps } from '../../src/process.ts';
import { freshDatabaseUrl } from './database.ts';

export const ADMIN_TOKEN = 'A'.repeat(40);
export const ADMIN_PASSWORD = 'correct horse battery';
export const ADMIN_EMAIL = 'admin@example.com';

export type Answer<T = Record<string, unknown>> = { status: number; body: T; headers: Headers };
// biome-ignore lint/suspicious/noExplicitAny: answers are looked at, not relied on
type Loose = any;

export type TestApp = {
  url: string;
  app: FastifyInstance;
  deps: OpenDeps;
  /** A call of the MLflow protocol: `path` after /api/, e.g. '2.0/mlflow/runs/create'. GET puts `body` into the query. */
  mlflow(method: string, path: string, body?: Record<string, unknown>, options?: CallOptions): Promise<Answer<Loose>>;
  graphql(query: string, variables?: Record<string, unknown>, options?: CallOptions): Promise<Answer<Loose>>;
  /** A new team and an API token that is narrowed to it with this role. */
  seedTeam(slug?: string, role?: string): Promise<{ slug: string; token: string }>;
  close(): Promise<void>;
};
export type CallOptions = { token?: string | null; headers?: Record<string, string> };

let counter = 0;

/** `by`: another way to its database, e.g. through a proxy; with `direct` it is told the direct one too. */
export type AppSettings = {
  config?: Partial<Config>;
  env?: Record<string, string>;
  by?: (url: string) => Promise<string>;
  direct?: boolean;
  log?: Deps['log'];
};

export async function startApp(settings: AppSettings = {}): Promise<TestApp> {
  const database = await freshDatabaseUrl();
  const databaseUrl = (await settings.by?.(database.url)) ?? database.url;
  const folder = await mkdtemp(path.join(tmpdir(), 'runledger-app-'));
  const config: Config = {
    ...readConfig({
      DATABASE_URL: database.url,
      RUNLEDGER_DATA_DIR: folder,
      RUNLEDGER_PORT: '0',
      RUNLEDGER_JWT_SECRET: 'test-secret-test-secret-test-secret-0',
      RUNLEDGER_ADMIN_EMAIL: ADMIN_EMAIL,
      RUNLEDGER_ADMIN_PASSWORD: ADMIN_PASSWORD,
      RUNLEDGER_ADMIN_TOKEN: ADMIN_TOKEN,
      ...settings.env,
    }),
    ...settings.config,
    ...(settings.direct && { listenDatabaseUrl: database.url }),
  };
  const deps = await openDeps(config, databaseUrl, settings.log ?? pino({ level: process.env.TEST_LOG ?? 'silent' }));
  await bootstrap(deps);
  const app = await buildApp(deps);
  await app.listen({ host: '127.0.0.1', port: 0 });
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  config.publicUrl ??= url;

  const call = async (method: string, address: string, body: unknown, options: CallOptions = {}): Promise<Answer<Loose>> => {
    const token = options.token === undefined ? ADMIN_TOKEN : options.token;
    const headers: Record<string, string> = { ...(token ? { authorization: `Bearer ${token}` } : {}), ...options.headers };
    if (body !== undefined && !headers['content-type']) headers['content-type'] = 'application/json';
    const response = await fetch(address, {
      method,
      headers,
      body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await response.text();
    let read: unknown = text;
    try {
      read = JSON.parse(text);
    } catch {}
    return { status: response.status, body: read, headers: response.headers };
  };

  const self: TestApp = {
    url,
    app,
    deps,
    mlflow(method, route, body, options) {
      const address = new URL(`${url}/api/${route}`);
      if (method !== 'GET') return call(method, address.href, body ?? {}, options);
      for (const [name, value] of Object.entries(body ?? {})) for (const one of [value].flat()) address.searchParams.append(name, String(one));
      return call(method, address.href, undefined, options);
    },
    graphql: (query, variables, options) => call('POST', `${url}/graphql`, { query, variables }, options),
    async seedTeam(slug = `team-${++counter}`, role = 'ADMIN') {
      const made = await self.graphql('mutation($s: String!) { createTeam(input: {slug: $s, name: $s}) { team { slug } } }', { s: slug });
      if (made.body.errors) throw new Error(JSON.stringify(made.body.errors));
      const token = await self.graphql('mutation($s: String!, $r: Role!) { createApiToken(input: {team: $s, name: "test", role: $r}) { secret } }', {
        s: slug,
        r: role,
      });
      if (token.body.errors) throw new Error(JSON.stringify(token.body.errors));
      return { slug, token: token.body.data.createApiToken.secret };
    },
    async close() {
      await app.close();
      await deps.close();
      await database.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return self;
}
