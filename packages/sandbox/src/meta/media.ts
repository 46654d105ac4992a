import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Ids } from '../ids.ts';
import { GraphError } from './errors.ts';

export interface Media {
  id: string;
  phoneNumberId: string;
  mimeType: string;
  sha256: string;
  filename: string | null;
  data: Buffer;
}

export interface MediaStore {
  put(media: { phoneNumberId: string; mimeType: string; filename: string | null; data: Buffer }): Media;
  find(id: string): Media | null;
  remove(id: string): boolean;
  /** The path of a link that works until `expires` (seconds since 1970). */
  linkPath(id: string, expires: number): string;
  /** Whether the link's signature is ours. */
  isOurs(id: string, expires: string, hash: string): boolean;
  bytes(): number;
  clear(): void;
}

const MB = 1024 * 1024;
/** Accepted types and their sizes: developers.facebook.com, "Media", supported types. */
const accepted: Record<string, number> = {
  'audio/aac': 16 * MB,
  'audio/amr': 16 * MB,
  'audio/mpeg': 16 * MB,
  'audio/mp4': 16 * MB,
  'audio/ogg': 16 * MB,
  'image/jpeg': 5 * MB,
  'image/png': 5 * MB,
  'image/webp': 500 * 1024,
  'video/mp4': 16 * MB,
  'video/3gpp': 16 * MB,
  'text/plain': 100 * MB,
  'application/pdf': 100 * MB,
  'application/vnd.ms-powerpoint': 100 * MB,
  'application/msword': 100 * MB,
  'application/vnd.ms-excel': 100 * MB,
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 100 * MB,
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': 100 * MB,
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 100 * MB,
};

/** Refuses what Meta would not take. Throws GraphError. */
export function checkUpload(mimeType: string, size: number): void {
  const bare = mimeType.split(';')[0]!.trim().toLowerCase();
  const max = accepted[bare];
  if (max === undefined) {
    const message = `Param file must be a file with one of the following types: ${Object.keys(accepted).join(', ')}. Received file of type '${bare}'.`;
    throw new GraphError(100, { message: `(#100) ${message}`, details: message });
  }
  if (size === 0) throw new GraphError(131053, { details: 'The file is empty.' });
  if (size > max)
    throw new GraphError(131053, { details: `File size ${size} is over the limit of ${max} bytes for ${bare}.` });
}

/** Uploaded and received files in memory, at most `maxBytes` of them; the oldest leave first. */
export function createMediaStore(ids: Ids, secret: string, maxBytes = 256 * MB): MediaStore {
  const files = new Map<string, Media>();
  let bytes = 0;
  const remove = (id: string) => {
    const media = files.get(id);
    if (!media) return false;
    bytes -= media.data.length;
    return files.delete(id);
  };
  const hashOf = (id: string, expires: string) =>
    createHmac('sha256', secret).update(`${id}.${expires}`).digest('hex').slice(0, 32);
  return {
    put({ phoneNumberId, mimeType, filename, data }) {
      const sha256 = createHash('sha256').update(data).digest('hex');
      // A copy: the part would keep the whole upload's buffer alive.
      const media: Media = { id: ids.object(), phoneNumberId, mimeType, filename, sha256, data: Buffer.from(data) };
      files.set(media.id, media);
      bytes += data.length;
      for (const id of files.keys()) {
        if (bytes <= maxBytes || id === media.id) break;
        remove(id);
      }
      return media;
    },
    find: (id) => files.get(id) ?? null,
    remove,
    linkPath: (id, expires) =>
      `/whatsapp_business/attachments/?mid=${id}&ext=${expires}&hash=${hashOf(id, String(expires))}`,
    isOurs(id, expires, hash) {
      const expected = hashOf(id, expires);
      return hash.length === expected.length && timingSafeEqual(Buffer.from(hash), Buffer.from(expected));
    },
    bytes: () => bytes,
    clear() {
      files.clear();
      bytes = 0;
    },
  };
}
