import { describe, expect, it } from 'vitest';
import { neighbourhoodOf, networkOf } from './network.ts';

describe('the network that failures count against', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2:ffff::1', '2001:db8:1:2::/64'],
    ['2001:db8:1:3::1', '2001:db8:1:3::/64'],
    ['::1', '0:0:0:0::/64'],
    ['not an address', null],
    ['', null],
    [undefined, null],
    [null, null],
  ])('of %s is %s', (ip, expected) => {
    expect(networkOf(ip)).toBe(expected);
  });
});

describe('the neighbourhood that a device is known in', () => {
  it.each([
    ['192.0.2.1', '192.0.2'],
    ['::ffff:192.0.2.9', '192.0.2'],
    ['2001:db8:1:2::1', '2001:db8:1::/48'],
    ['not an address', null],
    [undefined, null],
  ])('of %s is %s', (ip, expected) => {
    expect(neighbourhoodOf(ip)).toBe(expected);
  });
});
