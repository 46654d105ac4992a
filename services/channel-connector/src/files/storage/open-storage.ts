import { openDisk } from './disk.ts';
import { openBucket } from './s3.ts';
import type { Storage } from './storage.ts';

/**
 * `file:///var/lib/recado/media`, or `s3://bucket/prefix?endpoint=https://s3.example.com&region=…`.
 * @param key of S3: `<access key id>:<secret access key>`
 */
export function openStorage(url: string, key: string | undefined): Storage {
  if (url.startsWith('file:')) return openDisk(new URL(url));
  const [id = '', ...secret] = (key ?? '').split(':');
  return openBucket(new URL(url), { id, secret: secret.join(':') });
}
