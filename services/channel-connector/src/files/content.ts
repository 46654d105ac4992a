import type { FileVariant } from '@recado/contracts';
import { readTenant } from '@recado/database';
import { AppError, NotFound } from '@recado/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Deps } from '../deps.ts';
import { keyOf } from './keys.ts';
import { isSafeInline } from './rules/content-type.ts';
import { dispositionOf } from './rules/names.ts';
import { readRange } from './rules/range.ts';
import { MissingObject } from './storage/storage.ts';
import { type FileRow, selectFile } from './store.ts';

/** Nothing of a tenant's file may run in the page that shows it. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/** Answers the bytes of a file, or a part of them. @throws NotFound, Unavailable */
export async function sendContent(
  { db, storage }: Pick<Deps, 'db' | 'storage'>,
  {
    tenantId,
    fileId,
    variant,
    as,
  }: { tenantId: string; fileId: string; variant: FileVariant; as: 'inline' | 'attachment' },
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const [[row]] = await readTenant(db, tenantId, (tx) => [selectFile(tx, tenantId, fileId)]);
  const type = row && typeOf(row, variant);
  if (!row || !type || row.state === 'failed') throw new NotFound('file', fileId);
  if (row.state === 'fetching') {
    throw new AppError('not_found', 'The file is still on its way', { entity: 'file', retryAfter: 2 });
  }
  const etag = `"${row.sha256 ?? row.id}-${variant}"`;
  reply
    .header('accept-ranges', 'bytes')
    .header('etag', etag)
    .header('last-modified', row.createdAt.toUTCString())
    .header('content-disposition', dispositionOf(isSafeInline(type) ? as : 'attachment', nameOf(row, variant)));
  // The PDF viewers of browsers do not start under a policy.
  if (type !== 'application/pdf') reply.header('content-security-policy', POLICY);
  if (request.headers['if-none-match'] === etag) return reply.code(304).send();

  const key = keyOf(tenantId, fileId, variant);
  const size = variant === 'original' ? row.size : row.storedBytes - row.size;
  const { range: wanted, 'if-range': ifRange } = request.headers;
  const range = ifRange === undefined || ifRange === etag ? readRange(wanted, size) : null;
  if (range === 'unsatisfiable') {
    return reply.code(416).header('content-range', `bytes */${size}`).send();
  }
  const body = await storage.read(key, range ?? undefined).catch((error: unknown) => {
    if (error instanceof MissingObject) throw new NotFound('file', fileId);
    throw new AppError('unavailable', 'The storage of files is unavailable', { cause: error, retryAfter: 5 });
  });
  reply.type(type.startsWith('text/') ? `${type}; charset=utf-8` : type);
  reply.header('content-length', range ? range.end - range.start + 1 : size);
  if (range) reply.code(206).header('content-range', `bytes ${range.start}-${range.end}/${size}`);
  return reply.send(body);
}

const typeOf = (row: FileRow, variant: FileVariant): string | null =>
  variant === 'original' ? row.type : variant === 'thumbnail' ? row.thumbnailType : row.playbackType;

function nameOf({ name }: FileRow, variant: FileVariant): string {
  const bare = name.replace(/\.[A-Za-z0-9]{1,8}$/, '');
  return variant === 'original' ? name : variant === 'thumbnail' ? `${bare}-thumbnail.webp` : `${bare}.mp3`;
}
