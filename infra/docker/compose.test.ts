import { execFileSync } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SERVICES, type ServiceName } from '@recado/contracts';
import { createInternalTokens, publicKeyText, serviceCaller } from '@recado/service-kit';
import { describe, expect, it } from 'vitest';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const compose = readFileSync(at('../../docker-compose.yml'), 'utf8');
const makeEnv = (...args: string[]) =>
  execFileSync(process.execPath, [at('make-env.mjs'), ...args], { encoding: 'utf8' });

/** The settings of a .env as Compose reads them. */
const settingsOf = (text: string): Record<string, string> =>
  Object.fromEntries([...text.matchAll(/^([A-Z_]+)='?(.*?)'?$/gm)].map(([, name, value]) => [name!, value!]));

/** The part of docker-compose.yml about one container. */
function blockOf(name: string): string {
  const found = new RegExp(`^  ${name}:\\n((?: {4}.*\\n|\\n)+)`, 'm').exec(
    compose.slice(compose.indexOf('\nservices:')),
  );
  return found?.[1] ?? '';
}

const variable = (service: string) => service.replaceAll('-', '_').toUpperCase();
const env = settingsOf(makeEnv());

describe('the .env that make-env.mjs writes', () => {
  it('sets every variable that docker-compose.yml demands', () => {
    const demanded = [...compose.matchAll(/\$\{([A-Z_]+):\?/g)].map(([, name]) => name!);
    expect(demanded.length).toBeGreaterThan(20);
    for (const name of demanded) expect([name, (env[name] ?? '').length > 0]).toEqual([name, true]);
  });

  it('gives no two secrets the same value', () => {
    const secrets = Object.entries(env).filter(([name]) => /PASSWORD|_KEY_|_KEYS$|PRIVATE_KEY/.test(name));
    expect(new Set(secrets.map(([, value]) => value)).size).toBe(secrets.length);
  });

  it('makes keys with which every service accepts the others’ tokens', () => {
    const keysOf = (name: string) => ({
      RECADO_INTERNAL_KEY: env[`RECADO_INTERNAL_KEY_${variable(name)}`]!.replaceAll('\\n', '\n'),
      RECADO_INTERNAL_PUBLIC_KEYS: env.RECADO_INTERNAL_PUBLIC_KEYS!,
    });
    const identity = createInternalTokens('identity', keysOf('identity'));
    for (const name of [...SERVICES, 'operator']) {
      const token = createInternalTokens(name, keysOf(name)).sign(serviceCaller(name, 't'), 'identity');
      expect(identity.verify(token).service).toBe(name);
    }
  });

  it('prints another pair of keys for one service', () => {
    const text = makeEnv('--internal-key', 'conversation');
    const key = settingsOf(text).RECADO_INTERNAL_KEY_CONVERSATION!.replaceAll('\\n', '\n');
    expect(text).toContain(`"${publicKeyText(createPrivateKey(key))}"`);
  });
});

describe('docker-compose.yml', () => {
  it.each(SERVICES)('gives %s its own secrets and no other service’s', (name) => {
    const block = blockOf(name);
    expect(block).toContain(`\${RECADO_INTERNAL_KEY_${variable(name)}:?}`);
    const others = [...SERVICES, 'operator'].filter((one) => one !== name) as ServiceName[];
    for (const other of others) {
      for (const kind of ['RECADO_INTERNAL_KEY', 'RECADO_DATABASE_PASSWORD', 'NATS_PASSWORD'])
        expect(block).not.toMatch(new RegExp(`\\$\\{${kind}_${variable(other)}\\b`));
    }
    expect(block).not.toContain('POSTGRES_PASSWORD');
  });

  it('gives the health check of nats every variable without a default that it uses', () => {
    const script = readFileSync(at('nats-check.sh'), 'utf8');
    const used = [...script.matchAll(/\$(NATS_\w+)/g)].map(([, name]) => name!);
    expect(used).not.toEqual([]);
    for (const name of used) expect(blockOf('nats')).toContain(`${name}:`);
  });

  it('gives every service an init and a place for its count, which the health check needs to end a stuck service', () => {
    const common = /^x-recado: .*\n((?: .*\n)+)/m.exec(compose)![1]!;
    expect(common).toMatch(/^ {2}init: true$/m);
    expect(common).toContain('tmpfs: [/tmp]');
    for (const name of SERVICES) expect(blockOf(name)).toMatch(/^ {4}<<: \*recado$/m);
  });

  it('publishes ports on 127.0.0.1 by default', () => {
    const ports = [...compose.matchAll(/ports: \["(.*)"\]/g)].map(([, port]) => port!);
    expect(ports).toHaveLength(2);
    for (const port of ports) expect(port).toMatch(/^(127\.0\.0\.1|\$\{RECADO_BIND:-127\.0\.0\.1\}):/);
  });
});
