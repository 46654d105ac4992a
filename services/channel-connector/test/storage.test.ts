import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { type S3Sandbox, startS3 } from '@recado/sandbox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyOf } from '../src/files/keys.ts';
import { openStorage } from '../src/files/storage/open-storage.ts';
import { MissingObject, type Storage } from '../src/files/storage/storage.ts';

const KEY = keyOf('018f541a-e00a-4dca-88f5-661340393228', '018f541a-e00a-7dca-88f5-66134039322b');
let folder: string;
let s3: S3Sandbox;
const open: Storage[] = [];

beforeAll(async () => {
  [folder, s3] = await Promise.all([mkdtemp(join(tmpdir(), 'recado-storage-')), startS3()]);
});
afterAll(async () => {
  await Promise.all(open.map((storage) => storage.close()));
  await s3.stop();
  await rm(folder, { recursive: true });
});

function bucket({ secret = s3.keys.secretAccessKey, name = s3.bucket } = {}): Storage {
  const url = `s3://${name}/a prefix?endpoint=${encodeURIComponent(s3.url)}&region=sa-east-1`;
  const storage = openStorage(url, `${s3.keys.accessKeyId}:${secret}`);
  open.push(storage);
  return storage;
}

async function fileOf(content: string): Promise<string> {
  const path = join(folder, `given-${Math.random()}`);
  await writeFile(path, content);
  return path;
}

describe.each(['disk', 's3'])('the storage on %s', (kind) => {
  const make = () => (kind === 's3' ? bucket() : openStorage(pathToFileURL(join(folder, 'root')).href, undefined));

  it('keeps a file, gives a part of it, and removes it', async () => {
    const storage = make();
    await storage.check();
    await storage.put(KEY, await fileOf('0123456789'), 'text/plain');
    expect(await text(await storage.read(KEY))).toBe('0123456789');
    expect(await text(await storage.read(KEY, { start: 2, end: 4 }))).toBe('234');
    await storage.remove(KEY);
    await storage.remove(KEY);
    await expect(storage.read(KEY)).rejects.toThrow(MissingObject);
  });
});

describe('the storage on s3', () => {
  it('tries again when it is asked to slow down', async () => {
    s3.slowDown(2);
    await bucket().put(KEY, await fileOf('x'), 'text/plain');
    expect(s3.list()).toEqual([`a prefix/${KEY}`]);
  });

  it('says in S3’s words why it stores nothing', async () => {
    await expect(bucket({ secret: 'wrong' }).read(KEY)).rejects.toThrow('403 SignatureDoesNotMatch');
    await expect(bucket({ name: 'nowhere' }).put(KEY, await fileOf('x'), 'a/b')).rejects.toThrow('404 NoSuchBucket');
  });
});

it('the storage on disk leaves no part of a file behind', async () => {
  const root = join(folder, 'whole');
  const storage = openStorage(pathToFileURL(root).href, undefined);
  await storage.put(KEY, await fileOf('x'), 'text/plain');
  const found = await readdir(root, { recursive: true });
  expect(found.filter((name) => name.includes('.'))).toEqual([]);
});
