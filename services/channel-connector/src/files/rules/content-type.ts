import { openAsBlob } from 'node:fs';
import { open } from 'node:fs/promises';
import { fileTypeFromBlob } from 'file-type';

/** What browsers show and play without running anything of it. All else is an attachment. */
const SAFE = new Set([
  'image/jpeg',
  'image/png',
  'image/gif',
  'image/webp',
  'image/avif',
  'audio/mpeg',
  'audio/mp4',
  'audio/aac',
  'audio/ogg',
  'audio/wav',
  'audio/amr',
  'audio/webm',
  'video/mp4',
  'video/webm',
  'video/3gpp',
  'video/quicktime',
  'application/pdf',
  'text/plain',
]);
export const isSafeInline = (type: string): boolean => SAFE.has(type);

const OTHER_NAMES: Record<string, string> = {
  'audio/x-m4a': 'audio/mp4',
  'audio/opus': 'audio/ogg',
  'application/ogg': 'audio/ogg',
  'audio/vnd.wave': 'audio/wav',
  'video/x-m4v': 'video/mp4',
};

/** Bytes that are looked at to tell text from data. */
const HEAD = 4096;

/**
 * The MIME type by what the bytes are. The sender's word counts only where the bytes leave it open:
 * among texts, and between sound and video of one container.
 */
export async function findType(path: string, claimed: string | undefined, name: string): Promise<string> {
  const found = await fileTypeFromBlob(await openAsBlob(path));
  // A drawing begins as any XML.
  if (found && found.mime !== 'application/xml') return refine(OTHER_NAMES[found.mime] ?? bare(found.mime), claimed);
  const head = await readHead(path);
  return isText(head) ? typeOfText(head.toString('utf8'), claimed, name) : 'application/octet-stream';
}

const bare = (type: string): string => type.split(';', 1)[0]!.trim().toLowerCase();

/** Phones record sound into containers of video. */
function refine(type: string, claimed: string | undefined): string {
  const said = bare(claimed ?? '');
  return type.startsWith('video/') && said === type.replace('video/', 'audio/') ? said : type;
}

async function readHead(path: string): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(HEAD), 0, HEAD, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Text has no control characters but tabs and line ends. A character may be cut at the end. */
function isText(head: Buffer): boolean {
  if (head.length === 0) return false;
  for (const byte of head) if (byte < 9 || (byte > 13 && byte < 32 && byte !== 27)) return false;
  const end = head.length < HEAD ? head.length : head.length - 4;
  return !head.toString('utf8', 0, end).includes('\uFFFD');
}

const MARKUP = /<(?:!doctype|html|head|body|script|style|iframe|svg|\?xml|[a-z]+:[a-z]+|[a-z]+[\s>/])/i;

function typeOfText(text: string, claimed: string | undefined, name: string): string {
  if (/<svg[\s>]/i.test(text)) return 'image/svg+xml';
  if (/^\s*(?:\uFEFF)?<\?xml/i.test(text)) return 'application/xml';
  // An old browser would guess a page from any tag.
  if (MARKUP.test(text.slice(0, 1024))) return 'text/html';
  const said = bare(claimed ?? '');
  if (said === 'text/csv' || /\.csv$/i.test(name)) return 'text/csv';
  if (said === 'application/json' || /\.json$/i.test(name)) return 'application/json';
  if (said === 'text/vcard' || /\.vcf$/i.test(name)) return 'text/vcard';
  return 'text/plain';
}
