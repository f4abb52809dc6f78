// Why the database of DATABASE_URL can't be used when the server starts, in a sentence for the operator.
import { StartError } from '../errors.ts';

const REFUSED: Record<string, (user: string, database: string) => string> = {
  '28P01': (user) => `refuses the password of the user "${user}"`,
  28000: (user) => `refuses the user "${user}"`,
  '3D000': (_user, database) => `has no database "${database}"; create it first`,
  42501: (user, database) => `does not let the user "${user}" make tables in the database "${database}"`,
  25006: () => 'is read-only: it may be a replica, and Runledger needs the primary',
  53300: () => 'has no connection left; raise its max_connections or lower RUNLEDGER_DATABASE_POOL',
  '57P03': () => 'is starting or stopping; try again in a moment',
};
const SILENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ECONNRESET', 'EACCES', 'ENOENT']);
const CERTIFICATE = /CERT|SSL/i;

/** The error itself where the reason is none that an operator can mend. */
export function databaseFault(error: unknown, url: string): unknown {
  if (!(error instanceof Error)) return error;
  const at = new URL(url);
  const where = `The database at ${at.host || 'localhost'}`;
  const { code = '' } = error as NodeJS.ErrnoException;
  const refused = REFUSED[code]?.(decodeURIComponent(at.username), decodeURIComponent(at.pathname.slice(1)));
  if (refused) return new StartError(`${where} ${refused} (${code}). Check DATABASE_URL.`);
  if (SILENT.has(code) || /timeout|terminated unexpectedly/i.test(error.message)) {
    return new StartError(
      `${where} does not answer (${code || error.message}). Check DATABASE_URL, and that Postgres runs and can be reached from here.`,
    );
  }
  if (CERTIFICATE.test(code) || CERTIFICATE.test(error.message))
    return new StartError(`${where} can't be reached by TLS: ${error.message}. Check sslmode in DATABASE_URL.`);
  return error;
}
