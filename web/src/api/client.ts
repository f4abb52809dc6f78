// Sends documents to /graphql and turns faults into ApiError. Knows how to authenticate, nothing of what is asked.
import { heard, lost } from './connection.ts';
import type { TypedDocumentString } from './documents.gen.ts';

export type Fault = { message: string; extensions?: { code?: string; requestId?: string; position?: number; argument?: string; reason?: string } };

/** What the server says went wrong, or that it can't be reached (`OFFLINE`). `position`: 0-based offset in a filter. `reason`: the rule that refused. */
export class ApiError extends Error {
  readonly code: string;
  readonly requestId: string | null;
  readonly position: number | null;
  readonly argument: string | null;
  readonly reason: string | null;

  constructor(message: string, code: string, requestId: string | null = null, extensions: Fault['extensions'] = {}) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.requestId = requestId;
    this.position = extensions.position ?? null;
    this.argument = extensions.argument ?? null;
    this.reason = extensions.reason ?? null;
  }
}

/** Whether it was asked wrongly, rather than that nothing could be answered. */
export const isMistake = (fault: ApiError): boolean => fault.code === 'INVALID_ARGUMENT';

const GONE = new Set([502, 503, 504]);

let lastId: string | null = null;
/** Of the last answer that came, whatever it was. */
export const lastRequestId = (): string | null => lastId;

export const serverUrl = (path: string): URL => new URL(path, document.baseURI);

/** The document is text at run time; codegen's type carries what goes in and out. */
export type Document<R, V> = TypedDocumentString<R, V>;

export async function send<R, V>(document: Document<R, V>, variables: V, token: string | null, signal?: AbortSignal): Promise<R> {
  let response: Response;
  try {
    response = await fetch(serverUrl('graphql'), {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
      body: JSON.stringify({ query: document.toString(), variables }),
      signal: signal ?? null,
      credentials: 'omit',
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    lost();
    throw new ApiError('The server can not be reached. Is it running, and are you online?', 'OFFLINE');
  }
  const requestId = response.headers.get('x-request-id');
  lastId = requestId;
  const body = (await response.json().catch(() => null)) as { data?: R; errors?: Fault[] } | null;
  // A proxy answers for a server that is away.
  if (body === null && GONE.has(response.status)) {
    lost();
    throw new ApiError(`The server can not be reached: what stands before it answers ${response.status}.`, 'OFFLINE', requestId);
  }
  heard();
  const fault = body?.errors?.[0];
  if (fault) {
    const { extensions = {} } = fault;
    throw new ApiError(fault.message, extensions.code ?? 'INTERNAL', extensions.requestId ?? requestId, extensions);
  }
  if (!body?.data) throw new ApiError(`The server answered ${response.status} without data.`, 'INTERNAL', requestId);
  return body.data;
}
