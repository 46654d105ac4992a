import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';

/** The settings a process needs to be believed by the others, and to know them. */
export interface InternalKeyConfig {
  /** The service's own Ed25519 key, PKCS8 PEM. */
  RECADO_INTERNAL_KEY: string;
  /** JSON: service → its public key, or a list of them while one is replaced. */
  RECADO_INTERNAL_PUBLIC_KEYS: string;
}

export interface PublicKey {
  service: string;
  /** Names the key in a token's header. */
  id: string;
  pem: string;
}

/** @throws Error when it is not an Ed25519 key in PKCS8 PEM */
export function readPrivateKey(pem: string): KeyObject {
  const key = createPrivateKey(pem);
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('must be an Ed25519 key');
  return key;
}

/** The text of a key in RECADO_INTERNAL_PUBLIC_KEYS: SPKI DER in base64, the body of its PEM. */
export function publicKeyText(key: KeyObject): string {
  const half = key.type === 'private' ? createPublicKey(key) : key;
  return half.export({ type: 'spki', format: 'der' }).toString('base64');
}

export const keyId = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 16);

/** @throws Error for other JSON, or for one key under two services: it would speak for both */
export function readPublicKeys(json: string): PublicKey[] {
  const keys: PublicKey[] = [];
  for (const [service, given] of Object.entries(parse(json))) {
    for (const text of [given].flat()) {
      const id = keyId(text);
      const other = keys.find((one) => one.id === id);
      if (other && other.service !== service) throw new Error(`gives ${other.service} and ${service} the same key`);
      keys.push({ service, id, pem: toPem(service, text) });
    }
  }
  if (keys.length === 0) throw new Error('names no key');
  return keys;
}

function parse(json: string): Record<string, string | string[]> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new Error('must be JSON: service → public key');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.values(value).flat().every(isText))
    throw new Error('must be JSON: service → public key');
  return value as Record<string, string | string[]>;
}

const isText = (value: unknown): value is string => typeof value === 'string';

function toPem(service: string, text: string): string {
  try {
    const key = createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' });
    if (key.asymmetricKeyType !== 'ed25519') throw new Error('another kind');
    return key.export({ type: 'spki', format: 'pem' }).toString();
  } catch {
    throw new Error(`has a key of ${service} that is not Ed25519 (SPKI DER in base64)`);
  }
}
