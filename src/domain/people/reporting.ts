// The database role of a team for BI tools: who may have one made, renewed and removed. What it may see is in the migration of the views.

import { requireCan } from '../../auth/policy.ts';
import { randomLetters } from '../../auth/secrets.ts';
import type { TeamCtx } from '../../context.ts';
import { dropRetiredRole, findReportingRole, putReportingRole, type ReportingRole, retireReportingRole } from '../../db/people/reporting.ts';
import { failedPrecondition } from '../../lib/errors.ts';
import { isFault } from '../../lib/faults.ts';
import { record } from './audit.ts';

export type { ReportingRole };

function explain(error: unknown): never {
  if (isFault(error, 'forbidden'))
    throw failedPrecondition(
      "The database user that this server connects as may not create roles. Ask whoever runs the database for: alter role <the server's user> createrole",
    );
  throw error;
}

/** Null when the team has none. */
export async function getReportingRole(ctx: TeamCtx): Promise<ReportingRole | null> {
  requireCan(ctx, 'account:manage');
  return (await findReportingRole(ctx.db, ctx.team.teamId)) ?? null;
}

/**
 * Makes the team's role, or gives the one there is a new password; open sessions go on. The password is returned here and never again.
 * Throws FAILED_PRECONDITION where the server's own database user may not create roles.
 */
export async function renewReportingRole(ctx: TeamCtx): Promise<{ role: ReportingRole; password: string }> {
  requireCan(ctx, 'account:manage');
  const password = randomLetters(40);
  const made = ctx.db.tx(async (tx) => {
    const role = await putReportingRole(tx, ctx.team.teamId, password);
    await record(ctx, tx, { action: 'REPORTING_ROLE_CREATED', target: `database role ${role.roleName}` });
    return role;
  });
  return { role: await made.catch(explain), password };
}

/** From then on nobody signs in as it, and open sessions find nothing. Removing none succeeds. */
export async function removeReportingRole(ctx: TeamCtx): Promise<void> {
  requireCan(ctx, 'account:manage');
  const work = ctx.db.tx(async (tx) => {
    const retired = await retireReportingRole(tx, ctx.team.teamId);
    if (retired) await record(ctx, tx, { action: 'REPORTING_ROLE_DELETED', target: `database role ${retired}` });
    return retired;
  });
  const retired = await work.catch(explain);
  if (retired) await dropRetiredRole(ctx.db, retired);
}
