import type { Readable } from 'node:stream';
import type { MultipartFile, MultipartValue } from '@fastify/multipart';
import { FIELD_CODES, MAX_FILE_BYTES, type StoredFile } from '@recado/contracts';
import { AppError, TooManyRequests, ValidationFailed } from '@recado/service-kit';
import type { FastifyRequest } from 'fastify';
import type { GatewayDeps } from '../deps.ts';
import type { CallContext } from '../edge/call-context.ts';

export const MULTIPART_LIMITS = {
  fileSize: MAX_FILE_BYTES,
  files: 1,
  fields: 8,
  parts: 9,
  fieldNameSize: 100,
  fieldSize: 1024,
  headerPairs: 20,
};

/** Of one tenant at once, at this gateway. */
const PER_TENANT = 8;
const underWay = new Map<string, number>();

export interface Upload {
  file: StoredFile | null;
  /** The text fields of the form. */
  fields: Record<string, string>;
}

/**
 * Reads a form with one file and passes the file on while it comes. The connector keeps it once
 * `confirmFile` is called. @throws AppError; TooManyRequests
 */
export async function readUpload(request: FastifyRequest, { files }: GatewayDeps, call: CallContext): Promise<Upload> {
  if (!request.isMultipart()) throw new AppError('unsupported_media_type', 'Expected multipart/form-data');
  const { tenantId } = call.caller;
  const count = underWay.get(tenantId) ?? 0;
  if (count >= PER_TENANT) throw new TooManyRequests(1);
  underWay.set(tenantId, count + 1);
  try {
    return await readParts(request, files, call);
  } finally {
    const left = underWay.get(tenantId)! - 1;
    if (left > 0) underWay.set(tenantId, left);
    else underWay.delete(tenantId);
  }
}

async function readParts(request: FastifyRequest, files: GatewayDeps['files'], call: CallContext): Promise<Upload> {
  const upload: Upload = { file: null, fields: {} };
  try {
    for await (const part of request.parts()) {
      if (part.type === 'file') upload.file = await pass(part, files, call);
      else upload.fields[part.fieldname] = textOf(part);
    }
    return upload;
  } catch (error) {
    throw asRefusal(error);
  }
}

const pass = ({ file, filename, mimetype }: MultipartFile, files: GatewayDeps['files'], call: CallContext) =>
  files.upload(file as Readable, { name: filename ?? '', type: mimetype }, call);

function textOf({ value }: MultipartValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What the plugin and its parser refuse, in codes of ours. */
function asRefusal(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const { code } = error as { code?: string };
  if (code === 'FST_REQ_FILE_TOO_LARGE') return new AppError('payload_too_large', 'The file is too large');
  if (code === 'FST_FILES_LIMIT')
    return new ValidationFailed([{ field: 'file', code: 'file', message: FIELD_CODES.file }]);
  return new AppError('bad_request', 'The form is not complete', { cause: error });
}
