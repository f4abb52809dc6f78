// What a process counts for /metrics, and the sum over all that serve one port (src/workers.ts).
import type { Server } from 'node:http';

/** `byStatus`: requests answered. `memory`: resident bytes. `measures`: prom-client's, of each process; of one that is asked itself they come later. */
export type Counts = { byStatus: Record<string, number>; memory: number; measures?: object[][] };

/** The processes that serve beside this one. */
export type Siblings = {
  /** Which of them this is, from 1. */
  number: number;
  workers: number;
  /** What the others counted, those that have ended too; as of a second ago. */
  others(): Counts[];
  /** `own`: what this one has counted, for the others to ask. */
  report(own: () => Counts): void;
};

export const ALONE: Siblings = { number: 1, workers: 1, others: () => [], report: () => {} };

/** Counts what a server answers from now on. */
export function countRequests(server: Server): () => Counts {
  const byStatus: Counts['byStatus'] = {};
  server.on('request', (_request, response) => {
    response.once('finish', () => {
      byStatus[response.statusCode] = (byStatus[response.statusCode] ?? 0) + 1;
    });
  });
  return () => ({ byStatus, memory: process.memoryUsage.rss() });
}

export function sumCounts(all: Counts[]): Counts {
  const sum: Counts = { byStatus: {}, memory: 0 };
  for (const { byStatus, memory, measures = [] } of all) {
    sum.memory += memory;
    if (measures.length > 0) sum.measures = [...(sum.measures ?? []), ...measures];
    for (const [status, count] of Object.entries(byStatus)) sum.byStatus[status] = (sum.byStatus[status] ?? 0) + count;
  }
  return sum;
}
