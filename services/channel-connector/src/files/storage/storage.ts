import type { Readable } from 'node:stream';

/** Bytes from `start` to `end`, both included. */
export interface ByteRange {
  start: number;
  end: number;
}

/** Where the bytes of files are. Keys are paths of our own making. */
export interface Storage {
  /** A folder of this machine for files on their way. */
  spool: string;
  /** Takes a file of this machine; it is moved where that is possible. */
  put(key: string, path: string, type: string): Promise<void>;
  /** @throws MissingObject when there is none */
  read(key: string, range?: ByteRange): Promise<Readable>;
  /** Also when there is none. */
  remove(key: string): Promise<void>;
  /** Rejects when nothing could be stored. */
  check(): Promise<void>;
  close(): Promise<void>;
}

export class MissingObject extends Error {
  override readonly name = 'MissingObject';
}
