import { createHash } from 'node:crypto';
import { BlockList, isIPv6 } from 'node:net';

/**
 * What an address counts as: itself, or of IPv6 its /64, as that is what one client has.
 */
export function addressKey(ip: string): string {
  if (!isIPv6(ip)) return ip;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip);
  if (mapped) return mapped[1]!;
  const [head = '', tail] = ip.split('%', 1)[0]!.toLowerCase().split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail ? tail.split(':') : [];
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...Array<string>(Math.max(0, zeros)).fill('0'), ...right];
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}

const PRIVATE = new BlockList();
for (const [network, bits] of [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  PRIVATE.addSubnet(network, bits, 'ipv4');
}
PRIVATE.addAddress('::1', 'ipv6');
PRIVATE.addSubnet('fc00::', 7, 'ipv6');
PRIVATE.addSubnet('fe80::', 10, 'ipv6');

/**
 * Whether an address is a private network's or this machine's. Of `::ffff:10.0.0.1` the IPv4 part
 * counts.
 */
export const isPrivate = (ip: string): boolean => PRIVATE.check(ip, isIPv6(ip) ? 'ipv6' : 'ipv4');

/**
 * Whether many people may share an address: a private one, while no setting names a proxy, is often
 * a proxy's own.
 */
export const isShared = (ip: string, trustedProxies: readonly string[]): boolean =>
  trustedProxies.length === 0 && isPrivate(ip);

/**
 * What requests without a token count against: the address, and where many share it, the user agent
 * too.
 */
export function clientKey(ip: string, userAgent: string | undefined, trustedProxies: readonly string[]): string {
  const address = addressKey(ip);
  if (!isShared(ip, trustedProxies)) return address;
  return `${address}:${createHash('sha256')
    .update(userAgent ?? '')
    .digest('base64url')
    .slice(0, 22)}`;
}
