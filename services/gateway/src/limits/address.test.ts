import { describe, expect, it } from 'vitest';
import { addressKey, clientKey, isShared } from './address.ts';

it.each([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['2001:db8:1:2:aaaa:bbbb:cccc:dddd', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::1', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002::1', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['nonsense', 'nonsense'],
])('%s counts as %s', (ip, key) => {
  expect(addressKey(ip)).toBe(key);
});

describe('an address that many users may share', () => {
  it.each(['10.1.2.3', '172.20.0.1', '192.168.1.1', '127.0.0.1', '::1', 'fd00::1', '::ffff:10.0.0.1', '100.64.3.4'])(
    'is %s while no proxy is named, and is not the only key then',
    (ip) => {
      expect(isShared(ip, [])).toBe(true);
      expect(isShared(ip, ['10.0.0.0/8'])).toBe(false);
      expect(clientKey(ip, 'Firefox', [])).not.toBe(clientKey(ip, 'Chrome', []));
      expect(clientKey(ip, 'Firefox', ['10.0.0.0/8'])).toBe(addressKey(ip));
    },
  );

  it.each(['192.0.2.1', '8.8.8.8', '172.32.0.1', '2001:db8::1'])('is never %s', (ip) => {
    expect(isShared(ip, [])).toBe(false);
    expect(clientKey(ip, 'Firefox', [])).toBe(addressKey(ip));
  });
});
