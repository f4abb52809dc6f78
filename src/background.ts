// The work that goes on behind the requests. In one process for all workers; safe in any number, since replicas each do it.

import { startPurgeWorker } from './domain/purge/worker.ts';
import { startWebhookWorker } from './domain/webhooks/sender.ts';
import { startCompaction, startSummaries } from './points/background.ts';
import type { OpenDeps } from './process.ts';

/** `writing`: see CompactionOptions. `stop` waits for what is under way. */
export function startBackground(deps: OpenDeps, writing?: () => number): { stop(): Promise<void> } {
  const works = [startWebhookWorker(deps), startCompaction(deps, { writing }), startPurgeWorker(deps), startSummaries(deps)];
  return {
    async stop() {
      for (const work of works) await work.stop();
    },
  };
}
