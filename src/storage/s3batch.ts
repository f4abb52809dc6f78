// S3's removal of up to 1,000 objects in one request, where the server takes it.
import { createHash } from 'node:crypto';
import { DeleteObjectsCommand, type S3Client } from '@aws-sdk/client-s3';
import { statusOf } from './s3faults.ts';

type Request = { headers?: Record<string, string>; body?: unknown };

/** The names that must be removed one by one, for what they are; or that the server doesn't take such requests. */
export async function removeBatch(client: S3Client, bucket: string, names: string[]): Promise<string[] | 'not understood'> {
  const command = new DeleteObjectsCommand({ Bucket: bucket, Delete: { Quiet: true, Objects: names.map((Key) => ({ Key })) } });
  // The SDK sends a CRC32; what came before that, and many servers still insist on, is an MD5.
  command.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as Request;
      if (typeof request.body === 'string' || request.body instanceof Uint8Array) {
        request.headers = { ...request.headers, 'content-md5': createHash('md5').update(request.body).digest('base64') };
      }
      return next(args);
    },
    { step: 'build', name: 'contentMd5' },
  );
  try {
    const done = await client.send(command);
    return (done.Errors ?? []).flatMap(({ Key }) => (Key === undefined ? [] : [Key]));
  } catch (error) {
    const status = statusOf(error);
    // 403: a role that may remove objects, but only by name.
    if (status !== undefined && status >= 400 && (status < 500 || status === 501)) return 'not understood';
    return names;
  }
}
