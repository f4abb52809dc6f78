// The end of teams that were removed. Their data go by the steps of all deletion for good; then their folder, then the row.
import type { Deps } from '../../context.ts';
import { dropRemovedTeam, listRemovedTeams, releaseTeamData } from '../../db/people/wholeServer.ts';
import { objectKeyOf } from '../../storage/objectKeys.ts';
import { purgeRemovedTeam } from './purge.ts';
import { finishPurges } from './worker.ts';

/** May be stopped anywhere, and be done by several at once: each step can be done twice. */
export async function finishRemovedTeams(deps: Deps, isStopped: () => boolean = () => false): Promise<void> {
  for (const teamId of await listRemovedTeams(deps.db)) {
    if (isStopped()) return;
    await releaseTeamData(deps.db, teamId);
    await purgeRemovedTeam(deps, teamId, isStopped);
    await finishPurges(deps, teamId, isStopped);
    if (isStopped()) return;
    await deps.store.remove(objectKeyOf(teamId, ''));
    await dropRemovedTeam(deps.db, teamId);
  }
}
