import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MissingObject, type Storage } from './storage.ts';

const isMissing = (error: unknown) => (error as { code?: string }).code === 'ENOENT';

/** A folder of this machine, or a volume that all copies share. */
export function openDisk(url: URL): Storage {
  const root = fileURLToPath(url);
  const pathOf = (key: string) => join(root, key);
  return {
    // Beside the files, so that each is moved and not copied.
    spool: join(root, '.spool'),
    async put(key, path) {
      const target = pathOf(key);
      await mkdir(dirname(target), { recursive: true });
      await move(path, target);
      await syncFile(target);
    },
    async read(key, range) {
      const path = pathOf(key);
      // Opened here, so that a missing file is an error before the answer begins.
      await stat(path).catch((error: unknown) => {
        throw isMissing(error) ? new MissingObject(key) : error;
      });
      return createReadStream(path, range);
    },
    remove: (key) => rm(pathOf(key), { force: true }),
    async check() {
      await mkdir(root, { recursive: true });
      const probe = join(root, `.probe-${randomUUID()}`);
      await writeFile(probe, 'ok').finally(() => rm(probe, { force: true }));
    },
    async close() {},
  };
}

/** A file appears under its name when it is whole. */
async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as { code?: string }).code !== 'EXDEV') throw error;
    const part = `${to}.${randomUUID()}.part`;
    try {
      await copyFile(from, part);
      await rename(part, to);
      await rm(from, { force: true });
    } catch (failure) {
      await rm(part, { force: true });
      throw failure;
    }
  }
}

/** The row says that the file is there: a power cut must not make that wrong. */
async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r');
  await file.sync().finally(() => file.close());
}
