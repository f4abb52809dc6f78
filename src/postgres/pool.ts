// Postgres as the rest of db/ uses it: statements with names, rows back, transactions as functions. Nothing outside db/ sees pg.
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { isFault } from '../lib/faults.ts';
import { parseLong } from '../lib/long.ts';
import { measurePool } from '../lib/measures.ts';
import { named } from './errors.ts';
import { identified } from './identity.ts';
import { CONNECT_MS, openProbe, type Probe } from './probe.ts';
import { openSearches } from './searches.ts';
import { watchSilence } from './silence.ts';

/** A fixed statement. The name comes from its leading comment, and makes it a prepared statement on each connection. */
export type Statement = { name?: string; text: string; isSearch?: boolean };

export type Db = {
  rows<R>(statement: Statement, values?: unknown[]): Promise<R[]>;
  /** The first row, or undefined. */
  row<R>(statement: Statement, values?: unknown[]): Promise<R | undefined>;
  /** Commits what `work` did, or nothing of it; runs it again if Postgres ended it to resolve a deadlock. Inside a transaction it is a savepoint-free nesting: the outer one decides. */
  tx<R>(work: (tx: Db) => Promise<R>): Promise<R>;
};

/** `sql` texts start with a comment that names them: sql('/* runs.get *\/ select …'). */
export function sql(text: string): Statement {
  const name = /^\s*\/\* ([\w.-]+) \*\//.exec(text)?.[1];
  if (!name) throw new Error(`A statement needs a leading /* name */: ${text.slice(0, 60)}`);
  return { name, text };
}

/** A statement whose text varies (a compiled search): not prepared, but named in the server's logs by its comment. */
export const dynamicSql = (text: string): Statement => ({ text });

/**
 * A search: its cost depends on what was asked. Outside transactions, teams take turns at a share of the connections. It ends after a while, and
 * when whoever asked has left.
 */
export const searchSql = (text: string): Statement => ({ text, isSearch: true });

const INT8 = 20;
const INT8_ARRAY = 1016;
const UUID = 2950;
const UUID_ARRAY = 2951;

const parseUuid = (text: string) => text.replaceAll('-', '');
const arrayOf =
  <T>(parse: (text: string) => T) =>
  (text: string): (T | null)[] =>
    text === '{}'
      ? []
      : text
          .slice(1, -1)
          .split(',')
          .map((item) => (item === 'NULL' ? null : parse(item)));

/** Ids come back as the 32 hex digits that clients know, 64-bit integers as Long. */
const types = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (oid === INT8) return parseLong;
    if (oid === UUID) return parseUuid;
    if (oid === INT8_ARRAY) return arrayOf(parseLong);
    if (oid === UUID_ARRAY) return arrayOf(parseUuid);
    return pg.types.getTypeParser(oid, format as 'text');
  },
} as pg.CustomTypesConfig;

const ATTEMPTS = 5;
async function retried<R>(attempt: () => Promise<R>): Promise<R> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      // Postgres ended one of two transactions that were in each other's way. Nothing of it was kept.
      if (!isFault(error, 'collision') || tries === ATTEMPTS) throw error;
      await sleep(Math.random() * 25 * tries);
    }
  }
}

/** Called after each statement, e.g. to count or time them. */
export type StatementHook = (statement: { name: string; text: string; milliseconds: number }) => void;

/** `probe`: asks on a connection of its own, by a deadline. */
export type DbPool = Db & { pool: pg.Pool; probe: Probe; onStatement: (hook: StatementHook) => () => void; end(): Promise<void> };

/** False inside a transaction. */
export const isPool = (db: Db): db is DbPool => 'pool' in db;

/** The pool's own limit is that of a wait for a place; a new connection has less time. */
class ServerClient extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    super({ ...config, connectionTimeoutMillis: CONNECT_MS });
  }
}

/** `part`: how its connections call themselves. `prepare`: false where a pooler hands each statement to another connection (PgBouncer before 1.21). */
export function openPool(connectionString: string, options: { max?: number; part?: string; prepare?: boolean } = {}): DbPool {
  const pool = new pg.Pool({
    ...identified(connectionString, options.part),
    Client: ServerClient,
    max: options.max ?? 10,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
  });
  const nameOf = (statement: Statement) => (options.prepare === false ? undefined : statement.name);
  const probe = openProbe(connectionString);
  const silence = watchSilence(probe);
  const unmeasure = measurePool(pool);
  const hooks = new Set<StatementHook>();
  // Counting sits on the client, not in `rows`, so that Prisma's statements over the same pool are seen too.
  pool.on('connect', (client) => {
    // One that dies between two statements of a transaction would else end the process; the next statement on it fails.
    client.on('error', () => {});
    const sent = silence.watch(client);
    const query = client.query.bind(client) as (...args: unknown[]) => unknown;
    (client as { query: unknown }).query = (...args: unknown[]) => {
      sent();
      const started = performance.now();
      const result = query(...args);
      if (hooks.size > 0) {
        const first = args[0] as string | { name?: string; text: string };
        const text = typeof first === 'string' ? first : first.text;
        const name = (typeof first === 'object' && first.name) || /\/\* ([\w.-]+) \*\//.exec(text)?.[1] || text.slice(0, 40);
        const done = () => {
          for (const hook of hooks) hook({ name, text, milliseconds: performance.now() - started });
        };
        if (result instanceof Promise) result.then(done, done);
        else done();
      }
      return result;
    };
  });
  // A connection that dies while idle (Postgres restarted) must not end the process; the next query opens another.
  pool.on('error', () => {});

  const run = async <R>(on: pg.Pool | pg.PoolClient, statement: Statement, values: unknown[]): Promise<R[]> => {
    try {
      const result = await on.query({ name: nameOf(statement), text: statement.text, values, types } as pg.QueryConfig);
      return result.rows as R[];
    } catch (error) {
      throw named(error);
    }
  };
  const inside = (client: pg.PoolClient): Db => {
    const db: Db = {
      rows: (statement, values = []) => run(client, statement, values),
      row: async (statement, values = []) => (await run<never>(client, statement, values))[0],
      tx: (work) => work(db),
    };
    return db;
  };
  const once = async <R>(work: (tx: Db) => Promise<R>): Promise<R> => {
    const client = await pool.connect().catch((error) => {
      throw named(error);
    });
    let failure: unknown;
    try {
      await client.query('begin');
      const result = await work(inside(client));
      await client.query('commit');
      return result;
    } catch (error) {
      failure = named(error);
      await client.query('rollback').catch(() => {});
      throw failure;
    } finally {
      // A broken connection must leave the pool; a rolled-back one is as good as new.
      client.release(isFault(failure, 'away') || isFault(failure, 'timeout') ? failure : undefined);
    }
  };
  const searches = openSearches(pool, run, options.max ?? 10);
  const rows = <R>(statement: Statement, values: unknown[] = []): Promise<R[]> =>
    retried(() => (statement.isSearch ? searches<R>(statement, values) : run<R>(pool, statement, values)));
  return {
    pool,
    probe,
    rows,
    row: async <R>(statement: Statement, values: unknown[] = []) => (await rows<R>(statement, values))[0],
    tx: (work) => retried(() => once(work)),
    onStatement(hook) {
      hooks.add(hook);
      return () => hooks.delete(hook);
    },
    async end() {
      silence.stop();
      unmeasure();
      probe.close();
      await pool.end();
    },
  };
}
