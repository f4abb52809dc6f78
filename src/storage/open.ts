// Chooses the artifact store by RUNLEDGER_ARTIFACTS: `file:///folder` or `s3://bucket/prefix`.
import { fileURLToPath } from 'node:url';
import type { Config } from '../config.ts';
import { LocalStore } from './local.ts';
import { S3Store } from './s3.ts';
import type { Store } from './store.ts';

/** Makes the folder or bucket if it is missing. Throws if the store can't be used. */
export async function openStore(config: Pick<Config, 'artifacts' | 's3'>): Promise<Store> {
  const s3 = /^s3:\/\/([^/]+)\/?(.*?)\/*$/.exec(config.artifacts);
  if (!s3) return LocalStore.open(fileURLToPath(config.artifacts));
  return S3Store.open({ bucket: s3[1]!, prefix: s3[2]!, endpoint: config.s3.endpoint, region: config.s3.region });
}
