// What an S3 server's faults mean to whoever asked us: a user's mistake, nothing there, or a store that is away.
import { AppError, invalid, notFound } from '../lib/errors.ts';

type S3Fault = { name?: string; code?: string; $metadata?: { httpStatusCode?: number } } | null;

export const statusOf = (error: unknown): number | undefined => (error as S3Fault)?.$metadata?.httpStatusCode;
export const isAbsent = (error: unknown): boolean => ['NoSuchKey', 'NotFound'].includes((error as S3Fault)?.name ?? '');

const BAD_NAME =
  /^(KeyTooLong|XMinioInvalidObjectName|XMinioObject.*|XMinioParentIsObject|ObjectParentIsFile|ExistingObjectIsDirectory|ErrExistingObject.*)/;
const BAD_PARTS = ['InvalidPart', 'InvalidPartOrder', 'EntityTooSmall', 'MalformedXML', 'InvalidPartNumber', 'InvalidArgument', 'InvalidRequest'];

function meaning(error: unknown): unknown {
  if (error instanceof AppError) return error;
  const { name = '', code = '' } = (error as S3Fault) ?? {};
  const status = statusOf(error);
  if (name === 'NoSuchUpload') return notFound('No such multipart upload. It may have been completed or aborted.');
  if (name === 'InvalidRange') return new AppError('RANGE_NOT_SATISFIABLE', 'The range lies outside the file.');
  if (name === 'EntityTooLarge') return new AppError('TOO_LARGE', 'The file is larger than the artifact store takes.');
  if (BAD_NAME.test(name))
    return invalid('Invalid path: the artifact store does not take that name (one of its folders is a file, or it is too long).');
  if (BAD_PARTS.includes(name)) return invalid(`The artifact store refused it: ${(error as Error).message}`);
  if ((status !== undefined && status >= 500) || /^(E[A-Z]+|TimeoutError)$/.test(code || name)) {
    return Object.assign(new AppError('UNAVAILABLE', 'The artifact store is not reachable right now. Try again in a moment.'), {
      cause: brief(error),
    });
  }
  return brief(error);
}

/** For the log. The SDK's own errors drag sockets and whole responses along. */
const brief = (error: unknown) => new Error(`S3: ${(error as Error).name} (${statusOf(error) ?? 'no answer'}): ${(error as Error).message}`);

/** Runs `ask`; what it throws is an AppError wherever the fault is known. */
export async function s3Faults<R>(ask: () => Promise<R>): Promise<R> {
  try {
    return await ask();
  } catch (error) {
    throw meaning(error);
  }
}
