import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { createAddressReader, createProxyCheck } from './client-address.ts';

const from = (remoteAddress: string, forwarded?: string) =>
  ({ socket: { remoteAddress }, headers: forwarded ? { 'x-forwarded-for': forwarded } : {} }) as IncomingMessage;

describe('the address of a client', () => {
  const direct = createAddressReader([]);
  const behind = createAddressReader(['10.0.0.0/8', 'fd00::1']);
  it.each([
    ['is the connection’s', direct, from('198.51.100.7'), '198.51.100.7'],
    ['is no forwarded one without named proxies', direct, from('198.51.100.7', '203.0.113.1'), '198.51.100.7'],
    ['is the /64 of IPv6', direct, from('2001:db8:1:2:3::4'), '2001:db8:1:2::/64'],
    ['is the forwarded one behind a proxy', behind, from('10.0.0.5', '203.0.113.1'), '203.0.113.1'],
    ['is the last that is no proxy', behind, from('10.0.0.5', '1.1.1.1, 203.0.113.1, 10.9.9.9'), '203.0.113.1'],
    ['is not what a client forwards itself', behind, from('198.51.100.7', '203.0.113.1'), '198.51.100.7'],
    ['is the proxy’s where the header is no address', behind, from('10.0.0.5', 'unknown'), '10.0.0.5'],
    ['knows v4-mapped proxies', behind, from('::ffff:10.0.0.5', '203.0.113.1'), '203.0.113.1'],
  ])('%s', (_what, read, request, expected) => {
    expect(read(request)).toBe(expected);
  });

  it('is a proxy’s by address or network', () => {
    const isProxy = createProxyCheck(['10.0.0.0/8', 'fd00::1']);
    expect(['10.1.2.3', 'fd00::1', 'fd00::2', '11.0.0.1', 'nonsense'].map(isProxy)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});
