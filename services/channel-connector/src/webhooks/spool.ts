import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeFrames, encodeFrames, uuidv7, type WebhookFrame } from '@recado/contracts';
import { type Loop, startLoop } from '@recado/loops';
import type { Logger } from '@recado/service-kit';

/** More than hours of a busy server's events. */
const MAX_BYTES = 256 * 1024 * 1024;
const AT_ONCE = 50;
const LOOK_MS = 1000;
const SUFFIX = '.frame';

export interface WebhookSpool {
  /** False when it could not be kept: the disk is full, or the spool is. */
  keep(frame: WebhookFrame): Promise<boolean>;
  stop(): Promise<void>;
}

export interface SpoolOptions {
  /** A folder of this machine. */
  folder: string;
  log: Logger;
  /** The status of each webhook; 429 and 503 keep it here. */
  accept(frames: WebhookFrame[]): Promise<readonly number[]>;
}

/**
 * Keeps webhooks on disk that could not be stored and that their sender will not send again. They
 * are accepted in the order of their arrival once that works, also after a restart.
 */
export function createWebhookSpool({ folder, log, accept }: SpoolOptions): WebhookSpool {
  let bytes = 0;
  let isKnown = false;
  const loop: Loop = startLoop({
    round: replay,
    log,
    failure: 'webhooks of the spool could not be accepted, trying again',
    failurePauseMs: LOOK_MS,
  });

  /** What a process before this one left behind. */
  async function measure(): Promise<void> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const sizes = await Promise.all((await list(folder)).map(async (name) => (await stat(join(folder, name))).size));
    bytes = sizes.reduce((sum, size) => sum + size, 0);
    isKnown = true;
  }

  async function replay(): Promise<number> {
    if (!isKnown) await measure();
    if (bytes === 0) return LOOK_MS;
    const names = (await list(folder)).slice(0, AT_ONCE);
    if (names.length === 0) bytes = 0;
    for (const name of names) {
      const path = join(folder, name);
      const body = await readFile(path);
      const [status] = await accept(decodeFrames(body));
      if (status === 503 || status === 429) return LOOK_MS;
      if (status !== 200) log.warn({ status }, 'a webhook of the spool was refused');
      await rm(path, { force: true });
      bytes = Math.max(0, bytes - body.length);
    }
    return names.length === AT_ONCE ? 0 : LOOK_MS;
  }

  return {
    async keep(frame) {
      try {
        if (!isKnown) await measure();
        const body = encodeFrames([frame]);
        if (bytes + body.length > MAX_BYTES) throw new Error('The spool of webhooks is full');
        await write(folder, body);
        bytes += body.length;
        return true;
      } catch (err) {
        log.error({ err }, 'a webhook that will not come again could not be kept');
        return false;
      }
    },
    stop: () => loop.stop(),
  };
}

/** Oldest first: names are UUIDv7. */
const list = async (folder: string): Promise<string[]> =>
  (await readdir(folder)).filter((name) => name.endsWith(SUFFIX)).sort();

/** Whole and on disk, or not there. */
async function write(folder: string, body: Uint8Array): Promise<void> {
  const path = join(folder, uuidv7());
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(body);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(path, path + SUFFIX);
  const entries = await open(folder, 'r');
  await entries.sync().finally(() => entries.close());
}
