// What load balancers and monitors ask without signing in: /health, /ready, /metrics.
import { readFileSync } from 'node:fs';
import type { FastifyPluginAsync } from 'fastify';
import { AggregatorRegistry } from 'prom-client';
import type { Deps } from '../context.ts';
import { findUnready } from '../domain/readiness.ts';
import { registry } from '../lib/measures.ts';
import { noteFault } from '../lib/recentFaults.ts';
import { countRequests, type Siblings, sumCounts } from './counts.ts';

export const VERSION: string = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;

export const isHealthPath = (path: string): boolean => /^\/(health|ready|metrics)(\/|$)/.test(path);

export const healthRoutes =
  (deps: Deps, siblings: Siblings): FastifyPluginAsync =>
  async (app) => {
    // Encapsulation would keep a hook to these routes; the counter is for the whole server.
    const own = countRequests(app.server);
    siblings.report(own);
    app.get('/health', async (_request, reply) => reply.type('text/plain').send('OK'));
    app.get('/ready', async (request, reply) => {
      const faults = await findUnready(deps);
      if (faults.length > 0) noteFault(request.log, 'not-ready', { faults }, 'not ready');
      return reply
        .code(faults.length > 0 ? 503 : 200)
        .type('text/plain')
        .send(faults.length > 0 ? `${faults.join('\n')}\n` : 'OK');
    });
    app.get('/metrics', async (_request, reply) => {
      const all = sumCounts([own(), ...siblings.others()]);
      const measures = AggregatorRegistry.aggregate([(await registry.getMetricsAsJSON()) as object[], ...(all.measures ?? [])] as never);
      const lines = [
        '# HELP runledger_workers Server processes on this port: requests and memory are those of all of them.',
        '# TYPE runledger_workers gauge',
        `runledger_workers ${siblings.workers}`,
        '# TYPE runledger_http_requests_total counter',
        ...Object.entries(all.byStatus).map(([status, count]) => `runledger_http_requests_total{status="${status}"} ${count}`),
        '# TYPE process_resident_memory_bytes gauge',
        `process_resident_memory_bytes ${all.memory}`,
        '# HELP process_uptime_seconds Of the process that answers.',
        '# TYPE process_uptime_seconds gauge',
        `process_uptime_seconds ${process.uptime().toFixed(0)}`,
      ];
      return reply.type('text/plain; version=0.0.4').send(`${lines.join('\n')}\n\n${await measures.metrics()}`);
    });
  };
