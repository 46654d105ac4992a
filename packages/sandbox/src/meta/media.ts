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
  /** Unix ms. */
  storedAt: number;
}

export interface MediaStore {
  put(media: { phoneNumberId: string; mimeType: string; filename: string | null; data: Buffer }): Media;
  /** Null also for an upload that is too old. */
  find(id: string): Media | null;
  list(): Media[];
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
export function checkUpload(mimeType: string, data: Buffer): void {
  const bare = bareType(mimeType);
  const max = accepted[bare];
  if (max === undefined) {
    const message = `Param file must be a file with one of the following types: ${Object.keys(accepted).join(', ')}. Received file of type '${bare}'.`;
    throw new GraphError(100, { message: `(#100) ${message}`, details: message });
  }
  const size = data.length;
  if (size === 0) throw new GraphError(131053, { details: 'The file is empty.' });
  if (size > max)
    throw new GraphError(131053, { details: `File size ${size} is over the limit of ${max} bytes for ${bare}.` });
  if (!looksLike(bare, data)) {
    const details = `File uploaded with mimetype as ${mimeType}, however on processing it is of type application/octet-stream.`;
    throw new GraphError(131053, { details });
  }
}

const bareType = (mimeType: string): string => mimeType.split(';')[0]!.trim().toLowerCase();

const begins =
  (...texts: string[]) =>
  (data: Buffer) =>
    texts.some((text) => data.toString('latin1', 0, text.length) === text);
const boxed = (data: Buffer) => data.toString('latin1', 4, 8) === 'ftyp';
const zipped = begins('PK\u0003\u0004');
const ole = begins('\u00d0\u00cf\u0011\u00e0');
const OFFICE = 'application/vnd.openxmlformats-officedocument';

/** What the first bytes of each type are. */
const LOOKS: Record<string, (data: Buffer) => boolean> = {
  'audio/aac': (data) => data[0] === 0xff && (data[1]! & 0xf6) === 0xf0,
  'audio/amr': begins('#!AMR'),
  'audio/mpeg': (data) => begins('ID3')(data) || (data[0] === 0xff && (data[1]! & 0xe0) === 0xe0),
  'audio/mp4': boxed,
  // Meta takes no other codec in OGG.
  'audio/ogg': (data) => begins('OggS')(data) && data.subarray(0, 512).includes('OpusHead'),
  'image/jpeg': begins('\u00ff\u00d8\u00ff'),
  'image/png': begins('\u0089PNG\r\n\u001a\n'),
  'image/webp': (data) => begins('RIFF')(data) && data.toString('latin1', 8, 12) === 'WEBP',
  'video/mp4': boxed,
  'video/3gpp': boxed,
  'application/pdf': begins('%PDF-'),
  'text/plain': (data) => !data.subarray(0, 4096).includes(0),
  'application/vnd.ms-powerpoint': ole,
  'application/msword': ole,
  'application/vnd.ms-excel': ole,
  [`${OFFICE}.wordprocessingml.document`]: zipped,
  [`${OFFICE}.presentationml.presentation`]: zipped,
  [`${OFFICE}.spreadsheetml.sheet`]: zipped,
};

/** Whether a file begins as its type does. */
export const looksLike = (type: string, data: Buffer): boolean => LOOKS[type]?.(data) ?? true;

/** Types of a file by the kind of message that shows it; a document may be any. */
const SHOWN: Record<string, readonly string[]> = {
  image: ['image/jpeg', 'image/png'],
  sticker: ['image/webp'],
  video: ['video/mp4', 'video/3gpp'],
  audio: ['audio/aac', 'audio/amr', 'audio/mpeg', 'audio/mp4', 'audio/ogg'],
};

/** Whether a message of this kind can show the file. Meta finds out after the send. */
export const canShow = (kind: string, { mimeType }: Media, voice = false): boolean =>
  voice ? bareType(mimeType) === 'audio/ogg' : (SHOWN[kind]?.includes(bareType(mimeType)) ?? true);

/** Uploaded and received files in memory, at most `maxBytes` of them; the oldest leave first. */
export function createMediaStore(ids: Ids, secret: string, ttlMs: () => number, maxBytes = 256 * MB): MediaStore {
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
      const copy = Buffer.from(data);
      const storedAt = Date.now();
      const media: Media = { id: ids.object(), phoneNumberId, mimeType, filename, sha256, data: copy, storedAt };
      files.set(media.id, media);
      bytes += data.length;
      for (const id of files.keys()) {
        if (bytes <= maxBytes || id === media.id) break;
        remove(id);
      }
      return media;
    },
    find(id) {
      const media = files.get(id);
      if (media && Date.now() - media.storedAt >= ttlMs()) remove(id);
      return files.get(id) ?? null;
    },
    list: () => [...files.values()],
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
