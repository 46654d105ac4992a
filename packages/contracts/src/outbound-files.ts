import { z } from 'zod';
import { FIELD_CODES, type FieldCode, type FieldError } from './errors.ts';
import type { StoredFile } from './internal/files.ts';
import type { OutboundContent } from './outbound-content.ts';

/** As what a file goes out. `voice`: shown as recorded in the chat. */
export const FILE_KINDS = ['image', 'video', 'audio', 'voice', 'document', 'sticker'] as const;
export type FileKind = (typeof FILE_KINDS)[number];

/** MIME types that a provider takes, a family by `audio/*`, and their bytes at most. */
export const fileLimits = z.partialRecord(
  z.enum(FILE_KINDS),
  z.array(z.object({ types: z.array(z.string()), maxBytes: z.number().int() })),
);
export type FileLimits = z.infer<typeof fileLimits>;

/** A file of ours that content names, with the field that names it. */
export interface NamedFile {
  fileId: string;
  kind: FileKind;
  field: string;
}

/** The files of ours that content names. A template has them in the headers of its parts. */
export function filesOf(content: OutboundContent): NamedFile[] {
  if ('media' in content) {
    const { fileId } = content.media;
    const kind = content.kind === 'audio' && content.voice ? 'voice' : content.kind;
    return fileId === undefined ? [] : [{ fileId, kind, field: 'media.fileId' }];
  }
  if (content.kind === 'template') return filesOfComponents(content.components ?? [], 'components');
  const file = 'header' in content ? content.header?.file : undefined;
  return file?.media.fileId === undefined
    ? []
    : [{ fileId: file.media.fileId, kind: file.kind, field: 'header.file.media.fileId' }];
}

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const fieldsIn = (value: unknown): Fields[] => (Array.isArray(value) ? value.filter(isFields) : []);

function filesOfComponents(components: unknown, at: string): NamedFile[] {
  return fieldsIn(components).flatMap((component, i) => [
    ...fieldsIn(component.parameters).flatMap((parameter, n): NamedFile[] => {
      const kind = parameter.type === 'gif' ? 'video' : parameter.type;
      const part = parameter[String(parameter.type)];
      const fileId = isFields(part) ? part.fileId : undefined;
      if (typeof fileId !== 'string' || (kind !== 'image' && kind !== 'video' && kind !== 'document')) return [];
      return [{ fileId, kind, field: `${at}.${i}.parameters.${n}` }];
    }),
    ...fieldsIn(component.cards).flatMap((card, n) =>
      filesOfComponents(card.components, `${at}.${i}.cards.${n}.components`),
    ),
  ]);
}

/** How a file goes out: as it is, or what browsers record as Opus in OGG. */
export type FileForm = 'original' | 'ogg';
type SentFile = Pick<StoredFile, 'type' | 'size'> & Partial<Pick<StoredFile, 'variants'>>;
type CheckedFile = SentFile & Pick<StoredFile, 'state'>;

/** How a file can go out as a kind; the code of what is wrong when it cannot. */
export function formOf(
  { type, size, variants }: SentFile,
  kind: FileKind,
  limits: FileLimits,
): { form: FileForm } | { code: 'file_type' } | { code: 'file_size'; maxBytes: number } {
  const allowed = limits[kind];
  if (!allowed) return { form: 'original' };
  const limitOf = (wanted: string) => allowed.find(({ types }) => types.some((one) => matches(one, wanted)));
  const own = limitOf(type);
  // What is played from it was made of Opus, so it can be put into OGG.
  const recorded = type === 'audio/webm' && (variants === undefined || variants.includes('playback'));
  const limit = own ?? (recorded ? limitOf('audio/ogg') : undefined);
  if (!limit) return { code: 'file_type' };
  if (size > limit.maxBytes) return { code: 'file_size', maxBytes: limit.maxBytes };
  return { form: own ? 'original' : 'ogg' };
}

const matches = (pattern: string, type: string): boolean =>
  pattern === '*/*' || pattern === type || (pattern.endsWith('/*') && type.startsWith(pattern.slice(0, -1)));

/** Stored files by their ids; null: the tenant has none of that id. */
export type KnownFiles = ReadonlyMap<string, StoredFile | null>;

/** What of a content's files a channel does not take, each with its field. */
export function findFileFaults(content: OutboundContent, files: KnownFiles, limits: FileLimits = {}): FieldError[] {
  return findNamedFaults(filesOf(content), files, limits);
}

/** The same for files that something else than a message names. */
export function findNamedFaults(
  named: readonly NamedFile[],
  files: ReadonlyMap<string, CheckedFile | null>,
  limits: FileLimits,
): FieldError[] {
  return named.flatMap(({ fileId, kind, field }): FieldError[] => {
    const file = files.get(fileId);
    if (file?.state !== 'ready') return [fault(field, 'unknown_file')];
    const found = formOf(file, kind, limits);
    if ('form' in found) return [];
    const types = (limits[kind] ?? []).flatMap((one) => one.types).join(', ');
    return found.code === 'file_type'
      ? [{ ...fault(field, 'file_type'), params: { types } }]
      : [{ ...fault(field, 'file_size'), params: { megabytes: megabytesOf(found.maxBytes) } }];
  });
}

const megabytesOf = (bytes: number): number => Math.round((bytes / 1024 / 1024) * 10) / 10;

const fault = (field: string, code: FieldCode): FieldError => ({ field, message: FIELD_CODES[code], code });
