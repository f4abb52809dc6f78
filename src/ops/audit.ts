// `audit verify`: whether the audit log is as it was written.
import type { Deps } from '../context.ts';
import { type Head, verifyAudit } from '../domain/people/auditSeals.ts';
import { invalid } from '../lib/errors.ts';

/** `expect`: `chain:number:seal` as an earlier verification printed it. Throws an error when something is wrong. */
export async function verify(deps: Deps, expect: string[], write: (line: string) => void): Promise<void> {
  const expected = new Map(
    expect.map((text): [string, Head] => {
      const [, chain, number, seal] = /^(.+):(\d+):([0-9a-f]{64})$/.exec(text) ?? [];
      if (!chain || !number || !seal) throw invalid(`'${text}' is no head: give what an earlier verification printed, such as default:12:ab34….`);
      return [chain, { number, seal }];
    }),
  );
  let broken = false;
  for (const { chain, entries, head, faults } of await verifyAudit(deps, expected)) {
    const said = `${faults.length === 0 ? 'ok    ' : 'BROKEN'}  ${chain}: ${entries.toLocaleString('en')} entries`;
    write(head ? `${said}  ${chain}:${head.number}:${head.seal}` : said);
    for (const fault of faults) write(`        ${fault}`);
    broken ||= faults.length > 0;
  }
  if (broken) throw new Error('The audit log is not as it was written.');
}
