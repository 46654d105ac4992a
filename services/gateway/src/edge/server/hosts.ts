/** Host name → prefix of the edition it serves at `/`. */
export type HostPrefixes = ReadonlyMap<string, string>;

const AT_THEIR_HOST = ['bots', 'inbox', 'scheduler'] as const;
/**
 * Answered at every host's root: sockets, the docs' pages and assets (`/docs` itself leads an
 * edition's host to its own page), liveness.
 */
const ROOT_PATHS = /^\/(?:socket\.io|docs(?=\/)|health\/live|health\/ready|health\/accepting|metrics)(?:[/?]|$)/;

/**
 * Reads EDITION_HOSTS (`bots=bots.example.com,inbox=…`, several hosts for one edition by naming it
 * again). Editions not named keep `<name>.localhost`.
 * @throws Error naming the bad part
 */
export function parseEditionHosts(text: string): HostPrefixes {
  const hosts = new Map<string, string>();
  const named = new Set<string>();
  for (const part of text.split(',').map((item) => item.trim())) {
    if (!part) continue;
    const [name = '', host = ''] = part.split('=').map((item) => item.trim());
    if (!AT_THEIR_HOST.includes(name as (typeof AT_THEIR_HOST)[number]) || !/^[a-z0-9.-]+$/i.test(host)) {
      throw new Error(`EDITION_HOSTS: "${part}" is not one of ${AT_THEIR_HOST.map((n) => `${n}=host`).join(', ')}`);
    }
    named.add(name);
    hosts.set(host.toLowerCase(), `/${name}`);
  }
  for (const name of AT_THEIR_HOST) if (!named.has(name)) hosts.set(`${name}.localhost`, `/${name}`);
  return hosts;
}

/**
 * The path under which a request is routed: its own, or below the edition its host stands for.
 * `host` may carry a port.
 */
export function pathForHost(hosts: HostPrefixes, host: string | undefined, url: string): string {
  if (host === undefined) return url;
  const colon = host.indexOf(':');
  const prefix = hosts.get((colon < 0 ? host : host.slice(0, colon)).toLowerCase());
  if (prefix === undefined || ROOT_PATHS.test(url)) return url;
  // A client that uses the edition's own host and its prefix too means the same thing.
  if (url.startsWith(`${prefix}/`) || url === prefix) return url;
  return url === '/' ? prefix : prefix + url;
}
