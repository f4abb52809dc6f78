// The only file that knows SQLSTATEs and Prisma's codes: every error of pg and Prisma becomes a fault with a name (src/lib/faults.ts).
import { StartError } from '../lib/errors.ts';
import { DatabaseFault, type FaultKind } from '../lib/faults.ts';

/** SQLSTATE classes and codes (Appendix A of Postgres's manual), Node's socket errors, and Prisma's error codes. The first match counts. */
const KINDS: [RegExp, FaultKind][] = [
  [/^RL001$/, 'condition'],
  [/^RL002$/, 'outdated'],
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
  /Connection terminated|Client has encountered a connection error|Client was closed|Query read timeout|timeout expired|timeout exceeded when trying to connect/;

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

/** Whether a statement for many was refused because of one of them: then the others may go in without it. */
export const isRefusal = (error: unknown): boolean => error instanceof DatabaseFault && ['taken', 'gone', 'check', 'refused'].includes(error.kind);

/** Another session makes the same database, or holds what it is made from. */
export const isBeingMade = (error: unknown): boolean => /^(55006|42P04|23505)$/.test(String((error as { code?: unknown } | null)?.code));

export const isWrongPassword = (error: unknown): boolean => (error as { code?: unknown } | null)?.code === '28P01';

const REFUSED: [RegExp, (user: string, database: string) => string][] = [
  [/^28P01$/, (user) => `refuses the password of the user "${user}"`],
  [/^28...$/, (user) => `refuses the user "${user}"`],
  [/^3D000$/, (_user, database) => `has no database "${database}"; create it first`],
  [/^42501$/, (user, database) => `does not let the user "${user}" make tables in the database "${database}"`],
  [/^25006$/, () => 'is read-only: it may be a replica, and Runledger needs the primary'],
  [/^53300$/, () => 'has no connection left; raise its max_connections or lower RUNLEDGER_DATABASE_POOL'],
  [/^57P03$/, () => 'is starting or stopping; try again in a moment'],
];
const UNREACHED = /^(EAI_AGAIN|ENETUNREACH|EACCES|ENOENT)$/;
const BY_TLS = /CERT|SSL/i;

/** Why the database of `url` can't be used by a server that starts, as a sentence for its operator; any other error as it came. */
export function explainStart(error: unknown, url: string): unknown {
  const fault = named(error);
  const cause = fault instanceof DatabaseFault ? fault.cause : fault;
  if (!(cause instanceof Error)) return error;
  const { code = '' } = cause as NodeJS.ErrnoException;
  const at = new URL(url);
  const where = `The database at ${at.host || 'localhost'}`;
  const refused = REFUSED.find(([pattern]) => pattern.test(code))?.[1];
  if (refused)
    return new StartError(
      `${where} ${refused(decodeURIComponent(at.username), decodeURIComponent(at.pathname.slice(1)))} (${code}). Check DATABASE_URL.`,
    );
  if (BY_TLS.test(code) || BY_TLS.test(cause.message))
    return new StartError(`${where} can't be reached by TLS: ${cause.message}. Check sslmode in DATABASE_URL.`);
  if (UNREACHED.test(code) || (fault instanceof DatabaseFault && fault.kind === 'away')) {
    return new StartError(
      `${where} does not answer (${code || cause.message}). Check DATABASE_URL, and that Postgres runs and can be reached from here.`,
    );
  }
  return error;
}
