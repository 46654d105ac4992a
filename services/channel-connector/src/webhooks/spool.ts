import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeFrames, encodeFrames, uuidv7, type WebhookFrame } from '@recado/contracts';
import { type Loop, pauseAfter, startLoop } from '@recado/loops';
import type { Logger } from '@recado/service-kit';

const MB = 1024 * 1024;
/** `total`: more than hours of a busy server's events. `channel`: others must find room as well. */
const PROVED = { total: 256 * MB, channel: 16 * MB };
/** Of what is beyond its number's limit: a flood takes no room that an outage needs. */
const LIMITED = { total: 64 * MB, channel: 8 * MB };
/** Of what may be anybody's. */
const UNPROVED = { total: 16 * MB, channel: MB };
const AT_ONCE = 50;
/** Failures of a round after which the store counts as away. */
const MAX_FAILURES = 3;
const LOOK_MS = 1000;
/** Tries of a webhook that fails by itself; then it is parked. */
const MAX_TRIES = 8;
/** A file that is still being written is younger. */
const LEFTOVER_MS = 10 * 60_000;
const SUFFIX = '.frame';
/** An operator may give it the other ending again. */
const PARKED = '.parked';

export interface WebhookSpool {
  /**
   * False when it could not be kept: the disk is full, or the spool is.
   * @param proved whether its secret is known to be right
   * @param limited its number received more than its plan allows
   */
  keep(frame: WebhookFrame, proved: boolean, limited?: boolean): Promise<boolean>;
  stop(): Promise<void>;
}

export interface SpoolOptions {
  /** A folder of this machine. */
  folder: string;
  log: Logger;
  /**
   * The status of each webhook. 429 and 503 keep it here; 500 does so for eight tries, as the fault
   * may be its own.
   */
  accept(frames: WebhookFrame[]): Promise<readonly number[]>;
  /** A webhook was given up; its file stays. */
  onParked(): void;
  /** Milliseconds between two looks; the pauses after failures begin with it. */
  lookMs?: number;
}

/** What became of a file: `later` is its own channel's trouble, `failed` may be everybody's. */
type Result = 'done' | 'later' | 'failed';

/** The last letter of a file's name: proved, limited or unproved. */
const ROOMS = { p: PROVED, l: LIMITED, u: UNPROVED };
type Room = keyof typeof ROOMS;

/** A file of the spool: `<UUIDv7>_<channel>_<p, l or u>.frame`. */
interface Kept {
  channelId: string;
  room: Room;
  bytes: number;
}

/**
 * Keeps webhooks on disk that could not be stored and that their sender will not send again. Each
 * channel has an order of its own, so one that cannot be accepted delays no other.
 */
export function createWebhookSpool(options: SpoolOptions): WebhookSpool {
  const { folder, log, accept, onParked, lookMs = LOOK_MS } = options;
  const room = createRoom();
  /** Tries that failed by themselves, by file, and when the next one is due. */
  const tries = new Map<string, { count: number; dueAt: number }>();
  /** Failures in a row, by channel: the others go first. */
  const failures = new Map<string, number>();
  let known: Promise<void> | null = null;
  const loop: Loop = startLoop({
    round: replay,
    log,
    failure: 'webhooks of the spool could not be accepted, trying again',
    failurePauseMs: lookMs,
  });

  function measured(): Promise<void> {
    known ??= measure().catch((error: unknown) => {
      known = null;
      throw error;
    });
    return known;
  }

  /** What a process before this one left behind. */
  async function measure(): Promise<void> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (const name of await readdir(folder)) {
      const path = join(folder, name);
      const file = await stat(path).catch(ignoreMissing);
      if (file === null) continue;
      if (name.endsWith(SUFFIX) || name.endsWith(PARKED)) room.add(keptOf(name, file.size));
      else if (Date.now() - file.mtimeMs > LEFTOVER_MS) await rm(path, { force: true });
    }
  }

  async function replay(): Promise<number> {
    await measured();
    if (room.isEmpty()) return lookMs;
    const channels = Map.groupBy(await list(folder), channelOf);
    const order = [...channels.keys()].sort((a, b) => (failures.get(a) ?? 0) - (failures.get(b) ?? 0));
    let left = AT_ONCE;
    let failed = 0;
    for (const channelId of order) {
      for (const name of channels.get(channelId)!) {
        if (left-- === 0) return 0;
        const result = await take(name);
        if (result === 'done') {
          failures.delete(channelId);
          continue;
        }
        failures.set(channelId, (failures.get(channelId) ?? 0) + 1);
        if (result === 'failed' && ++failed === MAX_FAILURES) return lookMs;
        break;
      }
    }
    for (const channelId of failures.keys()) if (!channels.has(channelId)) failures.delete(channelId);
    return lookMs;
  }

  async function take(name: string): Promise<Result> {
    const path = join(folder, name);
    if ((tries.get(name)?.dueAt ?? 0) > performance.now()) return 'later';
    const body = await readFile(path).catch(ignoreMissing);
    if (body === null) return 'done';
    const frames = readFrames(body);
    if (frames === null) return park(name, 'it is damaged');
    const [status] = await accept(frames);
    if (status === 503) return 'failed';
    if (status === 429) return 'later';
    if (status === 500) return countTry(name);
    if (status !== 200) log.warn({ status }, 'a webhook of the spool was refused');
    await rm(path, { force: true });
    room.remove(keptOf(name, body.length));
    tries.delete(name);
    return 'done';
  }

  /** Parks what failed by itself too often. */
  function countTry(name: string): Promise<Result> | Result {
    const count = (tries.get(name)?.count ?? 0) + 1;
    if (count === MAX_TRIES) return park(name, 'it cannot be stored');
    tries.set(name, { count, dueAt: performance.now() + pauseAfter(count, { firstMs: lookMs }) });
    return 'later';
  }

  async function park(name: string, why: string): Promise<Result> {
    await rename(join(folder, name), join(folder, name.slice(0, -SUFFIX.length) + PARKED));
    tries.delete(name);
    log.error({ file: name, why }, 'a webhook of the spool is parked');
    onParked();
    return 'done';
  }

  return {
    async keep(frame, proved, limited = false) {
      try {
        await measured();
        const body = encodeFrames([frame]);
        const name = `${uuidv7()}_${frame.channelId}_${proved ? (limited ? 'l' : 'p') : 'u'}${SUFFIX}`;
        const kept = keptOf(name, body.length);
        if (!room.fits(kept)) throw new Error('The spool of webhooks is full');
        room.add(kept);
        await write(folder, name, body).catch((error: unknown) => {
          room.remove(kept);
          throw error;
        });
        return true;
      } catch (err) {
        log.error({ err, channelId: frame.channelId }, 'a webhook that will not come again could not be kept');
        return false;
      }
    },
    stop: () => loop.stop(),
  };
}

/** Bytes that are taken, in all and by each channel. */
function createRoom() {
  const total: Record<Room, number> = { p: 0, l: 0, u: 0 };
  const channels = new Map<string, number>();
  const keyOf = ({ channelId, room }: Kept) => `${channelId} ${room}`;
  const count = (kept: Kept, bytes: number) => {
    const taken = Math.max(0, (channels.get(keyOf(kept)) ?? 0) + bytes);
    if (taken === 0) channels.delete(keyOf(kept));
    else channels.set(keyOf(kept), taken);
    total[kept.room] = Math.max(0, total[kept.room] + bytes);
  };
  return {
    fits(kept: Kept): boolean {
      const max = ROOMS[kept.room];
      return total[kept.room] + kept.bytes <= max.total && (channels.get(keyOf(kept)) ?? 0) + kept.bytes <= max.channel;
    },
    add: (kept: Kept) => count(kept, kept.bytes),
    remove: (kept: Kept) => count(kept, -kept.bytes),
    isEmpty: () => total.p === 0 && total.l === 0 && total.u === 0,
  };
}

const channelOf = (name: string): string => name.split('_')[1] ?? '';

/** A file of an older version has the time alone in its name. */
const keptOf = (name: string, bytes: number): Kept => ({
  channelId: channelOf(name),
  room: (/_([lu])\.[a-z]+$/.exec(name)?.[1] ?? 'p') as Room,
  bytes,
});

/** Null for a file that is damaged. */
function readFrames(body: Uint8Array): WebhookFrame[] | null {
  try {
    return decodeFrames(body);
  } catch {
    return null;
  }
}

/** Another copy of this service may have taken it. */
function ignoreMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}

/** Oldest first: names begin with a UUIDv7. */
const list = async (folder: string): Promise<string[]> =>
  (await readdir(folder)).filter((name) => name.endsWith(SUFFIX)).sort();

/** Whole and on disk, or not there. */
async function write(folder: string, name: string, body: Uint8Array): Promise<void> {
  const path = join(folder, name.slice(0, -SUFFIX.length));
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(body);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(path, join(folder, name));
  const entries = await open(folder, 'r');
  await entries.sync().finally(() => entries.close());
}
