import { z } from 'zod';
import { isoTime, uuid } from '../primitives.ts';
import { route } from '../route.ts';

/** `uploaded`: whole, but its form is not read to the end. `fetching`: on its way to us. */
export const FILE_STATES = ['uploaded', 'ready', 'fetching', 'failed'] as const;
/** A smaller image; a sound that every browser plays. */
export const FILE_VARIANTS = ['original', 'thumbnail', 'playback'] as const;
export type FileVariant = (typeof FILE_VARIANTS)[number];

export const storedFile = z
  .object({
    id: uuid(),
    name: z.string().describe('As its sender called it, made safe'),
    type: z.string().describe('MIME type, decided by the content'),
    size: z.number().int().describe('Bytes'),
    sha256: z.string().nullable().describe('Hex'),
    width: z.number().int().nullable(),
    height: z.number().int().nullable(),
    variants: z.array(z.enum(FILE_VARIANTS)).describe('What can be downloaded'),
    state: z.enum(FILE_STATES),
    error: z.object({ code: z.string(), message: z.string() }).nullable().describe('Why it could not be had'),
    source: z.enum(['upload', 'inbound']),
    relatedType: z.string().nullable(),
    relatedId: z.string().nullable(),
    createdBy: uuid().nullable(),
    createdAt: isoTime(),
  })
  .meta({ id: 'StoredFile' });
export type StoredFile = z.infer<typeof storedFile>;

const fileParams = z.strictObject({ fileId: uuid() });

/** Bytes go by themselves: see wire/files.ts. */
export const fileRoutes = {
  confirmFile: route({
    method: 'POST',
    path: '/files/:fileId/confirm',
    access: 'messages.create',
    once: { none: 'A file that is confirmed stays so' },
    params: fileParams,
    body: z.strictObject({
      relatedType: z
        .string()
        .regex(/^[a-z_]{1,40}$/)
        .nullable()
        .default(null),
      relatedId: z.string().min(1).max(64).nullable().default(null),
    }),
    responses: { 200: storedFile },
    audit: 'file.create',
    summary: 'Keep an uploaded file, once its form was read to the end. Without it the file is erased an hour later',
  }),
  getFile: route({
    method: 'GET',
    path: '/files/:fileId',
    access: 'messages.read',
    callers: ['gateway', 'conversation'],
    params: fileParams,
    responses: { 200: storedFile },
    summary: 'One file without its bytes',
  }),
  deleteFile: route({
    method: 'DELETE',
    path: '/files/:fileId',
    access: 'messages.create',
    params: fileParams,
    responses: { 204: z.null() },
    audit: 'file.delete',
    summary: 'Erase a file, also from the storage. An agent erases only what the agent uploaded: 403',
  }),
};
