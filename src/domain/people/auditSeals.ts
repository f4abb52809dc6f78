// Whether the audit log is as it was written. Each entry is sealed a moment after it: an HMAC over the entry and the seal before it of its team, with a
// key derived from the server's secret. Whoever changes, removes or reorders entries in the database can't make the seals that would hide it.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { deriveKey, deriveKeys } from '../../auth/derivedKeys.ts';
import type { Config } from '../../config.ts';
import type { Deps } from '../../context.ts';
import { addSeals, chainAfter, chains, entriesOutside, lastSeal, lockChain, teamsToSeal, waitingForSeal } from '../../db/people/auditSeals.ts';

const PURPOSE = 'audit seals';
const AT_ONCE = 1_000;
const BEGINNING = Buffer.alloc(32);

const keyIdOf = (key: Buffer) => createHash('sha256').update(key).digest().subarray(0, 8);
const sealOf = (key: Buffer, before: Buffer, number: bigint, facts: string) =>
  createHmac('sha256', key).update(before).update(`${number}\n`).update(facts).digest();

type Parts = Pick<Deps, 'config' | 'db'>;

/** Seals what waits. Safe in any number of servers at once. */
export async function sealAudit({ config, db }: Parts, isStopped: () => boolean = () => false): Promise<void> {
  const key = deriveKey(config, PURPOSE);
  for (const teamId of await teamsToSeal(db)) {
    for (let more = true; more && !isStopped(); ) {
      more = await db.tx(async (tx) => {
        await lockChain(tx, teamId);
        const last = await lastSeal(tx, teamId);
        let before: Buffer = last?.seal ?? BEGINNING;
        let number = BigInt(last?.number ?? 0);
        const waiting = await waitingForSeal(tx, teamId, AT_ONCE);
        const seals = waiting.map(({ entryId, facts }) => {
          number += 1n;
          before = sealOf(key, before, number, facts);
          return { entryId, number, seal: before };
        });
        if (seals.length > 0) await addSeals(tx, teamId, keyIdOf(key), seals);
        return seals.length === AT_ONCE;
      });
    }
  }
}

export type Head = { number: string; seal: string };
export type Verdict = {
  /** The team's slug, or `(server)`. */
  chain: string;
  /** Entries that are as they were sealed. */
  entries: number;
  /** The last of them, and its seal: noted elsewhere, they show later whether the end was cut off. */
  head: Head | null;
  /** What is wrong, the first fault of the chain first. Empty: nothing. */
  faults: string[];
};

function keysOf(config: Config): Map<string, Buffer> {
  return new Map(deriveKeys(config, PURPOSE).map((key) => [keyIdOf(key).toString('hex'), key]));
}

/**
 * Goes through all of a team's chain. `expected`: a head that was noted before, which must be in it.
 */
async function verifyChain(
  { config, db }: Parts,
  { teamId, name }: { teamId: number | null; name: string },
  expected: Head | null,
): Promise<Verdict> {
  const keys = keysOf(config);
  const verdict: Verdict = { chain: name, entries: 0, head: null, faults: [] };
  let before: Buffer = BEGINNING;
  let number = 0n;
  let met = expected === null;
  chain: for (;;) {
    const links = await chainAfter(db, teamId, String(number), AT_ONCE);
    for (const link of links) {
      const fault = faultOf(link);
      if (fault) {
        verdict.faults.push(fault);
        break chain;
      }
      number += 1n;
      before = link.seal;
      verdict.entries += 1;
      verdict.head = { number: link.number, seal: link.seal.toString('hex') };
      met ||= expected?.number === link.number && expected.seal === verdict.head.seal;
    }
    if (links.length < AT_ONCE) break;
  }
  if (!met && verdict.faults.length === 0)
    verdict.faults.push(`The seal ${expected!.number} that was noted isn't in the log: its end was cut off, or another was put there.`);
  const outside = await entriesOutside(db, teamId);
  if (outside.length > 0)
    verdict.faults.push(`Entries without a seal: ${outside.join(', ')}. They were put in by hand, or their seals were taken away.`);
  return verdict;

  function faultOf(link: Awaited<ReturnType<typeof chainAfter>>[number]): string | null {
    if (BigInt(link.number) !== number + 1n) return `The seals ${number + 1n} to ${BigInt(link.number) - 1n} are gone.`;
    if (link.facts === null) return `The entry ${link.entryId} (seal ${link.number}) is gone.`;
    const key = keys.get(link.keyId.toString('hex'));
    if (!key)
      return `The seal ${link.number} was made with a secret that this server doesn't have. Add it to RUNLEDGER_JWT_SECRET, behind the present one.`;
    if (!timingSafeEqual(sealOf(key, before, number + 1n, link.facts), link.seal)) {
      return `The entry ${link.entryId} (seal ${link.number}) isn't what was sealed: it, or what came before it, was changed or moved.`;
    }
    return null;
  }
}

/** Of all teams and of the server itself. What waits is sealed first. `expected`: heads that were noted before, by chain. */
export async function verifyAudit(parts: Parts, expected: Map<string, Head> = new Map()): Promise<Verdict[]> {
  await sealAudit(parts);
  const found = await chains(parts.db);
  const verdicts: Verdict[] = [];
  for (const chain of found) verdicts.push(await verifyChain(parts, chain, expected.get(chain.name) ?? null));
  for (const name of expected.keys())
    if (!found.some((chain) => chain.name === name)) verdicts.push({ chain: name, entries: 0, head: null, faults: ['It has no entries any more.'] });
  return verdicts;
}
