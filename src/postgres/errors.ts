// The only file that knows SQLSTATEs and Prisma's codes: every error of pg and Prisma becomes a fault with a name (src/lib/faults.ts).
import { DatabaseFault, type FaultKind } from '../lib/faults.ts';

/** SQLSTATE classes and codes (Appendix A of Postgres's manual), Node's socket errors, and Prisma's error codes. The first match counts. */
const KINDS: [RegExp, FaultKind][] = [
  [/^RL001$/, 'condition'],
  [/^(23505|P2002)$/, 'taken'],
  [/^(23503|P2001|P2003|P2015|P2018|P2025)$/, 'gone'],
  [/^(40P01|40001|P2034)$/, 'collision'],
  [/^(53100|53200|58030|ENOSPC)$/, 'full'],
  [/^(25006|EROFS)$/, 'readOnly'],
  [/^57014$/, 'timeout'],
  [/^(28...|3D000|P1000|P1003)$/, 'misconfigured'],
  [/^(57P0\d|08\w{3}|53300|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|EPIPE|P10(01|02|08|17)|P20(24|28))$/, 'away'],
  [/^42501$/, 'forbidden'],
  [/^2BP01$/, 'held'],
  [/^23[0-9A-Z]{3}$/, 'check'],
  // Data exceptions and limits: values that look right to the rules. They came from the request.
  [/^(22[0-9A-Z]{3}|54[0-9A-Z]{3}|P20(00|05|06|07|19|20|23|33))$/, 'refused'],
];
/** Faults of pg's own that have no code. */
const AWAY =
  /Connection terminated|Client has encountered a connection error|Client was closed|Query read timeout|timeout exceeded when trying to connect/;

/** The fault that an error of pg or Prisma is; any other error as it came. */
export function named(error: unknown): unknown {
  if (error instanceof DatabaseFault || !(error instanceof Error)) return error;
  // Prisma's adapter keeps the driver's error as the cause of its own.
  const { code: own, cause } = error as { code?: unknown; cause?: { originalCode?: unknown; code?: unknown } };
  for (const code of [own, cause?.originalCode, cause?.code]) {
    const kind = KINDS.find(([pattern]) => pattern.test(String(code ?? '')))?.[1];
    if (kind) return new DatabaseFault(kind, error, kind === 'condition' ? error.message : undefined);
  }
  return AWAY.test(error.message) ? new DatabaseFault('away', error) : error;
}

/** Of a statement for many: whether one of them holds what can't be stored, so that the others may go in without it. */
export const isRefusal = (error: unknown): boolean => error instanceof DatabaseFault && ['taken', 'gone', 'check', 'refused'].includes(error.kind);
