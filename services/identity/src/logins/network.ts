import ipaddr from 'ipaddr.js';

/** The groups of an IPv6 address that one subscriber holds: a /64. */
const SUBSCRIBER_GROUPS = 4;

/**
 * Who an address stands for when failures are counted: itself, or for IPv6 its /64, since whoever has one address of it has
 * 2^64. Null when it is no address: then nothing is counted for it.
 */
export function networkOf(ip: string | null | undefined): string | null {
  if (!ip || !ipaddr.isValid(ip)) return null;
  const address = ipaddr.process(ip); // ::ffff:192.0.2.1 is 192.0.2.1
  if (!(address instanceof ipaddr.IPv6)) return address.toString();
  const groups = address.parts.slice(0, SUBSCRIBER_GROUPS).map((part) => part.toString(16));
  return `${groups.join(':')}::/64`;
}
