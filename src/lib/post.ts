// One POST to somebody else's server: bounded in time and size, no redirects, no proxy, no reuse of connections.
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { checkLiteral, hostOf, publicLookup } from './addresses.ts';

export type PostOptions = { headers: Record<string, string>; body: string; timeoutMs: number; allowPrivate: boolean; signal?: AbortSignal };
/** `body`: its first 64 KB. `retryAfter`: the header, in seconds. */
export type PostAnswer = { status: number; body: string; retryAfter: number | null };

const MAX_ANSWER_BYTES = 64 * 1024;

async function readSome(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    parts.push(part);
    size += part.length;
    if (size >= MAX_ANSWER_BYTES) break;
  }
  return Buffer.concat(parts).subarray(0, MAX_ANSWER_BYTES).toString('utf8');
}

function readRetryAfter(header: string | undefined): number | null {
  const seconds = Number(header?.trim() || Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : null;
}

/** Throws PrivateAddress unless `allowPrivate`; errors of the network and of TLS; and `TimeoutError` or `AbortError`. */
export async function post(address: string, options: PostOptions): Promise<PostAnswer> {
  const url = new URL(address);
  if (!options.allowPrivate) checkLiteral(hostOf(url));
  const timeout = AbortSignal.timeout(options.timeoutMs);
  const signal = options.signal ? AbortSignal.any([timeout, options.signal]) : timeout;
  const send = url.protocol === 'https:' ? requestHttps : requestHttp;
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const request = send(url, {
        method: 'POST',
        headers: { ...options.headers, 'content-length': String(Buffer.byteLength(options.body)) },
        agent: false,
        signal,
        ...(!options.allowPrivate && { lookup: publicLookup }),
      });
      request.on('response', resolve);
      request.on('error', reject);
      request.end(options.body);
    });
    const body = await readSome(response);
    response.destroy();
    return { status: response.statusCode!, body, retryAfter: readRetryAfter(response.headers['retry-after']) };
  } catch (error) {
    if (timeout.aborted) throw new DOMException(`No answer within ${options.timeoutMs / 1000} s.`, 'TimeoutError');
    throw error;
  }
}
