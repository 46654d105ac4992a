import { createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type RouteCaller, SERVICES, type ServiceName } from '@recado/contracts';
import { createInternalTokens, type InternalKeyConfig, type InternalTokens, publicKeyText } from '@recado/service-kit';
import { type RolePasswords, SERVICE_SCHEMAS, type StatefulService } from '@recado/testkit/servers';
import { readKept, writeKept } from './kept-file.ts';

/**
 * Everything secret of a local mesh. Made once, kept in `<dataDir>/secrets.json`, readable by its
 * owner alone.
 */
export interface Secrets {
  postgres: string;
  /** Of the operator's user. */
  nats: string;
  /** Of each service's user. */
  natsUsers: Record<ServiceName, string>;
  redis: string;
  /** RECADO_INTERNAL_KEY of each service and of the operator's commands: Ed25519, PKCS8 PEM. */
  internalKeys: Record<RouteCaller, string>;
  /** RECADO_SECRETS_KEYS */
  sealKeys: string;
  /** RECADO_JWT_PRIVATE_KEY: Ed25519, PKCS8 PEM */
  jwtPrivateKey: string;
  roles: RolePasswords;
}

const random = () => randomBytes(24).toString('hex');
const ed25519 = () => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

function makeSecrets(): Secrets {
  const services = Object.keys(SERVICE_SCHEMAS) as StatefulService[];
  return {
    postgres: random(),
    nats: random(),
    natsUsers: Object.fromEntries(SERVICES.map((one) => [one, random()])) as Secrets['natsUsers'],
    redis: random(),
    internalKeys: Object.fromEntries(
      [...SERVICES, 'operator'].map((one) => [one, ed25519()]),
    ) as Secrets['internalKeys'],
    sealKeys: `k1:${randomBytes(32).toString('base64')}`,
    jwtPrivateKey: ed25519(),
    roles: Object.fromEntries(services.map((one) => [one, { app: random(), worker: random() }])) as RolePasswords,
  };
}

/**
 * The secrets of the mesh whose data is in `dataDir`; made at the first call, and what an older
 * version did not have.
 */
export function loadSecrets(dataDir: string): Secrets {
  const path = join(dataDir, 'secrets.json');
  const kept = readKept<Partial<Secrets>>(path) ?? {};
  const fresh = makeSecrets();
  const lacking = Object.keys(fresh).filter((key) => !(key in kept));
  if (lacking.length === 0) return kept as Secrets;
  mkdirSync(dataDir, { recursive: true });
  const made = { ...fresh, ...kept };
  writeKept(path, made);
  return made;
}

/** How one of them is believed by the others. */
export function internalKeysOf(name: RouteCaller, { internalKeys }: Secrets): InternalKeyConfig {
  const known = Object.entries(internalKeys).map(([one, pem]) => [one, publicKeyText(createPrivateKey(pem))]);
  return {
    RECADO_INTERNAL_KEY: internalKeys[name],
    RECADO_INTERNAL_PUBLIC_KEYS: JSON.stringify(Object.fromEntries(known)),
  };
}

/** Signs as that one. */
export const internalTokensOf = (name: RouteCaller, secrets: Secrets): InternalTokens =>
  createInternalTokens(name, internalKeysOf(name, secrets));
