import type { Readable } from 'node:stream';
import { FILE_HEADERS, type FileVariant } from '@recado/contracts';
import type { Caller } from '@recado/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FilesClient } from './client.ts';

/** The bytes of a file as they come, for the answer whose status and headers are set here. */
export async function sendFile(
  files: Pick<FilesClient, 'open'>,
  wanted: { fileId: string; variant: FileVariant; as: 'inline' | 'attachment' },
  caller: Caller,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Readable> {
  const { status, headers, body } = await files.open(wanted, caller, request.headers);
  reply.code(status);
  for (const name of FILE_HEADERS) if (headers[name] !== undefined) reply.header(name, headers[name]);
  // A part of a file has no other coding than the whole.
  reply.header('content-encoding', 'identity');
  // The client went away: the connector need not read on.
  request.raw.once('close', () => body.destroy());
  return body;
}
