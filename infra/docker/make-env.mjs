// Prints a .env for docker-compose.yml, made of .env.example and fresh secrets:
//   node infra/docker/make-env.mjs > .env          for real providers
//   node infra/docker/make-env.mjs --dev > .env    with the sandbox in the place of WhatsApp and the model
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';

const secret = () => randomBytes(32).toString('hex');
const { privateKey } = generateKeyPairSync('ed25519');
const made = {
  POSTGRES_PASSWORD: secret(),
  RECADO_DATABASE_ROLE_PASSWORD: secret(),
  // nats-server reads it as a value of its configuration, where a digit at the front may begin a number.
  NATS_PASSWORD: `n${secret()}`,
  REDIS_PASSWORD: secret(),
  RECADO_INTERNAL_SECRET: secret(),
  RECADO_SECRETS_KEYS: `k1:${randomBytes(32).toString('base64')}`,
  RECADO_JWT_PRIVATE_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).trim().replaceAll('\n', '\\n'),
};
const dev = {
  COMPOSE_PROFILES: 'dev',
  RECADO_ENV: 'development',
  RECADO_ALLOW_PRIVATE_URLS: '1',
  RECADO_META_GRAPH_URL: 'http://sandbox:3190',
  RECADO_OPENAI_BASE_URL: 'http://sandbox:3190/openai/v1',
  RECADO_OPENAI_API_KEY: 'sandbox',
};
const settings = process.argv.includes('--dev') ? { ...made, ...dev } : made;
const example = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8');
process.stdout.write(
  example.replace(/^([A-Z_]+)=.*$/gm, (line, name) => (name in settings ? `${name}='${settings[name]}'` : line)),
);
