import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import fastifyJwt from '@fastify/jwt';
import { accessClaims, uuidv7 } from '@recado/contracts';
import { zodCompilers } from '@recado/service-kit';
import { createDecoder, createVerifier } from 'fast-jwt';
import fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { jwtOptions, readAccessKey, signAccess } from './access.ts';

const pem = () => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const claims = {
  aud: 'crm' as const,
  sub: uuidv7(),
  tid: uuidv7(),
  sid: uuidv7(),
  role: 'agent' as const,
  perms: ['chats.read'],
};

describe('access tokens', () => {
  it('verify under the published key and carry the documented claims', async () => {
    const key = readAccessKey(pem());
    const app = fastify({ schemaController: zodCompilers });
    await app.register(fastifyJwt, jwtOptions(key));
    const token = signAccess(app.jwt, claims, 60);
    const shown = createPublicKey({ key: { ...key.jwk }, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
    const verified = createVerifier({ key: shown.toString(), algorithms: ['EdDSA'], allowedIss: 'recado' })(token);
    expect(accessClaims.parse(verified)).toMatchObject({ iss: 'recado', ...claims });
    expect(verified.exp - verified.iat).toBe(60);
    expect(createDecoder({ complete: true })(token).header).toEqual({
      alg: 'EdDSA',
      typ: 'at+jwt',
      kid: key.jwk.kid,
    });
  });

  it('have the key id that was configured, else one that depends on the key alone', () => {
    const key = pem();
    expect(readAccessKey(key).jwk.kid).toBe(readAccessKey(key).jwk.kid);
    expect(readAccessKey(key).jwk.kid).not.toBe(readAccessKey(pem()).jwk.kid);
    expect(readAccessKey(key, 'spring').jwk.kid).toBe('spring');
  });

  it('are not signed with a key of another kind', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const other = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    expect(() => readAccessKey(other)).toThrow('not an Ed25519 key');
  });
});
