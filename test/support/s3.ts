// An S3 server in this process, over real HTTP, with its own folder. RUNLEDGER_TEST_S3 names another one (MinIO, versitygw) to run the same tests against.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import S3rver from '@20minutes/s3rver';
import type { Config } from '../../src/config.ts';

/** `directory`: where it keeps its buckets; null of another server. */
export type TestS3 = { config: Pick<Config, 'artifacts' | 's3'>; directory: string | null; close(): Promise<void> };

/** Each call gives another bucket, which doesn't exist yet. */
export async function startS3(): Promise<TestS3> {
  const artifacts = `s3://test-${randomBytes(6).toString('hex')}/some/prefix`;
  const other = process.env.RUNLEDGER_TEST_S3;
  if (other) return { config: { artifacts, s3: { endpoint: other, region: 'us-east-1' } }, directory: null, close: async () => {} };
  process.env.AWS_ACCESS_KEY_ID ??= 'S3RVER';
  process.env.AWS_SECRET_ACCESS_KEY ??= 'S3RVER';
  const directory = await mkdtemp(path.join(tmpdir(), 'runledger-s3-'));
  // It computes signatures of paths that end with a slash wrongly, so it is told not to mind them.
  const server = new S3rver({ address: '127.0.0.1', port: 0, directory, silent: true, allowMismatchedSignatures: true });
  const { port } = await server.run();
  return {
    config: { artifacts, s3: { endpoint: `http://127.0.0.1:${port}`, region: 'us-east-1' } },
    directory,
    async close() {
      await server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
