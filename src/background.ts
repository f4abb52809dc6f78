// The work that goes on behind the requests. In one process for all workers; safe in any number, since replicas each do it.

import { flushRepeats } from './domain/people/audit.ts';
import { sealAudit } from './domain/people/auditSeals.ts';
import { finishRemovedTeams } from './domain/purge/teams.ts';
import { startPurgeWorker } from './domain/purge/worker.ts';
import { startWebhookWorker } from './domain/webhooks/sender.ts';
import { repeating } from './lib/repeating.ts';
import { startCompaction, startSummaries } from './points/background.ts';
import { startStatistics } from './postgres/statistics.ts';
import type { OpenDeps } from './process.ts';

const TEAM_REMOVAL_MS = 30_000;
const startTeamRemoval = (deps: OpenDeps) =>
  repeating(
    TEAM_REMOVAL_MS,
    (isStopped) => finishRemovedTeams(deps, isStopped),
    (error) => deps.log.warn({ err: error }, 'could not remove what a removed team kept; it is tried again'),
    5_000,
  );
const AUDIT_COUNTS_MS = 60_000;
const startAuditCounts = (deps: OpenDeps) =>
  repeating(
    AUDIT_COUNTS_MS,
    () => flushRepeats(deps),
    (error) => deps.log.warn({ err: error }, 'could not put the counts of refusals into the audit log'),
  );

const AUDIT_SEALS_MS = 2_000;
const startAuditSeals = (deps: OpenDeps) =>
  repeating(
    AUDIT_SEALS_MS,
    (isStopped) => sealAudit(deps, isStopped),
    (error) => deps.log.warn({ err: error }, 'could not seal the audit log; it is tried again'),
  );

/** `writing`: see CompactionOptions. `stop` waits for what is under way. */
export function startBackground(deps: OpenDeps, writing?: () => number): { stop(): Promise<void> } {
  const works = [
    startWebhookWorker(deps),
    startCompaction(deps, { writing }),
    startPurgeWorker(deps),
    startSummaries(deps),
    startStatistics(deps),
    startAuditCounts(deps),
    startAuditSeals(deps),
    startTeamRemoval(deps),
  ];
  return {
    async stop() {
      for (const work of works) await work.stop();
    },
  };
}
