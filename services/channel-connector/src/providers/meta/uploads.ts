import { randomUUID } from 'node:crypto';
import type { FileLimits } from '@recado/contracts';
import type { Dispatcher } from 'undici';
import { cleanId } from '../../webhooks/clean.ts';
import { callOnce } from '../call.ts';
import { deadlineOf } from '../outbound-file.ts';
import type { FileUploads } from '../provider.ts';
import { streamFile } from '../streamed-body.ts';
import type { MetaAccount } from './account.ts';
import { isObject, string } from './fields.ts';
import { judge, VERSION } from './graph-client.ts';

const MB = 1024 * 1024;
const DAY_MS = 24 * 3600_000;
const OFFICE = 'application/vnd.openxmlformats-officedocument';

/** Source: developers.facebook.com, Cloud API, "Media", supported types. */
export const META_FILES: FileLimits = {
  image: [{ types: ['image/jpeg', 'image/png'], maxBytes: 5 * MB }],
  video: [{ types: ['video/mp4', 'video/3gpp'], maxBytes: 16 * MB }],
  audio: [{ types: ['audio/aac', 'audio/amr', 'audio/mpeg', 'audio/mp4', 'audio/ogg'], maxBytes: 16 * MB }],
  voice: [{ types: ['audio/ogg'], maxBytes: 16 * MB }],
  document: [
    {
      types: [
        'application/pdf',
        'text/plain',
        'text/csv',
        'application/msword',
        'application/vnd.ms-excel',
        'application/vnd.ms-powerpoint',
        `${OFFICE}.wordprocessingml.document`,
        `${OFFICE}.spreadsheetml.sheet`,
        `${OFFICE}.presentationml.presentation`,
      ],
      maxBytes: 100 * MB,
    },
  ],
  // Of the two sizes for stickers this is the one of moving ones.
  sticker: [{ types: ['image/webp'], maxBytes: 500 * 1024 }],
};

export interface UploadOptions {
  /** https://graph.facebook.com, or the sandbox. */
  graphUrl: string;
  dispatcher: Dispatcher;
  sendTimeoutMs: number;
}

/** Files go to Meta by themselves, and a message names the id. */
export function createMetaUploads({ graphUrl, dispatcher, sendTimeoutMs }: UploadOptions): FileUploads<MetaAccount> {
  const { origin, pathname } = new URL(graphUrl);
  const prefix = `${pathname.replace(/\/$/, '')}/${VERSION}`;
  return {
    // Meta keeps an upload for 30 days; the last one is left for what is on its way.
    keepMs: 29 * DAY_MS,
    async upload({ providerId, account }, file) {
      const boundary = `recado-${randomUUID()}`;
      const type = typeAtMeta(file.type);
      const field = (name: string, value: string) =>
        `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
      const name = file.name.replace(/[^\x20-\x7e]|["\\]/g, '_');
      const outcome = await callOnce(dispatcher, {
        origin,
        path: `${prefix}/${providerId}/media`,
        method: 'POST',
        headers: {
          authorization: `Bearer ${account.accessToken}`,
          'content-type': `multipart/form-data; boundary=${boundary}`,
        },
        body: streamFile(file, {
          before: [
            field('messaging_product', 'whatsapp'),
            field('type', type),
            `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${name}"\r\ncontent-type: ${type}\r\n\r\n`,
          ].join(''),
          after: `\r\n--${boundary}--\r\n`,
        }),
        timeoutMs: deadlineOf(sendTimeoutMs, file.size),
      });
      return judge(outcome, (body) => {
        const id = isObject(body) ? string(body.id) : null;
        return id ? cleanId(id) : null;
      });
    },
    async remove({ providerId, account }, id) {
      const outcome = await callOnce(dispatcher, {
        origin,
        path: `${prefix}/${encodeURIComponent(id)}?phone_number_id=${providerId}`,
        method: 'DELETE',
        headers: { authorization: `Bearer ${account.accessToken}` },
        timeoutMs: sendTimeoutMs,
      });
      return judge(outcome, (body) => (isObject(body) && body.success === true ? true : null));
    },
    isGone: ({ code, said }) => GONE.has(code) && /media (?:attachment )?id/i.test(said ?? ''),
  };
}

/** Codes of a request with a bad value. The sentence tells of which. */
const GONE = new Set(['100', '131009']);

/** Meta has one name for all that is written in letters. */
const typeAtMeta = (type: string): string => (type === 'text/csv' ? 'text/plain' : type);
