import { createHmac, timingSafeEqual } from 'node:crypto';
import { FILE_VARIANTS, type FileVariant } from '@recado/contracts';

/** What a link leads to. */
export interface Linked {
  tenantId: string;
  fileId: string;
  variant: FileVariant;
}

export interface MediaLinks {
  /** A URL that works without a token for one to two hours. Within an hour it is the same. */
  make(linked: Linked, name: string): string;
  /** Null for a forged token; `expired`: it was ours. */
  read(token: string): (Linked & { expired: boolean }) | null;
}

export const MEDIA_PATH = '/media';
const HOUR_S = 3600;
const UUID_BYTES = 16;
const MAC_BYTES = 16;
const BODY_BYTES = 2 * UUID_BYTES + 5;

/**
 * Links for pages, which send no token with an image. Signed: one link shows one file,
 * and not for long.
 */
export function createMediaLinks({
  key,
  publicUrl,
  now = () => Date.now(),
}: {
  key: Buffer;
  publicUrl: string;
  now?: () => number;
}): MediaLinks {
  const macOf = (body: Buffer) => createHmac('sha256', key).update(body).digest().subarray(0, MAC_BYTES);
  return {
    make({ tenantId, fileId, variant }, name) {
      const body = Buffer.alloc(BODY_BYTES);
      writeUuid(body, tenantId, 0);
      writeUuid(body, fileId, UUID_BYTES);
      body.writeUInt8(FILE_VARIANTS.indexOf(variant), 2 * UUID_BYTES);
      // Whole hours, so that a browser keeps what it has shown.
      body.writeUInt32BE((Math.floor(now() / 1000 / HOUR_S) + 2) * HOUR_S, 2 * UUID_BYTES + 1);
      const token = Buffer.concat([body, macOf(body)]).toString('base64url');
      return `${publicUrl}${MEDIA_PATH}/${token}/${encodeURIComponent(name)}`;
    },
    read(token) {
      const bytes = Buffer.from(token, 'base64url');
      if (bytes.length !== BODY_BYTES + MAC_BYTES) return null;
      const body = bytes.subarray(0, BODY_BYTES);
      if (!timingSafeEqual(bytes.subarray(BODY_BYTES), macOf(body))) return null;
      const variant = FILE_VARIANTS[body.readUInt8(2 * UUID_BYTES)];
      if (!variant) return null;
      const expired = body.readUInt32BE(2 * UUID_BYTES + 1) * 1000 <= now();
      return { tenantId: readUuid(body, 0), fileId: readUuid(body, UUID_BYTES), variant, expired };
    },
  };
}

function writeUuid(body: Buffer, id: string, at: number): void {
  body.write(id.replaceAll('-', ''), at, UUID_BYTES, 'hex');
}

function readUuid(body: Buffer, at: number): string {
  const hex = body.toString('hex', at, at + UUID_BYTES);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
