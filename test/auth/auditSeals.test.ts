// The audit log's seals: whoever changes, removes, moves or adds entries by hand is found out, by a superuser's hand too.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { sealAudit, verifyAudit } from '../../src/domain/people/auditSeals.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { data } from '../support/people.ts';

let app: TestApp;
let secret = '';
beforeAll(async () => {
  app = await startApp();
  secret = app.deps.config.jwtSecrets[0]!;
});
afterAll(() => app?.close());

const chain = 'default';
const verdict = async (expected?: Parameters<typeof verifyAudit>[1]) => (await verifyAudit(app.deps, expected)).find((one) => one.chain === chain)!;
class Undone extends Error {}
/** What is found after somebody changed the tables by hand, with the triggers turned off. It is undone. */
async function foundAfter(act: string, expected?: Parameters<typeof verifyAudit>[1]): Promise<string[]> {
  let faults: string[] = [];
  const look = app.deps.db.tx(async (tx) => {
    for (const text of ["set local session_replication_role = 'replica'", ...act.split(';')]) await tx.rows({ text });
    faults = (await verifyAudit({ ...app.deps, db: tx }, expected)).find((one) => one.chain === chain)!.faults;
    throw new Undone();
  });
  await expect(look).rejects.toThrow(Undone);
  return faults;
}
const entries = async (): Promise<string[]> =>
  (await app.deps.db.rows<{ id: string }>({ text: 'select entry_id::text as id from audit_log where team_id = 1 order by entry_id' })).map(
    ({ id }) => id,
  );

beforeEach(async () => {
  for (let index = 0; index < 3; index += 1)
    await data(app, 'mutation($n: String!) { createApiToken(input: {team: "default", name: $n}) { secret } }', { n: `t${Math.random()}` });
});

it('finds nothing wrong where nothing is, in several servers at once, and after a secret was rotated', async () => {
  await Promise.all(Array.from({ length: 4 }, () => sealAudit(app.deps)));
  const { entries: count, faults, head } = await verdict();
  expect({ faults, count: BigInt(count) >= 3n, number: head?.number }).toEqual({ faults: [], count: true, number: String(count) });
  const rotated = { ...app.deps, config: { ...app.deps.config, jwtSecrets: ['c0ffee02c4b97e35f0a1d2c3b4e5968778695a4b3c2d1e0f', secret] } };
  await data(app, 'mutation { createApiToken(input: {team: "default", name: "later"}) { secret } }');
  expect((await verifyAudit(rotated)).flatMap((one) => one.faults)).toEqual([]);
  // A server without the old secret says so, and doesn't call it tampering.
  const alone = { ...app.deps, config: { ...app.deps.config, jwtSecrets: [rotated.config.jwtSecrets[0]!] } };
  expect((await verifyAudit(alone)).find((one) => one.chain === chain)!.faults[0]).toMatch(/secret that this server doesn't have/);
  app.deps.config.jwtSecrets.push(rotated.config.jwtSecrets[0]!);
});

it('takes no change through the front door', async () => {
  for (const act of ['update audit_seals set number = 0', 'delete from audit_seals', 'truncate audit_seals'])
    await expect(app.deps.db.pool.query(act)).rejects.toThrow();
});

it.each([
  [
    'a changed entry',
    (ids: string[]) => `update audit_log set actor = 'somebody else' where entry_id = ${ids[1]}`,
    /entry \d+ .* isn't what was sealed/,
  ],
  ['a changed document', (ids: string[]) => `update audit_log set after = '{"name": "x"}' where entry_id = ${ids[1]}`, /isn't what was sealed/],
  ['a removed entry', (ids: string[]) => `delete from audit_log where entry_id = ${ids[1]}`, /entry \d+ .* is gone/],
  [
    'an entry removed with its seal',
    (ids: string[]) => `delete from audit_log where entry_id = ${ids[1]}; delete from audit_seals where entry_id = ${ids[1]}`,
    /seals \d+ to \d+ are gone/,
  ],
  [
    'two entries exchanged',
    (ids: string[]) =>
      `update audit_seals set entry_id = -1 where entry_id = ${ids[1]}; update audit_seals set entry_id = ${ids[1]} where entry_id = ${ids[2]}; update audit_seals set entry_id = ${ids[2]} where entry_id = -1`,
    /isn't what was sealed/,
  ],
  [
    'an entry put in by hand',
    (ids: string[]) =>
      `insert into audit_log (team_id, at, actor, request_id, action, target) select team_id, at, actor, request_id, action, 'forged' from audit_log where entry_id = ${ids[1]}; delete from audit_unsealed`,
    /Entries without a seal/,
  ],
])('finds %s', async (_what, act, fault) => {
  expect((await verdict()).faults).toEqual([]);
  expect((await foundAfter(act(await entries())))[0]).toMatch(fault);
  expect((await verdict()).faults).toEqual([]);
});

it('finds an end that was cut off by a head that was noted', async () => {
  const { head } = await verdict();
  const noted = new Map([[chain, head!]]);
  await data(app, 'mutation { createApiToken(input: {team: "default", name: "after"}) { secret } }');
  expect((await verdict(noted)).faults).toEqual([]);
  const last = (await entries()).slice(-3);
  const cut = `delete from audit_log where entry_id in (${last}); delete from audit_seals where entry_id in (${last})`;
  expect(await foundAfter(cut)).toEqual([]);
  expect((await foundAfter(cut, noted))[0]).toMatch(/end was cut off/);
});
