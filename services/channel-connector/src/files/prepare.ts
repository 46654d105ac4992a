import type { Deps } from '../deps.ts';
import type { Converted } from './convert/task.ts';
import { keyOf } from './keys.ts';
import { findType } from './rules/content-type.ts';
import type { Spooled } from './spool.ts';
import type { StoredParts } from './store.ts';

/** A spooled file with what was made of it. */
export interface Prepared {
  parts: StoredParts;
  original: Spooled;
  thumbnail: string | null;
  playback: string | null;
}

type PrepareDeps = Pick<Deps, 'converter' | 'spool' | 'log'>;

/** Images that get a thumbnail. */
const IMAGES = new Set(['image/jpeg', 'image/png', 'image/webp', 'image/gif']);
/** Sounds that some browser does not play. */
const SOUNDS = new Set(['audio/ogg', 'audio/webm']);

/** Decides the type of a file, measures it and makes its thumbnail or the sound for browsers. */
export async function prepareFile(
  deps: PrepareDeps,
  spooled: Spooled,
  { claimed, name }: { claimed?: string | undefined; name: string },
): Promise<Prepared> {
  const type = await findType(spooled.path, claimed, name);
  const made = IMAGES.has(type)
    ? await convert(deps, spooled, 'thumbnail')
    : SOUNDS.has(type)
      ? await convert(deps, spooled, 'playback')
      : null;
  const isImage = IMAGES.has(type);
  return {
    parts: {
      type,
      size: spooled.size,
      storedBytes: spooled.size + (made?.size ?? 0),
      sha256: spooled.sha256,
      width: made?.width ?? null,
      height: made?.height ?? null,
      thumbnailType: isImage ? (made?.type ?? null) : null,
      playbackType: isImage ? null : (made?.type ?? null),
    },
    original: spooled,
    thumbnail: isImage ? (made?.path ?? null) : null,
    playback: isImage ? null : (made?.path ?? null),
  };
}

/** Null when nothing could be made: the file is kept as it is. */
async function convert(
  { converter, spool, log }: PrepareDeps,
  { path: from }: Spooled,
  kind: 'thumbnail' | 'playback',
): Promise<(Converted & { type: string; path: string; size: number }) | null> {
  const to = spool.path();
  try {
    const made = await converter.run({ kind, from, to });
    if (made.type === null) return null;
    return { ...made, type: made.type, path: to, size: await spool.sizeOf(to) };
  } catch (err) {
    log.info({ err, kind }, 'a file could not be converted and is kept as it is');
    await spool.remove(to);
    return null;
  }
}

/** Brings a prepared file into the storage. Its row is there already, so nothing is orphaned. */
export async function storePrepared(
  { storage }: Pick<Deps, 'storage'>,
  { tenantId, id }: { tenantId: string; id: string },
  { parts, original, thumbnail, playback }: Prepared,
): Promise<void> {
  if (thumbnail && parts.thumbnailType)
    await storage.put(keyOf(tenantId, id, 'thumbnail'), thumbnail, parts.thumbnailType);
  if (playback && parts.playbackType) await storage.put(keyOf(tenantId, id, 'playback'), playback, parts.playbackType);
  await storage.put(keyOf(tenantId, id), original.path, parts.type);
}

/** Removes what is left on this machine. */
export const dropPrepared = ({ spool }: Pick<Deps, 'spool'>, { original, thumbnail, playback }: Prepared) =>
  spool.remove(...[original.path, thumbnail, playback].filter((path) => path !== null));
