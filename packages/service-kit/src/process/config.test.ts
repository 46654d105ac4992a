import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { publicKeyText } from '../callers/internal-keys.ts';
import { baseConfig, ConfigError, envFlag, envInt, envPem, envPort, envUrl, loadConfig } from './config.ts';

const schema = z.object({
  ...baseConfig,
  PORT: envPort(3103),
  DATABASE_URL: z.string(),
  RECADO_PUBLIC_URL: envUrl(),
  BATCH: envInt(256, 1, 1024),
  KEY: envPem().optional(),
  FLAG: envFlag(),
});
const { privateKey } = generateKeyPairSync('ed25519');
const keys = {
  RECADO_INTERNAL_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  RECADO_INTERNAL_PUBLIC_KEYS: JSON.stringify({ identity: publicKeyText(privateKey) }),
};
const good = { DATABASE_URL: 'postgres://x', RECADO_PUBLIC_URL: 'http://a.b/', ...keys };

test('defaults fill in, texts are converted, and empty or unknown variables are ignored', () => {
  const config = loadConfig(schema, { ...good, PORT: '', BATCH: '5', KEY: 'a\\nb', FLAG: '1', PATH: '/bin' });
  expect(config).toEqual({
    HOST: '127.0.0.1',
    PORT: 3103,
    LOG_FORMAT: 'pretty',
    LOG_LEVEL: 'info',
    NATS_URL: 'nats://127.0.0.1:4222',
    REDIS_URL: 'redis://127.0.0.1:6379',
    ...keys,
    RECADO_ALLOW_PRIVATE_URLS: false,
    DATABASE_URL: 'postgres://x',
    RECADO_PUBLIC_URL: 'http://a.b',
    BATCH: 5,
    KEY: 'a\nb',
    FLAG: true,
  });
});

test('one error names every bad variable and shows no value', () => {
  const bad = {
    PORT: 'http',
    LOG_LEVEL: 'loud',
    RECADO_INTERNAL_KEY: 'hunter2',
    RECADO_INTERNAL_PUBLIC_KEYS: '{"identity":"hunter2"}',
    RECADO_PUBLIC_URL: 'ftp://x',
    BATCH: '0',
    FLAG: 'yes',
  };
  let error: unknown;
  try {
    loadConfig(schema, bad);
  } catch (caught) {
    error = caught;
  }
  expect(error).toBeInstanceOf(ConfigError);
  const { variables, message } = error as ConfigError;
  expect([...variables].sort()).toEqual([
    'BATCH',
    'DATABASE_URL',
    'FLAG',
    'LOG_LEVEL',
    'PORT',
    'RECADO_INTERNAL_KEY',
    'RECADO_INTERNAL_PUBLIC_KEYS',
    'RECADO_PUBLIC_URL',
  ]);
  expect(message).toMatch(/DATABASE_URL +is required/);
  expect(message).toMatch(/RECADO_INTERNAL_KEY +must be an Ed25519 key in PKCS8 PEM/);
  for (const value of ['hunter2', 'loud', 'ftp://x']) expect(message).not.toContain(value);
});
