import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RolePasswords, SERVICE_SCHEMAS, type StatefulService } from '@recado/testkit/servers';

/** Everything secret of a local mesh. Made once, kept in `<dataDir>/secrets.json`, readable by its owner alone. */
export interface Secrets {
  postgres: string;
  nats: string;
  redis: string;
  /** RECADO_INTERNAL_SECRET */
  internal: string;
  /** RECADO_SECRETS_KEYS */
  sealKeys: string;
  /** RECADO_JWT_PRIVATE_KEY: Ed25519, PKCS8 PEM */
  jwtPrivateKey: string;
  roles: RolePasswords;
}

const random = () => randomBytes(24).toString('hex');

function makeSecrets(): Secrets {
  const services = Object.keys(SERVICE_SCHEMAS) as StatefulService[];
  return {
    postgres: random(),
    nats: random(),
    redis: random(),
    internal: random(),
    sealKeys: `k1:${randomBytes(32).toString('base64')}`,
    jwtPrivateKey: generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    roles: Object.fromEntries(services.map((one) => [one, { app: random(), worker: random() }])) as RolePasswords,
  };
}

/** The secrets of the mesh whose data is in `dataDir`; made at the first call. */
export function loadSecrets(dataDir: string): Secrets {
  const path = join(dataDir, 'secrets.json');
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as Secrets;
  mkdirSync(dataDir, { recursive: true });
  const made = makeSecrets();
  writeFileSync(path, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600 });
  return made;
}
