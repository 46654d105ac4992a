import { type LookupAddress, type LookupOptions, lookup as systemLookup } from 'node:dns';
import { isIP, type Socket } from 'node:net';
import ipaddr from 'ipaddr.js';
import { Agent, buildConnector, fetch as undiciFetch } from 'undici';
import { ValidationFailed } from '../http/errors.ts';

export type Lookup = (
  hostname: string,
  options: LookupOptions & { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

export interface GuardOptions {
  /** Development only: RECADO_ALLOW_PRIVATE_URLS. */
  allowPrivate?: boolean;
  /** Milliseconds for connecting, and then for headers and for each pause in the body. */
  timeoutMs?: number;
  connections?: number;
  /** The system's resolver unless a test plays a hostile one. */
  lookup?: Lookup;
}

/** Raised when a tenant-given URL leads to an address inside; `code` is ERR_PRIVATE_ADDRESS. */
export class PrivateAddressError extends Error {
  override readonly name = 'PrivateAddressError';
  readonly code = 'ERR_PRIVATE_ADDRESS';
}

/**
 * Whether a tenant may reach an address: global unicast only, so no private, special, v4-mapped,
 * 6to4 or Teredo address. NAT64 (64:ff9b::/96) is judged by its IPv4 address.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.parse(address);
  if (parsed instanceof ipaddr.IPv4) return parsed.range() === 'unicast';
  const range = parsed.range();
  if (range === 'rfc6052') return new ipaddr.IPv4(parsed.toByteArray().slice(12)).range() === 'unicast';
  // 2000::/3 is all of IPv6 that is handed out; ::a.b.c.d and site-local count as unicast for
  // ipaddr.js.
  return range === 'unicast' && parsed.toByteArray()[0]! >> 5 === 1;
}

/**
 * An undici dispatcher for tenants' URLs. It checks the resolved address and the connected one, so
 * rebinding fails. Use it with undici's `request` or `fetch`; each hop is checked.
 */
export function createGuardedDispatcher(options: GuardOptions = {}): Agent {
  const { allowPrivate = false, timeoutMs = 10_000, connections = 32 } = options;
  const limits = { connections, headersTimeout: timeoutMs, bodyTimeout: timeoutMs, maxHeaderSize: 32 * 1024 };
  if (allowPrivate) return new Agent({ ...limits, connect: { timeout: timeoutMs } });
  const connect = buildConnector({
    timeout: timeoutMs,
    lookup: guardLookup(options.lookup ?? (systemLookup as Lookup)),
  } as buildConnector.BuildOptions);
  return new Agent({
    ...limits,
    connect(target, callback) {
      // An address in the URL never goes through lookup.
      const host = target.hostname.replace(/^\[|\]$/g, '');
      if (isIP(host) && !isPublicAddress(host)) return callback(refusal(host), null);
      connect(target, (...[error, socket]) => {
        if (error) return callback(error, null);
        const remote = (socket as Socket).remoteAddress ?? '';
        if (isPublicAddress(remote)) return callback(null, socket as Socket);
        (socket as Socket).destroy();
        callback(refusal(host), null);
      });
    },
  });
}

function refusal(host: string): PrivateAddressError {
  return new PrivateAddressError(`${host} is not a public address`);
}

// One private answer among public ones is refused whole: no honest name mixes them.
function guardLookup(lookup: Lookup) {
  return (
    hostname: string,
    options: LookupOptions,
    callback: (error: Error | null, address: string | LookupAddress[], family?: number) => void,
  ): void => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      const [first] = addresses;
      if (!first || !addresses.every(({ address }) => isPublicAddress(address))) return callback(refusal(hostname), []);
      if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

/** undici's fetch bound to a dispatcher, refusing redirects; for clients that take a `fetch`. */
export function createGuardedFetch(dispatcher: Agent): typeof undiciFetch {
  return (input, init) => undiciFetch(input, { ...init, dispatcher, redirect: 'error' });
}

/**
 * Checks a tenant's URL when it is saved: http(s), no credentials, no internal host in any spelling
 * of an address. Names are checked again at every connect.
 * @throws ValidationFailed naming `field`
 */
export function assertPublicUrl(url: string, options: { allowPrivate?: boolean; field?: string } = {}): URL {
  const { allowPrivate = false, field = 'url' } = options;
  const fail = (message: string) => new ValidationFailed([{ field, message, code: 'url' }]);
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw fail('Invalid URL');
  }
  if (parsed.protocol !== 'https:' && parsed.protocol !== 'http:')
    throw fail('The URL must begin with https:// or http://');
  if (parsed.username || parsed.password) throw fail('The URL must not hold credentials');
  if (allowPrivate) return parsed;
  const host = parsed.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const inside = isIP(host) ? !isPublicAddress(host) : isInsideName(host);
  if (inside) throw fail('The URL must lead to a public address');
  return parsed;
}

function isInsideName(host: string): boolean {
  return !host.includes('.') || /\.(?:localhost|local|internal|intranet|lan|home|corp|arpa)$/i.test(host);
}
