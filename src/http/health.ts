// What load balancers, monitors and old clients ask without signing in: /health, /ready, /version, /metrics.
import { readFileSync } from 'node:fs';
import type { FastifyPluginAsync } from 'fastify';
import type { Deps } from '../context.ts';
import { ping } from '../db/ping.ts';

/** The MLflow version whose protocol this is. Clients choose features by it. */
export const MLFLOW_VERSION = '3.12.0';
export const VERSION: string = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;

export const healthRoutes =
  (deps: Deps): FastifyPluginAsync =>
  async (app) => {
    const byStatus = new Map<number, number>();
    app.get('/health', async (_request, reply) => reply.type('text/plain').send('OK'));
    app.get('/version', async (_request, reply) => reply.type('text/plain').send(MLFLOW_VERSION));
    app.get('/ready', async (request, reply) => {
      const faults: string[] = [];
      await ping(deps.db).catch(() => faults.push('database'));
      await deps.store.ready().catch(() => faults.push('artifact store'));
      if (faults.length > 0) request.log.warn({ faults }, 'not ready');
      return reply
        .code(faults.length > 0 ? 503 : 200)
        .type('text/plain')
        .send(faults.length > 0 ? `not answering: ${faults.join(', ')}` : 'OK');
    });
    app.get('/metrics', async (_request, reply) => {
      const memory = process.memoryUsage();
      const lines = [
        '# TYPE runledger_http_requests_total counter',
        ...[...byStatus].map(([status, count]) => `runledger_http_requests_total{status="${status}"} ${count}`),
        '# TYPE process_resident_memory_bytes gauge',
        `process_resident_memory_bytes ${memory.rss}`,
        '# TYPE process_uptime_seconds gauge',
        `process_uptime_seconds ${process.uptime().toFixed(0)}`,
      ];
      return reply.type('text/plain; version=0.0.4').send(`${lines.join('\n')}\n`);
    });
    // Encapsulation would keep the hook to these routes; the counter is for the whole server.
    app.server.on('request', (_request, response) => {
      response.once('finish', () => byStatus.set(response.statusCode, (byStatus.get(response.statusCode) ?? 0) + 1));
    });
  };
