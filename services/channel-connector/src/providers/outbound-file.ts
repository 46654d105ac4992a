import type { Readable } from 'node:stream';

/** A stored file that a message takes along. */
export interface OutboundFile {
  id: string;
  name: string;
  /** MIME type. */
  type: string;
  /** Bytes. */
  size: number;
  /** The provider's id of it, where the provider keeps files. */
  providerFileId: string | null;
  open(): Promise<Readable>;
}

/** The file that a part of a message names. @throws when the sender did not bring it */
export function fileOf(files: OutboundFiles, fileId: string): OutboundFile {
  const file = files.get(fileId);
  if (!file) throw new Error(`The file ${fileId} was not brought`);
  return file;
}

export type OutboundFiles = ReadonlyMap<string, OutboundFile>;

/** Bytes a second below which a transfer counts as stuck. */
const SLOWEST = 128 * 1024;

/** Milliseconds that a call with so many bytes may take. */
export const deadlineOf = (baseMs: number, bytes: number): number => baseMs + Math.ceil((bytes / SLOWEST) * 1000);
