// Prints a .env for docker-compose.yml with fresh secrets:  node infra/docker/make-env.mjs > .env
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';

const secret = () => randomBytes(32).toString('hex');
const { privateKey } = generateKeyPairSync('ed25519');
const values = {
  POSTGRES_PASSWORD: secret(),
  RECADO_DATABASE_ROLE_PASSWORD: secret(),
  NATS_PASSWORD: secret(),
  REDIS_PASSWORD: secret(),
  RECADO_INTERNAL_SECRET: secret(),
  RECADO_SECRETS_KEYS: `k1:${randomBytes(32).toString('base64')}`,
  RECADO_JWT_PRIVATE_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).trim().replaceAll('\n', '\\n'),
};
const example = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8');
process.stdout.write(
  example.replace(/^([A-Z_]+)=$/gm, (line, name) => (name in values ? `${name}='${values[name]}'` : line)),
);
