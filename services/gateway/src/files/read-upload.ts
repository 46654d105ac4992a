import type { Readable } from 'node:stream';
import type { MultipartValue } from '@fastify/multipart';
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

export interface Upload<T = StoredFile> {
  file: T | null;
  /** The text fields of the form. */
  fields: Record<string, string>;
}

/** Takes the file of a form while it comes. */
type PassFile<T> = (source: Readable, about: { name: string; type: string }) => Promise<T>;

/**
 * Reads a form with one file and passes the file on while it comes. The connector keeps it once
 * `confirmFile` is called. @throws AppError; TooManyRequests
 */
export const readUpload = (request: FastifyRequest, { files }: GatewayDeps, call: CallContext): Promise<Upload> =>
  readForm(request, call, (source, about) => files.upload(source, about, call));

/** The same for a file that goes elsewhere. `fieldSize`: bytes of a text field. */
export async function readForm<T>(
  request: FastifyRequest,
  call: CallContext,
  pass: PassFile<T>,
  fieldSize: number = MULTIPART_LIMITS.fieldSize,
): Promise<Upload<T>> {
  if (!request.isMultipart()) throw new AppError('unsupported_media_type', 'Expected multipart/form-data');
  const { tenantId } = call.caller;
  const count = underWay.get(tenantId) ?? 0;
  if (count >= PER_TENANT) throw new TooManyRequests(1);
  underWay.set(tenantId, count + 1);
  try {
    return await readParts(request, pass, fieldSize);
  } finally {
    const left = underWay.get(tenantId)! - 1;
    if (left > 0) underWay.set(tenantId, left);
    else underWay.delete(tenantId);
  }
}

async function readParts<T>(request: FastifyRequest, pass: PassFile<T>, fieldSize: number): Promise<Upload<T>> {
  const upload: Upload<T> = { file: null, fields: {} };
  try {
    for await (const part of request.parts({ limits: { ...MULTIPART_LIMITS, fieldSize } })) {
      if (part.type === 'field') upload.fields[part.fieldname] = textOf(part);
      else upload.file = await pass(part.file as Readable, { name: part.filename ?? '', type: part.mimetype });
    }
    return upload;
  } catch (error) {
    throw asRefusal(error);
  }
}

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
