import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  assertPublicUrl,
  createGuardedDispatcher,
  createGuardedFetch,
  isPublicAddress,
  type Lookup,
} from '../src/index.ts';

let server: Server;
let port: number;
let hits = 0;
beforeAll(async () => {
  server = createServer((request, response) => {
    hits++;
    if (request.url === '/redirect') response.writeHead(302, { location: '/' }).end();
    else response.end('inside');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
afterAll(() => server.close());

const resolvesTo = (...answers: string[][]): Lookup & { calls: number } => {
  const lookup: Lookup & { calls: number } = Object.assign(
    ((_hostname, _options, callback) => {
      const addresses = answers[Math.min(lookup.calls++, answers.length - 1)]!;
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
    }) as Lookup,
    { calls: 0 },
  );
  return lookup;
};

async function attempt(url: string, lookup?: Lookup): Promise<string> {
  const dispatcher = createGuardedDispatcher({ timeoutMs: 1000, ...(lookup ? { lookup } : {}) });
  try {
    const { origin, pathname } = new URL(url);
    const { statusCode } = await dispatcher.request({ origin, path: pathname, method: 'GET' });
    return String(statusCode);
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  } finally {
    await dispatcher.destroy();
  }
}

const PRIVATE = [
  [
    '0.0.0.0',
    '127.0.0.1',
    '127.9.9.9',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '192.0.2.1',
  ],
  [
    '::',
    '::1',
    'fe80::1',
    'fc00::1',
    'fd12::1',
    'fec0::1',
    'ff02::1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '::127.0.0.1',
    '2002:7f00:1::',
    '2001:db8::1',
    '64:ff9b::7f00:1',
  ],
].flat();

test.each(PRIVATE)('%s is not public', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test.each(['8.8.8.8', '1.1.1.1', '2606:4700::1111', '64:ff9b::808:808'])('%s is public', (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

const HOSTS = [
  '127.0.0.1',
  '10.0.0.1',
  '169.254.169.254',
  '[::1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '2130706433',
  '0177.0.0.1',
  '0x7f.1',
  '127.1',
  '[fd00::1]',
  '100.64.0.1',
];

describe('connecting', () => {
  test.each(HOSTS)('http://%s is refused before a byte is sent', async (host) => {
    const before = hits;
    expect(await attempt(`http://${host}:${port}/`)).toBe('ERR_PRIVATE_ADDRESS');
    expect(hits).toBe(before);
  });

  test('a name is judged by every address it resolves to', async () => {
    expect(await attempt(`http://localhost:${port}/`)).toBe('ERR_PRIVATE_ADDRESS');
    expect(await attempt(`http://evil.example:${port}/`, resolvesTo(['10.0.0.1']))).toBe('ERR_PRIVATE_ADDRESS');
    expect(await attempt(`http://evil.example:${port}/`, resolvesTo(['8.8.8.8', '127.0.0.1']))).toBe(
      'ERR_PRIVATE_ADDRESS',
    );
    expect(await attempt(`http://evil.example:${port}/`, resolvesTo(['::ffff:127.0.0.1']))).toBe('ERR_PRIVATE_ADDRESS');
    expect(await attempt(`http://evil.example:${port}/`, resolvesTo([]))).toBe('ERR_PRIVATE_ADDRESS');
  });

  test('a name that was public when it was saved and answers with a private address later is refused', async () => {
    const before = hits;
    const lookup = resolvesTo(['8.8.8.8'], ['127.0.0.1']);
    const whenSaved = await new Promise<string>((resolve) =>
      lookup('rebind.example', { all: true }, (_error, [first]) => resolve(first!.address)),
    );
    expect(isPublicAddress(whenSaved)).toBe(true);
    expect(await attempt(`http://rebind.example:${port}/`, lookup)).toBe('ERR_PRIVATE_ADDRESS');
    // Asked once per connection: the address that was checked is the one that is used.
    expect(lookup.calls).toBe(2);
    expect(hits).toBe(before);
  });

  test('development may reach private servers, but redirects are refused', async () => {
    const dispatcher = createGuardedDispatcher({ allowPrivate: true });
    const fetch = createGuardedFetch(dispatcher);
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('inside');
    await expect(fetch(`http://127.0.0.1:${port}/redirect`)).rejects.toThrow();
    await dispatcher.close();
  });
});

describe('saving a URL', () => {
  test.each([
    ...HOSTS.map((host) => `https://${host}/hook`),
    'http://localhost/x',
    'http://metadata.google.internal/x',
    'http://printer.local/x',
    'http://nats:4222/',
    'http://localhost./',
    'ftp://example.com/x',
    'file:///etc/passwd',
    'https://user:pw@example.com/',
    'not a url',
    '',
  ])('%s is refused by its field', (url) => {
    expect(() => assertPublicUrl(url, { field: 'webhookUrl' })).toThrow(
      expect.objectContaining({
        code: 'validation_failed',
        details: [expect.objectContaining({ field: 'webhookUrl' })],
      }),
    );
  });

  test('public ones pass; private ones in development only', () => {
    expect(assertPublicUrl('https://example.com/hook').hostname).toBe('example.com');
    expect(assertPublicUrl('http://localhost:3190/', { allowPrivate: true }).port).toBe('3190');
    expect(() => assertPublicUrl('ftp://localhost/', { allowPrivate: true })).toThrow();
  });
});
