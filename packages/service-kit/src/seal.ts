import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';

export interface Sealer {
  /**
   * Encrypts under the active key. `context` (a tenant's id, say) is bound in: the same is needed
   * to open.
   */
  seal(text: string, context?: string): string;
  /** @throws SealError when the key is unknown, the context another, or a bit was changed */
  open(sealed: string, context?: string): string;
  /** The same secret under the active key, or null when it already is. */
  rotate(sealed: string, context?: string): string | null;
  /**
   * Digests of a secret under each key, the active one first, to find rows by any of them. They
   * cannot be guessed without the ring.
   */
  digests(text: string, context: string): string[];
  /** Id of the key new secrets are sealed with. */
  activeKeyId: string;
}

/** Raised when a sealed text can't be opened; says why, never what. */
export class SealError extends Error {
  override readonly name = 'SealError';
}

const VERSION = 's1';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals secrets with AES-256-GCM under a key ring `id:base64,…`; the first key seals, the rest only
 * open. Sealed texts read `s1.<key id>.<base64url of iv, tag, ciphertext>`.
 * @throws when the ring is empty, an id repeats, or a key is not 32 bytes
 */
export function createSealer(keys: string): Sealer {
  const ring = parseRing(keys);
  const [activeKeyId] = ring.keys();
  if (activeKeyId === undefined) throw new Error('The key ring is empty');

  function seal(text: string, context = ''): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', ring.get(activeKeyId!)!, iv);
    cipher.setAAD(aad(activeKeyId!, context));
    const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return `${VERSION}.${activeKeyId}.${Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url')}`;
  }

  function open(sealed: string, context = ''): string {
    const [version, keyId, payload, rest] = sealed.split('.');
    if (version !== VERSION || !keyId || !payload || rest !== undefined) throw new SealError('Not a sealed text');
    const key = ring.get(keyId);
    if (!key) throw new SealError(`Sealed with key ${keyId}, which the ring does not hold`);
    const bytes = Buffer.from(payload, 'base64url');
    if (bytes.length < IV_BYTES + TAG_BYTES) throw new SealError('The sealed text is too short');
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(aad(keyId, context));
    decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    try {
      return decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
    } catch {
      throw new SealError('The sealed text was changed, or belongs to another context');
    }
  }

  return {
    activeKeyId,
    digests: (text, context) =>
      [...ring].map(
        ([id, key]) => `${id}.${createHmac('sha256', key).update(`${context}\0${text}`).digest('base64url')}`,
      ),
    seal,
    open,
    rotate: (sealed, context) =>
      sealed.startsWith(`${VERSION}.${activeKeyId}.`) ? null : seal(open(sealed, context), context),
  };
}

function aad(keyId: string, context: string): Buffer {
  return Buffer.from(`${VERSION}.${keyId}.${context}`);
}

function parseRing(keys: string): Map<string, Buffer> {
  const ring = new Map<string, Buffer>();
  for (const entry of keys.split(',').map((part) => part.trim())) {
    if (!entry) continue;
    const colon = entry.indexOf(':');
    const id = entry.slice(0, Math.max(colon, 0));
    if (!/^[\w-]{1,32}$/.test(id))
      throw new Error('A key of the ring reads id:base64, the id of letters, digits, - and _');
    const key = Buffer.from(entry.slice(colon + 1), 'base64');
    if (key.length !== 32) throw new Error(`Key ${id} of the ring is ${key.length} bytes long, not 32`);
    if (ring.has(id)) throw new Error(`Key ${id} stands in the ring twice`);
    ring.set(id, key);
  }
  return ring;
}
