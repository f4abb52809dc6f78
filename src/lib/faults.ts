// What a database refuses or cannot do, by name. src/postgres/errors.ts makes these from SQLSTATEs and Prisma's codes; rules see only the names.

/**
 * - `taken`: somebody else made the same first. - `gone`: what is referred to doesn't exist. - `refused`: a value can't be stored.
 * - `check`: a constraint of ours is broken, which is our bug.
 * - `collision`: other transactions are in the way. - `away`: not reachable. - `full`: no disk space. - `readOnly`: takes no writes.
 * - `timeout`: the statement took too long. - `forbidden`: the server's database user may not do it. - `held`: others still use what was to be removed.
 * - `misconfigured`: wrong password, no such database. - `outdated`: this server is older than the database lets write. - `condition`: a statement stopped itself; `condition` says why.
 */
export type FaultKind =
  | 'taken'
  | 'gone'
  | 'refused'
  | 'check'
  | 'collision'
  | 'away'
  | 'full'
  | 'readOnly'
  | 'timeout'
  | 'forbidden'
  | 'held'
  | 'misconfigured'
  | 'outdated'
  | 'condition';

export class DatabaseFault extends Error {
  readonly kind: FaultKind;
  /** With kind 'condition': its name. */
  readonly condition: string | undefined;

  constructor(kind: FaultKind, cause: unknown, condition?: string) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = 'DatabaseFault';
    this.kind = kind;
    this.condition = condition;
  }
}

export const isFault = (error: unknown, kind: FaultKind): error is DatabaseFault => error instanceof DatabaseFault && error.kind === kind;

/** Whether a statement stopped itself with this condition. */
export const isCondition = (error: unknown, condition: string): boolean => isFault(error, 'condition') && error.condition === condition;
