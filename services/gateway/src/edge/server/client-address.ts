import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, isIPv6 } from 'node:net';
import { addressKey } from '../../limits/address.ts';

/** Who a request comes from, for limits: of IPv6 the /64. */
export type ReadAddress = (request: IncomingMessage) => string;

/**
 * Whether an address is one of the named proxies (addresses and networks, as config.ts checked
 * them).
 */
export function createProxyCheck(proxies: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const proxy of proxies) {
    const [address = '', bits] = proxy.split('/');
    const type = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, type);
    else list.addSubnet(address, Number(bits), type);
  }
  // Also knows v4-mapped addresses for what they are.
  return (address) => isIP(address) !== 0 && list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

/**
 * The connection's address, or behind named proxies the last forwarded one that is no proxy, like
 * Fastify's `trustProxy`. A client's own X-Forwarded-For has no effect.
 */
export function createAddressReader(proxies: readonly string[]): ReadAddress {
  const isProxy = createProxyCheck(proxies);
  return ({ socket, headers }) => {
    let address = socket.remoteAddress ?? '';
    const forwarded = headers['x-forwarded-for'];
    if (proxies.length === 0 || forwarded === undefined) return addressKey(address);
    const hops = String(forwarded).split(',');
    while (hops.length > 0 && isProxy(address)) {
      const next = hops.pop()!.trim();
      if (isIP(next) === 0) break;
      address = next;
    }
    return addressKey(address);
  };
}
