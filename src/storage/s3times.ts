// How long an S3 server may be silent. Without limits a server behind a broken network hangs whatever asks it, for ever.
import type { IncomingMessage } from 'node:http';

export const CONNECT_MS = 3_000;
/** From the request to the headers of its answer. AWS takes well under a second. */
export const ANSWER_MS = 6_000;
export const READY_MS = 1_400;
/** For putting many parts together: some servers copy them. */
export const COMPLETE_MS = 120_000;
/** A body that nothing arrives of, or that nobody reads. */
export const SILENT_MS = 60_000;

/** For a request with a body of so many bytes: 1 MB a second at least. */
export const sendingMs = (bytes: number): number => ANSWER_MS + Math.ceil(bytes / 1_000);

/** Breaks the body off once it has been silent for too long. */
export function endingWhenSilent(body: IncomingMessage): IncomingMessage {
  body.setTimeout?.(SILENT_MS, () => body.destroy(new Error('The artifact store stopped sending.')));
  return body;
}
