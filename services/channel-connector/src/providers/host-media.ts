import { Readable } from 'node:stream';
import { type OutboundContent, uuidv7 } from '@recado/contracts';
import type { Dispatcher } from 'undici';
import { openCall } from './media.ts';
import type { OutboundFile } from './outbound-file.ts';
import type { OutboundMessage, Outcome } from './provider.ts';
import { withoutChoices } from './web-fallback.ts';

type Answer = Extract<Awaited<ReturnType<typeof openCall>>, { status: number }>;

/** Bytes of an answer that does not tell its length: it is kept in memory until it goes out. */
const MAX_UNMEASURED = 16 * 1024 * 1024;
const MAX_REDIRECTS = 3;
/** All of them take less than the lease of a send. */
const HEADERS_MS = 5000;

/**
 * A message as the installation's own server may have it. A link of a tenant would be opened there,
 * inside the operator's network: here it is opened by the guarded dispatcher, and its bytes go.
 */
export async function withoutLinks(
  guarded: Dispatcher,
  message: OutboundMessage,
  maxBytes: number,
): Promise<{ message: OutboundMessage } | { outcome: Outcome<never> }> {
  const content: OutboundContent = withoutChoices(message.content);
  // Its server makes the preview of a page.
  if (content.kind === 'text') return { message: { ...message, content: { ...content, previewUrl: false } } };
  if (!('media' in content) || content.media.url === undefined) return { message };
  const found = await fetchLink(guarded, content.media.url, maxBytes);
  if (typeof found === 'string') {
    const said = `The link cannot be opened: ${found}`;
    return { outcome: { kind: 'refused', refusal: { code: 'bad_request', otherwise: 'media', said } } };
  }
  const files = new Map([...message.files, [found.id, found]]);
  return { message: { ...message, files, content: { ...content, media: { fileId: found.id } } } };
}

/** The file behind a link, or why there is none. */
async function fetchLink(guarded: Dispatcher, link: string, maxBytes: number): Promise<OutboundFile | string> {
  let url = new URL(link);
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    if (!/^https?:$/.test(url.protocol) || url.username || url.password) return 'it is no address of the web';
    const headers = { accept: '*/*', 'accept-encoding': 'identity' };
    const answer = await openCall(guarded, url.href, { headers, headersMs: HEADERS_MS });
    if (answer.status === null) return answer.reason;
    if (answer.status === 200) return fileIn(answer, url, maxBytes);
    await answer.body.dump().catch(() => {});
    const next = answer.status >= 300 && answer.status < 400 ? answer.headers.location : undefined;
    if (typeof next !== 'string' || !URL.canParse(next, url.href)) return `HTTP ${answer.status}`;
    url = new URL(next, url);
  }
  return 'it leads from one address to the next';
}

async function fileIn({ body, headers }: Answer, { pathname }: URL, maxBytes: number): Promise<OutboundFile | string> {
  const given = headers['content-type'];
  const type = (typeof given === 'string' ? given.split(';', 1)[0]!.trim() : '') || 'application/octet-stream';
  const about = { id: uuidv7(), name: nameIn(pathname), type, providerFileId: null };
  // Its reader notices when it breaks off. Without a reader that must not end the process.
  body.on('error', () => {});
  const length = Number(headers['content-length']);
  if (length > maxBytes) {
    body.destroy();
    return 'it is too large';
  }
  if (length > 0) return { ...about, size: length, open: async () => body };
  const bytes = await readAll(body, Math.min(maxBytes, MAX_UNMEASURED));
  return typeof bytes === 'string' ? bytes : { ...about, size: bytes.length, open: async () => Readable.from([bytes]) };
}

async function readAll(body: Readable, max: number): Promise<Buffer | string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > max) return 'it is too large';
      chunks.push(chunk);
    }
  } catch {
    return 'it broke off';
  }
  return size === 0 ? 'it is empty' : Buffer.concat(chunks);
}

function nameIn(pathname: string): string {
  const last = pathname.split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(last) || 'file';
  } catch {
    return last;
  }
}
