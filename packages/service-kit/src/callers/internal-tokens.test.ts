import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createSigner } from 'fast-jwt';
import { describe, expect, it } from 'vitest';
import { Unauthorized } from '../http/errors.ts';
import { type Caller, serviceCaller } from './caller.ts';
import { keyId, publicKeyText } from './internal-keys.ts';
import { createInternalTokens } from './internal-tokens.ts';

const makeKey = () => generateKeyPairSync('ed25519').privateKey;
const pemOf = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString();
const keys = { gateway: makeKey(), conversation: makeKey(), identity: makeKey(), unknown: makeKey() };
type Name = keyof typeof keys;

const publicKeys = (more: Record<string, KeyObject[]> = {}) =>
  JSON.stringify({
    gateway: publicKeyText(keys.gateway),
    conversation: publicKeyText(keys.conversation),
    identity: publicKeyText(keys.identity),
    ...Object.fromEntries(Object.entries(more).map(([name, list]) => [name, list.map(publicKeyText)])),
  });
const tokensOf = (name: Name, known = publicKeys(), key = keys[name]) =>
  createInternalTokens(name, { RECADO_INTERNAL_KEY: pemOf(key), RECADO_INTERNAL_PUBLIC_KEYS: known });

const person: Caller = {
  tenantId: 't',
  userId: 'u',
  role: 'agent',
  permissions: ['chats.read'],
  edition: 'crm',
  service: 'gateway',
};
const identity = tokensOf('identity');

/** A token that none of our signers would sign. */
function forge(by: Name, claims: object): string {
  const kid = keyId(publicKeyText(keys[by]));
  return createSigner({ key: pemOf(keys[by]), algorithm: 'EdDSA', kid, aud: 'identity', expiresIn: 60_000 })(claims);
}

describe('an internal token', () => {
  it('brings the caller to the service it is for', () => {
    expect(identity.verify(tokensOf('gateway').sign(person, 'identity'))).toEqual(person);
    const service = serviceCaller('conversation', 't');
    expect(identity.verify(tokensOf('conversation').sign(service, 'identity'))).toEqual(service);
  });

  it('names the service that signs, not the one in the caller object', () => {
    const token = tokensOf('conversation').sign(serviceCaller('gateway', 't'), 'identity');
    expect(identity.verify(token).service).toBe('conversation');
  });

  it('is the same for half its life, and differs by caller and service', () => {
    const gateway = tokensOf('gateway');
    const token = gateway.sign(person, 'identity');
    expect(gateway.sign({ ...person }, 'identity')).toBe(token);
    expect(gateway.sign({ ...person, tenantId: 'other' }, 'identity')).not.toBe(token);
    expect(gateway.sign(person, 'conversation')).not.toBe(token);
  });

  it('is verified once, and its caller is frozen', () => {
    const token = tokensOf('gateway').sign(person, 'identity');
    const caller = identity.verify(token);
    expect(identity.verify(token)).toBe(caller);
    expect(Object.isFrozen(caller) && Object.isFrozen(caller.permissions)).toBe(true);
  });

  it.each<[string, () => string]>([
    ['conversation claims to be the gateway', () => forge('conversation', person)],
    ['it is for another service', () => tokensOf('gateway').sign(person, 'conversation')],
    ['its key belongs to no service', () => forge('unknown', { ...person, service: 'unknown' })],
    ['a service claims a user', () => forge('conversation', { ...person, service: 'conversation' })],
    ['a service claims a role', () => tokensOf('conversation').sign({ ...person, userId: null }, 'identity')],
    ['it has expired', () => tokensOf('gateway').sign(person, 'identity', -1)],
    ['it is cut', () => tokensOf('gateway').sign(person, 'identity').slice(0, -4)],
    ['it is empty', () => ''],
  ])('is refused when %s', (_why, make) => {
    expect(() => identity.verify(make())).toThrow(Unauthorized);
  });
});

describe('the keys', () => {
  it('may be two of one service during a rotation', () => {
    const next = makeKey();
    const both = publicKeys({ gateway: [keys.gateway, next] });
    const called = tokensOf('identity', both);
    for (const key of [keys.gateway, next]) {
      expect(called.verify(tokensOf('gateway', both, key).sign(person, 'identity'))).toEqual(person);
    }
    const after = tokensOf('identity', publicKeys({ gateway: [next] }));
    expect(() => after.verify(tokensOf('gateway').sign(person, 'identity'))).toThrow(Unauthorized);
  });

  it('must include the own key', () => {
    expect(() => tokensOf('unknown')).toThrow('does not hold the key of unknown');
    expect(() => tokensOf('gateway', publicKeys(), makeKey())).toThrow('does not hold the key of gateway');
  });

  it('cannot share one key between two services', () => {
    expect(() => tokensOf('gateway', publicKeys({ scheduler: [keys.gateway] }))).toThrow('gateway and scheduler');
  });
});
