// Prints a new .env. `--dev`: with the sandbox in the place of WhatsApp and the model.
// `--internal-key conversation`: a new key of one service, to replace its old one.
import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';

const secret = () => randomBytes(32).toString('hex');
const oneLine = (key) => key.export({ type: 'pkcs8', format: 'pem' }).trim().replaceAll('\n', '\\n');
const ed25519 = () => generateKeyPairSync('ed25519').privateKey;
const publicText = (key) => createPublicKey(key).export({ type: 'spki', format: 'der' }).toString('base64');
const variable = (service) => service.replaceAll('-', '_').toUpperCase();

const stateful = ['identity', 'channel-connector', 'conversation', 'ai-responder', 'scheduler', 'analytics'];
const callers = ['gateway', ...stateful, 'operator'];

const at = process.argv.indexOf('--internal-key');
if (at > 0) {
  const service = process.argv[at + 1];
  if (!callers.includes(service)) {
    console.error(`Say which: ${callers.join(', ')}`);
    process.exit(2);
  }
  const key = ed25519();
  console.log(`RECADO_INTERNAL_KEY_${variable(service)}='${oneLine(key)}'`);
  console.log(`# its public key, to stand beside the old one: "${service}":["<old>","${publicText(key)}"]`);
  process.exit(0);
}

const internalKeys = callers.map((service) => ({ service, key: ed25519() }));
const made = {
  POSTGRES_PASSWORD: secret(),
  ...Object.fromEntries(
    stateful.flatMap((service) =>
      ['APP', 'WORKER'].map((role) => [`RECADO_DATABASE_PASSWORD_${variable(service)}_${role}`, secret()]),
    ),
  ),
  // nats-server reads it as a value of its configuration, where a digit at the front may begin a
  // number.
  ...Object.fromEntries(callers.map((user) => [`NATS_PASSWORD_${variable(user)}`, `n${secret()}`])),
  REDIS_PASSWORD: secret(),
  ...Object.fromEntries(
    internalKeys.map(({ service, key }) => [`RECADO_INTERNAL_KEY_${variable(service)}`, oneLine(key)]),
  ),
  RECADO_INTERNAL_PUBLIC_KEYS: JSON.stringify(
    Object.fromEntries(internalKeys.map(({ service, key }) => [service, publicText(key)])),
  ),
  RECADO_SECRETS_KEYS: `k1:${randomBytes(32).toString('base64')}`,
  RECADO_JWT_PRIVATE_KEY: oneLine(ed25519()),
};
const dev = {
  COMPOSE_PROFILES: 'dev',
  RECADO_ENV: 'development',
  RECADO_ALLOW_PRIVATE_URLS: '1',
  RECADO_META_GRAPH_URL: 'http://sandbox:3190',
  RECADO_EVOLUTION_URL: 'http://sandbox:3190/evolution',
  RECADO_EVOLUTION_KEY: 'sandbox-evolution-key',
  RECADO_WPPCONNECT_URL: 'http://sandbox:3190/wppconnect',
  RECADO_WPPCONNECT_SECRET: 'THISISMYSECURETOKEN',
  RECADO_OPENAI_BASE_URL: 'http://sandbox:3190/openai/v1',
  RECADO_OPENAI_API_KEY: 'sandbox',
  RECADO_SMTP_URL: 'smtp://sandbox:3191?ignoreTLS=true',
  RECADO_MAIL_FROM: 'Recado <no-reply@recado.local>',
};
const settings = process.argv.includes('--dev') ? { ...made, ...dev } : made;
const example = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8');
process.stdout.write(
  example.replace(/^([A-Z_]+)=.*$/gm, (line, name) => (name in settings ? `${name}='${settings[name]}'` : line)),
);
