import ipaddr from 'ipaddr.js';

/** The groups of an IPv6 address that one subscriber holds: a /64. */
const SUBSCRIBER_GROUPS = 4;

/**
 * The key under which an address's failures count: the address, or for IPv6 its /64, because a
 * client has all of it. Null when it is no address: then nothing counts.
 */
export const networkOf = (ip: string | null | undefined): string | null => prefixOf(ip, 32, SUBSCRIBER_GROUPS);

/** The neighbourhood that a provider moves a subscriber about in: a /24, or a /48. */
export const neighbourhoodOf = (ip: string | null | undefined): string | null => prefixOf(ip, 24, 3);

function prefixOf(ip: string | null | undefined, bits: 24 | 32, groupCount: number): string | null {
  if (!ip || !ipaddr.isValid(ip)) return null;
  const address = ipaddr.process(ip); // ::ffff:192.0.2.1 is 192.0.2.1
  if (!(address instanceof ipaddr.IPv6)) return address.octets.slice(0, bits / 8).join('.');
  const groups = address.parts.slice(0, groupCount).map((part) => part.toString(16));
  return `${groups.join(':')}::/${16 * groupCount}`;
}
