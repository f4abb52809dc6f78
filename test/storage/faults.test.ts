// Stores that are silent, full, read-only, gone, or refuse the server: never a hang, never the caller's fault, and /ready knows which.
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { whyUnready } from '../../src/storage/faults.ts';
import { objectKeyOf } from '../../src/storage/objectKeys.ts';
import { openStore } from '../../src/storage/open.ts';
import type { Store } from '../../src/storage/store.ts';
import { throughProxy } from '../support/proxy.ts';
import { startS3 } from '../support/s3.ts';
import { smallDisk } from '../support/smallDisk.ts';

const MiB = 1024 * 1024;
async function* bytes(count: number) {
  for (let left = count; left > 0; left -= MiB) yield Buffer.alloc(Math.min(left, MiB), 1);
}
const put = (store: Store, name: string, size = 10) => store.put(objectKeyOf(1, name), bytes(size), { size });
const acts = (store: Store): Record<string, () => Promise<unknown>> => ({
  put: () => put(store, 'a/new'),
  get: () => store.get(objectKeyOf(1, 'a/file')),
  head: () => store.head(objectKeyOf(1, 'a/file')),
  list: () => store.list(objectKeyOf(1, 'a'), { limit: 10 }),
  remove: () => store.remove(objectKeyOf(1, 'a/other')),
  upload: () => store.uploads.create(objectKeyOf(1, 'a/parts')),
});

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

/** Each act in turn says it; those of `fine` don't meet it. */
async function expectAll(store: Store, reason: string, fine: string[] = []): Promise<void> {
  for (const [name, act] of Object.entries(acts(store)).filter(([one]) => !fine.includes(one)))
    await expect(act(), name).rejects.toMatchObject({ code: 'UNAVAILABLE', detail: { reason, retryAfter: expect.any(Number) } });
}
const why = (store: Store): Promise<string> =>
  store.ready().then(
    () => 'ready',
    (error) => whyUnready(error),
  );

describe('s3', () => {
  test('a silent store is told within seconds, by every act and by the start, and used again once it answers', async () => {
    const s3 = await startS3();
    cleanups.push(() => s3.close());
    const { url, proxy } = await throughProxy(s3.config.s3.endpoint!);
    cleanups.push(() => proxy.close());
    const config = { ...s3.config, s3: { ...s3.config.s3, endpoint: url.replace(/\/$/, '') } };
    const store = await openStore(config);
    await put(store, 'a/file');
    expect(await why(store)).toBe('ready');

    proxy.silence();
    expect(await why(store)).toMatch(/^does not answer/);
    const all = Object.values(acts(store)).map((act) =>
      act().then(
        () => 'done',
        (error) => error.detail?.reason,
      ),
    );
    expect(await Promise.all(all)).toEqual(all.map(() => 'artifact-store-away'));
    await expect(openStore(config)).rejects.toThrow(/can't be used: it does not answer.*AWS_ENDPOINT_URL_S3/);
    proxy.heal();
    await put(store, 'a/after');
    expect(await why(store)).toBe('ready');
  });

  test('a bucket that is taken away, and keys that are refused', async () => {
    const s3 = await startS3();
    cleanups.push(() => s3.close());
    if (s3.directory === null) return;
    const store = await openStore(s3.config);
    await put(store, 'a/file');
    const bucket = path.join(s3.directory, /^s3:\/\/([^/]+)/.exec(s3.config.artifacts)![1]!);
    await rename(bucket, `${bucket}-away`);
    await expectAll(store, 'artifact-store-missing');
    expect(await why(store)).toMatch(/^is not there/);
    await rename(`${bucket}-away`, bucket);
    expect(await store.head(objectKeyOf(1, 'a/file'))).toMatchObject({ size: 10 });

    const { AWS_ACCESS_KEY_ID: key } = process.env;
    process.env.AWS_ACCESS_KEY_ID = 'WRONG';
    try {
      await expect(openStore(s3.config)).rejects.toThrow(/refuses the server's access/);
    } finally {
      process.env.AWS_ACCESS_KEY_ID = key;
    }
  });
});

describe('local', () => {
  test('a folder that is taken away, or was never mounted', async () => {
    const parent = await mkdtemp(path.join(tmpdir(), 'runledger-gone-'));
    cleanups.push(() => rm(parent, { recursive: true, force: true }));
    const folder = path.join(parent, 'artifacts');
    const store = await openStore({ artifacts: `file://${folder}`, s3: { endpoint: undefined, region: undefined } });
    await put(store, 'a/file');
    await rename(folder, `${folder}-away`);
    await expectAll(store, 'artifact-store-missing');
    expect(await why(store)).toMatch(/^is not there/);
    await mkdir(folder);
    await expectAll(store, 'artifact-store-missing');
    await rm(folder, { recursive: true });
    await rename(`${folder}-away`, folder);
    expect(await why(store)).toBe('ready');
    expect(await store.get(objectKeyOf(1, 'a/none'))).toBeNull();
    expect(await store.head(objectKeyOf(1, 'a/file'))).toMatchObject({ size: 10 });
  });

  test('a disk that is full, and one that is read-only', async ({ skip }) => {
    const disk = await smallDisk(4);
    if (!disk) return skip('nothing can be mounted here');
    cleanups.push(() => disk.remove());
    const store = await openStore({ artifacts: `file://${disk.folder}/artifacts`, s3: { endpoint: undefined, region: undefined } });
    await put(store, 'a/file');
    await expect(put(store, 'a/large', 5 * MiB)).rejects.toMatchObject({ code: 'UNAVAILABLE', detail: { reason: 'artifact-store-full' } });
    // Nothing of it is left behind, so that smaller ones go in.
    expect(await why(store)).toBe('ready');
    await put(store, 'a/most', 3 * MiB + MiB / 2);
    expect(await why(store)).toMatch(/^has no space left/);
    disk.readOnly(true);
    await expectAll(store, 'artifact-store-read-only', ['get', 'head', 'list', 'remove']);
    await expect(store.remove(objectKeyOf(1, 'a/file'))).rejects.toMatchObject({ detail: { reason: 'artifact-store-read-only' } });
    expect(await why(store)).toMatch(/^(is read-only|has no space left)/);
    expect(await store.head(objectKeyOf(1, 'a/file'))).toMatchObject({ size: 10 });
    disk.readOnly(false);
    await store.remove(objectKeyOf(1, 'a/most'));
    expect(await why(store)).toBe('ready');
  });
});
