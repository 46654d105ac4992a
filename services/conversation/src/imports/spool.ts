import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { AppError } from '@recado/service-kit';

const FOLDER = join(tmpdir(), 'recado-imports');
const OLD_MS = 3600_000;

/**
 * Gives `work` the path of a file with the bytes of a stream, and removes it. The path is of our
 * own making: no name that a client sent gets into it.
 * @throws AppError `payload_too_large` beyond `maxBytes`
 */
export async function withSpooled<T>(source: Readable, maxBytes: number, work: (path: string) => Promise<T>) {
  await mkdir(FOLDER, { recursive: true, mode: 0o700 });
  const path = join(FOLDER, randomUUID());
  try {
    await write(source, path, maxBytes);
    return await work(path);
  } finally {
    await rm(path, { force: true });
  }
}

async function write(source: Readable, path: string, maxBytes: number): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  let size = 0;
  try {
    // A source that is refused is not destroyed: its sender must still hear why.
    for await (const chunk of source.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes) throw new AppError('payload_too_large', 'The file is too large');
      await file.write(chunk);
    }
  } finally {
    await file.close();
  }
}

/** Removes what killed processes left behind. */
export async function sweepSpool(): Promise<void> {
  for (const name of await readdir(FOLDER).catch(() => [])) {
    const found = await stat(join(FOLDER, name)).catch(() => null);
    if (found && Date.now() - found.mtimeMs > OLD_MS) await rm(join(FOLDER, name), { force: true });
  }
}
