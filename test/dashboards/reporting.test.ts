// The views for BI tools, asked as BI tools ask them: over connections of the teams' own database roles.
import { readFileSync } from 'node:fs';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { codes, data, seedPerson } from '../support/people.ts';

const RENEW = 'mutation($t: String) { renewReportingRole(input: {team: $t}) { role { roleName database port } password } }';
const DELETE = 'mutation($t: String) { deleteReportingRole(input: {team: $t}) { team { reportingRole { roleName } } } }';
const VIEWS = ['runs', 'params', 'tags', 'metrics', 'versions'];

let app: TestApp;
const clients: pg.Client[] = [];
const ids: Record<string, string> = {};
const roles: Record<string, { name: string; password: string }> = {};

async function connect(user: string, password: string): Promise<pg.Client> {
  const url = new URL(app.deps.config.databaseUrl!);
  const client = new pg.Client({ host: url.hostname, port: Number(url.port), database: url.pathname.slice(1), user, password });
  client.on('error', () => {});
  await client.connect();
  clients.push(client);
  return client;
}
const asTeam = (team: string) => connect(roles[team]!.name, roles[team]!.password);
async function renew(team: string) {
  const { role, password } = (await data(app, RENEW, { t: team })).renewReportingRole;
  roles[team] = { name: role.roleName, password };
  return role;
}

beforeAll(async () => {
  app = await startApp();
  for (const team of ['red', 'blue']) {
    const { token } = await app.seedTeam(team);
    const call = (path: string, body: Record<string, unknown>) => app.mlflow('POST', `2.0/mlflow/${path}`, body, { token });
    const create = async (name: string, start_time: number) =>
      (await call('runs/create', { experiment_id: '0', run_name: name, user_id: 'ada', start_time })).body.run.info.run_id as string;
    const runId = await create(`${team}-run`, 1_700_000_000_000);
    ids[team] = runId;
    const metrics = [3, 1, 2].map((value, step) => ({ key: 'loss', value, step, timestamp: 1_700_000_000_000 + step }));
    await call('runs/log-batch', {
      run_id: runId,
      metrics: [...metrics, { key: 'huge', value: -1.7e308, step: 0, timestamp: 1 }, { key: 'huge', value: -1.7e308, step: 1, timestamp: 1 }],
      params: [
        { key: 'lr', value: '1e-3' },
        { key: 'model', value: `${team}-gbm` },
      ],
      tags: [{ key: 'owner', value: team }],
    });
    await call('runs/update', { run_id: runId, status: 'FINISHED', end_time: 1_700_000_060_500 });
    // What no calendar has must not be an error for the whole team.
    await create(`${team}-odd`, Number.MAX_SAFE_INTEGER);
    const deleted = await create(`${team}-deleted`, 1);
    await call('runs/log-batch', { run_id: deleted, params: [{ key: 'lr', value: '9' }] });
    await call('runs/delete', { run_id: deleted });
    await call('registered-models/create', { name: `${team}-model` });
    for (const _ of [1, 2]) await call('model-versions/create', { name: `${team}-model`, source: 's3://models/1', run_id: runId });
    for (const alias of ['champion', 'best']) await call('registered-models/alias', { name: `${team}-model`, alias, version: '2' });
    await renew(team);
  }
});
afterAll(async () => {
  for (const client of clients) await client.end().catch(() => {});
  for (const team of Object.keys(roles)) await data(app, DELETE, { t: team });
  await app.close();
});

describe('a team role', () => {
  it("sees its team's runs, params, metrics, tags and versions by name, and no other team's", async () => {
    for (const team of ['red', 'blue']) {
      const client = await asTeam(team);
      const read = async (text: string) => (await client.query(text)).rows;
      const [run, ...more] = await read(`select * from reporting.runs where status = 'FINISHED'`);
      expect(more).toEqual([]);
      expect(run).toMatchObject({ experiment: 'Default', name: `${team}-run`, user_name: 'ada', duration_seconds: 60.5 });
      expect(run.run_id.replaceAll('-', '')).toBe(ids[team]);
      expect(run.started_at.toISOString()).toBe('2023-11-14T22:13:20.000Z');
      expect(await read('select name, started_at from reporting.runs order by name')).toEqual([
        { name: `${team}-odd`, started_at: null },
        { name: `${team}-run`, started_at: run.started_at },
      ]);
      expect(await read('select key, value, number from reporting.params order by key')).toEqual([
        { key: 'lr', value: '1e-3', number: 0.001 },
        { key: 'model', value: `${team}-gbm`, number: null },
      ]);
      expect(await read(`select value from reporting.tags where key = 'owner'`)).toEqual([{ value: team }]);
      const metrics = await read('select key, last, last_step::integer, min, max, mean, first, count::integer from reporting.metrics order by key');
      expect(metrics).toMatchObject([
        { key: 'huge', count: 2 },
        { key: 'loss', last: 2, last_step: 2, min: 1, max: 3, mean: 2, first: 3, count: 3 },
      ]);
      expect(metrics[0].mean / -1.7e308).toBeCloseTo(1);
      expect(await read('select model, version, aliases, run_id from reporting.versions order by version')).toEqual([
        { model: `${team}-model`, version: 1, aliases: null, run_id: run.run_id },
        { model: `${team}-model`, version: 2, aliases: 'best, champion', run_id: run.run_id },
      ]);
    }
  });

  it('reads no table and writes nothing, also when it says that it may', async () => {
    const client = await asTeam('red');
    const { rows } = await client.query<{ name: string; kind: string }>(
      `select format('%I.%I', n.nspname, c.relname) as name, c.relkind as kind from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname in ('public', 'reporting') and c.relkind in ('r', 'S', 'v', 'm', 'p')`,
    );
    const readable: string[] = [];
    for (const { name } of rows)
      await client.query(`select * from ${name} limit 1`).then(
        () => readable.push(name),
        (error) => expect(error.code, name).toBe('42501'),
      );
    expect(readable.sort()).toEqual(VIEWS.map((view) => `reporting.${view}`).sort());
    await client.query('set default_transaction_read_only = off');
    for (const statement of [
      `update reporting.runs set name = 'x'`,
      'delete from reporting.tags',
      `insert into reporting.team_roles (team_id, role_name) values (2, current_user)`,
      `update reporting.team_roles set team_id = 2`,
      'create table public.mine (x integer)',
      'create view reporting.mine as select 1',
      'create or replace function reporting.moment(milliseconds bigint) returns timestamptz language sql as $$ select now() $$',
      `set role ${roles.blue!.name}`,
      `set session authorization ${roles.blue!.name}`,
      `alter role ${roles.blue!.name} nologin`,
      'create role mine',
    ])
      await expect(client.query(statement), statement).rejects.toMatchObject({ code: expect.stringMatching(/^(42501|55000)$/) });
  });

  it("isn't shown other rows by a function of its own that the planner might run first", async () => {
    const client = await asTeam('red');
    await client.query('set default_transaction_read_only = off');
    const notices: string[] = [];
    client.on('notice', (notice) => notices.push(String(notice.message)));
    await client.query(`create function pg_temp.look(x text) returns boolean language plpgsql cost 0.0000001 as
      $$ begin raise notice '%', x; return true; end $$`);
    for (const [view, column] of [
      ['runs', 'name'],
      ['params', 'value'],
      ['tags', 'value'],
      ['metrics', 'last::text'],
      ['versions', 'model'],
    ])
      await client.query(`select * from reporting.${view} where pg_temp.look(${column})`);
    expect(notices.length).toBeGreaterThan(5);
    expect(notices.join()).toContain('red');
    expect(notices.join()).not.toContain('blue');
  });

  it("doesn't hear what the servers tell each other of other teams' runs", async () => {
    const client = await asTeam('red');
    const heard: string[] = [];
    client.on('notification', ({ channel }) => heard.push(channel));
    await client.query('listen runledger');
    const received: string[] = [];
    const stop = app.deps.bus.on(null, 'auth', () => received.push('auth'));
    await client.query(`select pg_notify('runledger', '{}')`);
    await seedPerson(app, 'newcomer@example.com', 'blue');
    await expect.poll(() => received.length).toBeGreaterThan(0);
    stop();
    await client.query('select 1');
    expect(heard).toEqual(['runledger']);
  });

  it("isn't told of other teams by names of roles, and finds nothing under another database's", async () => {
    expect(roles.red!.name).toMatch(/^runledger_reporting_[0-9a-f]{12}$/);
    const admin = new pg.Client({ connectionString: inject('databaseServer') });
    await admin.connect();
    clients.push(admin);
    await admin.query(`create role runledger_reporting_stranger login password 'stranger'`);
    try {
      const client = await connect('runledger_reporting_stranger', 'stranger');
      for (const view of VIEWS) expect((await client.query(`select 1 from reporting.${view}`)).rowCount).toBe(0);
      await client.end();
    } finally {
      await admin.query('drop role runledger_reporting_stranger');
    }
    // The server's own user reads the tables; the views show it no team's rows by mistake.
    for (const view of VIEWS) expect((await app.deps.db.pool.query(`select 1 from reporting.${view}`)).rowCount).toBe(0);
  });

  it('gets a new password, loses everything when it is removed, and comes back', async () => {
    const before = { ...roles.red! };
    const open = await asTeam('red');
    expect((await renew('red')).roleName).toBe(before.name);
    await expect(connect(before.name, before.password)).rejects.toMatchObject({ code: '28P01' });
    expect((await open.query('select 1 from reporting.runs')).rowCount).toBe(2);

    expect((await data(app, DELETE, { t: 'red' })).deleteReportingRole.team.reportingRole).toBeNull();
    const left = await open.query('select 1 from reporting.runs').then(
      ({ rowCount }) => rowCount,
      () => 0,
    );
    expect(left).toBe(0);
    await expect(asTeam('red')).rejects.toMatchObject({ code: expect.stringMatching(/^28/) });
    await data(app, DELETE, { t: 'red' });

    const [one, two] = await Promise.all([data(app, RENEW, { t: 'red' }), data(app, RENEW, { t: 'red' })]);
    expect(one.renewReportingRole.role).toEqual(two.renewReportingRole.role);
    expect(one.renewReportingRole.role).not.toMatchObject({ roleName: before.name });
    const shown = (await data(app, '{ team(slug: "red") { reportingRole { roleName database port } } }')).team.reportingRole;
    expect(shown).toEqual(one.renewReportingRole.role);
    await renew('red');
    expect((await (await asTeam('red')).query('select 1 from reporting.runs')).rowCount).toBe(2);
  });
});

it('docs/reporting.md names every column with its type', async () => {
  const { rows } = await app.deps.db.pool.query<{ view: string; column: string; type: string }>(
    `select table_name as view, column_name as column, replace(data_type, 'timestamp with time zone', 'timestamptz') as type
       from information_schema.columns where table_schema = 'reporting' and table_name = any($1) order by ordinal_position`,
    [VIEWS],
  );
  const sections = readFileSync('docs/reporting.md', 'utf8').split('### reporting.').slice(1);
  const described = sections.flatMap((section) => {
    const view = section.split('\n')[0]!;
    const lines = section.split('\n## ')[0]!.matchAll(/^\| (`.*?`) +\| ([a-z][a-z ]*?) +\|/gm);
    return [...lines].flatMap(([, names, type]) => [...names!.matchAll(/`(\w+)`/g)].map(([, column]) => ({ view, column, type })));
  });
  for (const view of VIEWS) expect(described.filter((one) => one.view === view)).toEqual(rows.filter((one) => one.view === view));
});

describe('making a role', () => {
  it('takes the role ADMIN, stands in the audit log without the password, and is for members', async () => {
    const maintainer = await seedPerson(app, 'maintainer@example.com', 'red', 'MAINTAINER');
    for (const text of [RENEW, DELETE]) expect(await codes(app, text, { t: 'red' }, maintainer)).toEqual(['FORBIDDEN']);
    for (const text of [RENEW, DELETE]) expect(await codes(app, text, { t: 'blue' }, maintainer)).toEqual(['NOT_FOUND']);
    const log = JSON.stringify(await data(app, '{ team(slug: "red") { auditLog { nodes { action target after } } } }'));
    expect(log).toContain('REPORTING_ROLE_CREATED');
    expect(log).toContain('REPORTING_ROLE_DELETED');
    expect(log).not.toContain(roles.red!.password);
  });

  it('needs no superuser: says what is missing where the database user may not create roles, and works when it may', async () => {
    const { pool } = app.deps.db;
    const plain = `runledger_test_plain_${process.pid}`;
    await pool.query(`create role ${plain}`);
    const limited = await startLimited(plain);
    try {
      const { body } = await limited.graphql(RENEW, { t: 'red2' });
      expect(body.errors[0]).toMatchObject({ extensions: { code: 'FAILED_PRECONDITION' }, message: expect.stringContaining('createrole') });
      await pool.query(`alter role ${plain} createrole`);
      const made = (await data(limited, RENEW, { t: 'red2' })).renewReportingRole;
      expect((await data(limited, RENEW, { t: 'red2' })).renewReportingRole.role).toEqual(made.role);
      expect((await data(limited, DELETE, { t: 'red2' })).deleteReportingRole.team.reportingRole).toBeNull();
      expect((await pool.query('select 1 from pg_roles where rolname = $1', [made.role.roleName])).rowCount).toBe(0);
    } finally {
      await limited.close();
      await pool.query(`drop role ${plain}`);
    }
  });
});

/** A server whose connections act as a user without privileges beyond its tables. */
async function startLimited(user: string): Promise<TestApp> {
  const other = await startApp();
  await other.seedTeam('red2');
  const { pool } = other.deps.db;
  await pool.query(`grant all on all tables in schema public, reporting to ${user}; grant all on all sequences in schema public to ${user}`);
  pool.on('acquire', (client) => void client.query(`set role ${user}`));
  const close = other.close;
  other.close = async () => {
    pool.removeAllListeners('acquire');
    await pool.query(`reset role`);
    await close();
  };
  return other;
}
