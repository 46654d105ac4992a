import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import type { OutboundContent } from '@recado/contracts';
import { createGuardedDispatcher } from '@recado/service-kit';
import type { Agent } from 'undici';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { withoutLinks } from '../src/providers/host-media.ts';
import type { OutboundMessage } from '../src/providers/provider.ts';

let server: Server;
let base: string;
let asked: string[] = [];
/** One as in production, and one that may reach this machine. */
let guarded: Agent;
let open: Agent;
beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url!);
    const target = /^\/to\/(.*)$/.exec(request.url!)?.[1];
    if (target !== undefined) response.writeHead(302, { location: decodeURIComponent(target) }).end();
    else if (request.url === '/chunked') response.end('in pieces');
    else if (request.url === '/gone') response.writeHead(404).end();
    else if (request.url === '/huge') response.writeHead(200, { 'content-length': 2_000_000 }).end('x');
    else response.writeHead(200, { 'content-type': 'image/png; x=1', 'content-length': 6 }).end('a file');
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  base = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  guarded = createGuardedDispatcher({ timeoutMs: 2000 });
  open = createGuardedDispatcher({ timeoutMs: 2000, allowPrivate: true });
});
beforeEach(() => {
  asked = [];
});
afterAll(async () => {
  await Promise.all([guarded.destroy(), open.destroy()]);
  server.close();
});

const message = (content: OutboundContent): OutboundMessage => ({
  ...{ messageId: 'm', recipient: { waId: null, phone: '+573001112233', userId: null }, about: null },
  ...{ content, files: new Map() },
});
const image = (url: string) => message({ kind: 'image', media: { url }, caption: 'see' });
const saidOf = (given: Awaited<ReturnType<typeof withoutLinks>>) =>
  'outcome' in given && given.outcome.kind === 'refused' ? given.outcome.refusal.said : null;

it.each([
  'http://127.0.0.1:1/x',
  'http://169.254.169.254/latest/meta-data',
  'http://[::ffff:10.0.0.1]/',
  'http://2130706433/',
])('a link into the network is refused and not opened: %s', async (url) => {
  expect(saidOf(await withoutLinks(guarded, image(url), 1e6))).toContain('not a public address');
});

it('a link that leads inside by a redirect is refused', async () => {
  const to = encodeURIComponent('file:///etc/passwd');
  expect(saidOf(await withoutLinks(open, image(`${base}/to/${to}`), 1e6))).toContain('no address of the web');
  const loop = `${base}/to/${encodeURIComponent(`${base}/to/x`)}`;
  expect(saidOf(await withoutLinks(open, image(loop), 1e6))).toContain('from one address to the next');
});

it('the bytes of a link go instead of it, also after a redirect', async () => {
  for (const link of [`${base}/photo%201.png`, `${base}/to/${encodeURIComponent('/photo%201.png')}`]) {
    const ready = await withoutLinks(open, image(link), 1e6);
    if (!('message' in ready)) throw new Error('It was refused');
    const { content, files } = ready.message;
    const [file] = [...files.values()];
    expect(content).toEqual({ kind: 'image', media: { fileId: file!.id }, caption: 'see' });
    expect(file).toMatchObject({ name: 'photo 1.png', type: 'image/png', size: 6 });
    expect(await text(await file!.open())).toBe('a file');
  }
});

it('a file of unknown length is measured; one that is too large or not there is refused', async () => {
  const ready = await withoutLinks(open, image(`${base}/chunked`), 1e6);
  if (!('message' in ready)) throw new Error('It was refused');
  expect([...ready.message.files.values()]).toMatchObject([{ name: 'chunked', size: 9 }]);
  expect(saidOf(await withoutLinks(open, image(`${base}/chunked`), 5))).toContain('too large');
  expect(saidOf(await withoutLinks(open, image(`${base}/huge`), 1e6))).toContain('too large');
  expect(saidOf(await withoutLinks(open, image(`${base}/gone`), 1e6))).toContain('HTTP 404');
});

it('its server makes no preview of a page, and what has no link stays as it is', async () => {
  const page = message({ kind: 'text', body: 'http://10.0.0.1/', previewUrl: true });
  expect(await withoutLinks(guarded, page, 1e6)).toMatchObject({ message: { content: { previewUrl: false } } });
  const place = message({ kind: 'location', latitude: 1, longitude: 2 });
  expect(await withoutLinks(guarded, place, 1e6)).toEqual({ message: place });
  const stored = message({ kind: 'image', media: { fileId: '01a22a9b-d01b-7000-b81a-68104cc2cbbb' } });
  expect(await withoutLinks(guarded, stored, 1e6)).toEqual({ message: stored });
  expect(asked).toEqual([]);
});
