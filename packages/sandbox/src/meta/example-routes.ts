import type { FastifyRequest } from 'fastify';
import type { SandboxParts } from '../parts.ts';
import { GraphError, noSuchObject } from './errors.ts';
import { APP_ID } from './example-uploads.ts';
import { type Fields, invalid, isFields } from './fields.ts';
import { looksLike } from './media.ts';
import type { MetaNumber } from './numbers.ts';

/** Source: developers.facebook.com, "Resumable Upload API". */
const TYPES = ['application/pdf', 'image/jpeg', 'image/jpg', 'image/png', 'video/mp4'];
const MAX_LENGTH = 100 * 1024 * 1024;

/** `POST /:appId/uploads` begins a session; its signature stands behind the id. */
export function startUpload(parts: SandboxParts, numbers: MetaNumber[], id: string, query: Fields): { id: string } {
  if (id !== APP_ID) throw noSuchObject(id, 'post');
  const { file_length: given, file_type: type, file_name: name } = query;
  const length = Number(given);
  if (given === undefined) throw invalid('The parameter file_length is required.');
  if (!Number.isSafeInteger(length) || length < 1 || length > MAX_LENGTH) {
    throw invalid(`Param file_length must be between 1 and ${MAX_LENGTH}.`);
  }
  if (typeof name !== 'string' || name === '') throw invalid('The parameter file_name is required.');
  if (typeof type !== 'string' || !TYPES.includes(type)) {
    throw invalid(`Param file_type must be one of {${TYPES.join(', ')}} - got "${String(type)}".`);
  }
  const session = parts.exampleUploads.start({ appSecret: numbers[0]!.appSecret, name, type, length });
  return { id: `${session}?sig=${parts.ids.short('AR')}` };
}

/** `POST /upload:…` takes the whole file. A session that has its bytes gives its handle again. */
export function finishUpload(
  parts: SandboxParts,
  numbers: MetaNumber[],
  id: string,
  { headers, body }: FastifyRequest,
): { h: string } {
  const upload = parts.exampleUploads.find(id);
  if (upload?.appSecret !== numbers[0]!.appSecret) throw noSuchObject(id, 'post');
  if (headers.file_offset !== '0') throw invalid('The header file_offset must be the offset that the session is at.');
  const data = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
  if (data.length !== upload.length) {
    throw invalid(`The upload has ${data.length} bytes, and its file_length is ${upload.length}.`);
  }
  if (!looksLike(upload.type.replace('/jpg', '/jpeg'), data)) throw invalid(`The file is not of type ${upload.type}.`);
  return { h: parts.exampleUploads.finish(upload) };
}

const SHOWN: Record<string, string> = { IMAGE: 'image/', VIDEO: 'video/', GIF: 'video/', DOCUMENT: 'application/pdf' };

/** Refuses headers whose handle is not of this app, or of another kind of file. */
export function checkHandles(parts: SandboxParts, app: Pick<MetaNumber, 'appSecret'>, components: unknown): void {
  for (const component of Array.isArray(components) ? components.filter(isFields) : []) {
    for (const card of Array.isArray(component.cards) ? component.cards.filter(isFields) : []) {
      checkHandles(parts, app, card.components);
    }
    const shown = SHOWN[String(component.format ?? '').toUpperCase()];
    const [handle] = [isFields(component.example) ? component.example.header_handle : undefined].flat();
    if (!shown || typeof handle !== 'string' || handle === '') continue;
    const upload = parts.exampleUploads.findByHandle(handle);
    if (upload?.appSecret === app.appSecret && upload.type.startsWith(shown)) continue;
    throw new GraphError(100, {
      message: 'Invalid parameter',
      userTitle: 'Media handle is invalid',
      userMessage: `The header's example is no valid handle of a file for the format ${String(component.format)}.`,
    });
  }
}
