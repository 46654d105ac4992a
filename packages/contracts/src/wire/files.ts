import { z } from 'zod';
import { FILE_VARIANTS } from '../internal/files.ts';
import { uuid } from '../primitives.ts';

/** `POST`: the bytes are the whole body. 201 with a StoredFile, which waits for confirmFile. */
export const FILES_PATH = '/files';
export const FILE_CONTENT_TYPE = 'application/octet-stream';
/** The sender's name of the file, as encodeURIComponent writes it. */
export const FILE_NAME_HEADER = 'x-recado-file-name';
/** The sender's word for its type; the content decides. */
export const FILE_TYPE_HEADER = 'x-recado-file-type';

/** `GET`: the bytes, with ranges and conditions of HTTP. */
export const FILE_CONTENT_PATH = '/files/:fileId/content';
export const fileContentQuery = z.strictObject({
  variant: z.enum(FILE_VARIANTS).default('original'),
  /** `attachment`: never shown by a browser. */
  as: z.enum(['inline', 'attachment']).default('inline'),
});
export const fileContentParams = z.strictObject({ fileId: uuid() });

/** Of the answer with the bytes: these go on to the client. */
export const FILE_HEADERS = [
  'accept-ranges',
  'content-disposition',
  'content-length',
  'content-range',
  'content-security-policy',
  'content-type',
  'etag',
  'last-modified',
] as const;
