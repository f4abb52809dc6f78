// A small HTTP client that keeps its connections: seeding and checking at the speed of the server, not of `fetch`. Measures nothing.
import { Agent, request } from 'node:http';

export type Answer = { status: number; text: string };
export class HttpError extends Error {}

const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/** Sends one request and reads the whole answer. A body that isn't text is sent as JSON. */
export function send(method: string, address: string, headers: Record<string, string>, body?: unknown): Promise<Answer> {
  const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const sent = text === undefined ? headers : { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
    const outgoing = request(address, { method, agent, headers: sent, timeout: 600_000 }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
    });
    outgoing.on('error', reject);
    outgoing.on('timeout', () => outgoing.destroy(new Error(`No answer from ${address} for ten minutes.`)));
    outgoing.end(text);
  });
}

/** Runs `work` for 0 … count-1, `width` at a time, in order of their start. The first failure ends it. */
export async function inParallel(count: number, width: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < count) await work(next++);
  };
  try {
    await Promise.all(Array.from({ length: Math.min(width, count) }, lane));
  } catch (error) {
    next = count;
    throw error;
  }
}

export function closeConnections(): void {
  agent.destroy();
}
