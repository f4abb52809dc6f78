// What an S3 server's faults mean to whoever asked us. Either a user's mistake, or nothing there, or a store that is away, full, gone, or refuses
// us.
import { AppError, invalid, notFound, StartError } from '../lib/errors.ts';
import { type StoreFault, storeUnavailable, whyUnready } from './faults.ts';

type S3Fault = { name?: string; code?: string; $metadata?: { httpStatusCode?: number } } | null;

export const statusOf = (error: unknown): number | undefined => (error as S3Fault)?.$metadata?.httpStatusCode;
export const isAbsent = (error: unknown): boolean => ['NoSuchKey', 'NotFound'].includes((error as S3Fault)?.name ?? '');

const BAD_NAME =
  /^(KeyTooLong|XMinioInvalidObjectName|XMinioObject.*|XMinioParentIsObject|ObjectParentIsFile|ExistingObjectIsDirectory|ErrExistingObject.*)/;
const BAD_PARTS = ['InvalidPart', 'InvalidPartOrder', 'EntityTooSmall', 'MalformedXML', 'InvalidPartNumber', 'InvalidArgument', 'InvalidRequest'];

const STORE_FAULTS: [RegExp, StoreFault][] = [
  [/^NoSuchBucket$/, 'missing'],
  [
    /^(AccessDenied|AllAccessDisabled|AccountProblem|InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken|InvalidToken|CredentialsProviderError)$/,
    'forbidden',
  ],
  [/^(QuotaExceeded|XMinioStorageFull|InsufficientStorage|ServiceQuotaExceededException)$/, 'full'],
  // Node's own codes, and the SDK's for a silent server.
  [/^(E[A-Z]{3,}[A-Z_]*|TimeoutError|AbortError|RequestTimeout|SlowDown|ServiceUnavailable|InternalError)$/, 'away'],
];

const faultOf = (status: number | undefined): StoreFault | undefined => {
  if (status === 403 || status === 401) return 'forbidden';
  if (status === 507) return 'full';
  return status !== undefined && status >= 500 ? 'away' : undefined;
};

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
  const fault = STORE_FAULTS.find(([pattern]) => pattern.test(name) || pattern.test(code))?.[1] ?? faultOf(status);
  if (fault) return storeUnavailable(fault, brief(error));
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

export const isMissingBucket = (error: unknown): boolean => error instanceof AppError && error.reason === 'artifact-store-missing';

/** For whoever starts the server. */
export const cannotUse = (where: string, error: unknown): StartError =>
  new StartError(
    `The artifact store ${where} can't be used: it ${whyUnready(error)}. Check RUNLEDGER_ARTIFACTS, AWS_ENDPOINT_URL_S3, AWS_REGION and the keys, and that it can be reached from here.`,
  );
