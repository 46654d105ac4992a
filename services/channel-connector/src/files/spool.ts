import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { AppError } from '@recado/service-kit';

/** A file on its way into the storage. */
export interface Spooled {
  path: string;
  size: number;
  /** Hex. */
  sha256: string;
}

export interface Spool {
  /** A path for something that is being made. */
  path(): string;
  /**
   * Writes a stream to this machine's disk, a piece at a time.
   * @throws AppError `payload_too_large` beyond `maxBytes`
   */
  write(source: Readable, maxBytes: number): Promise<Spooled>;
  sizeOf(path: string): Promise<number>;
  read(path: string): Readable;
  remove(...paths: string[]): Promise<void>;
  /** Removes what killed processes left behind. */
  sweep(olderThanMs: number): Promise<void>;
}

/** Files are whole on disk before they are looked at: an object store wants their size first. */
export function createSpool(folder: string): Spool {
  const path = () => join(folder, randomUUID());
  const remove = async (...paths: string[]) => {
    await Promise.all(paths.map((one) => rm(one, { force: true })));
  };
  return {
    path,
    remove,
    read: (path) => createReadStream(path),
    sizeOf: async (path) => (await stat(path)).size,
    async write(source, maxBytes) {
      await mkdir(folder, { recursive: true });
      const to = path();
      const hash = createHash('sha256');
      let size = 0;
      const file = await open(to, 'wx');
      try {
        // A source that is refused is not destroyed: its sender must still hear why.
        for await (const chunk of source.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
          size += chunk.length;
          if (size > maxBytes) throw tooLarge();
          hash.update(chunk);
          await file.write(chunk);
        }
      } catch (error) {
        await remove(to);
        throw error;
      } finally {
        await file.close();
      }
      return { path: to, size, sha256: hash.digest('hex') };
    },
    async sweep(olderThanMs) {
      for (const name of await readdir(folder).catch(() => [])) {
        const found = await stat(join(folder, name)).catch(() => null);
        if (found && Date.now() - found.mtimeMs > olderThanMs) await remove(join(folder, name));
      }
    },
  };
}

export const tooLarge = () => new AppError('payload_too_large', 'The file is too large');
