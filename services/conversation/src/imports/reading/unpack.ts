import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { type Limits, refuseFile } from './limits.ts';

/** The parts of a workbook, which is a zip file. Nothing is written to disk. */
export interface Parts {
  has(name: string): boolean;
  /** The bytes of a part as they are unpacked. @throws ValidationFailed beyond the limits */
  read(name: string): AsyncIterable<Buffer>;
  close(): void;
}

export async function openParts(path: string, limits: Limits): Promise<Parts> {
  const zip = await openPromise(path, { autoClose: false }).catch(() => refuseFile('import_damaged'));
  try {
    const entries = await listEntries(zip, limits);
    const left = { bytes: limits.unpackedBytes };
    return {
      has: (name) => entries.has(name),
      read: (name) => unpack(zip, entries.get(name) ?? refuseFile('import_damaged'), left, limits),
      close: () => zip.close(),
    };
  } catch (error) {
    zip.close();
    throw error;
  }
}

async function listEntries(zip: ZipFile, limits: Limits): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>();
  if (zip.entryCount > limits.parts) refuseFile('import_unpacked');
  try {
    for await (const entry of zip.eachEntry()) entries.set(entry.fileName, entry);
  } catch {
    refuseFile('import_damaged');
  }
  return entries;
}

/** Counts what really comes: the sizes that the file tells of itself may be wrong. */
async function* unpack(
  zip: ZipFile,
  entry: Entry,
  left: { bytes: number },
  { ratio, freeBytes }: Limits,
): AsyncGenerator<Buffer> {
  const stream = await zip.openReadStreamPromise(entry).catch(() => refuseFile('import_damaged'));
  let bytes = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      left.bytes -= chunk.length;
      const isBomb = bytes > freeBytes && bytes > entry.compressedSize * ratio;
      if (left.bytes < 0 || isBomb) refuseFile('import_unpacked');
      yield chunk;
    }
  } catch (error) {
    if (error instanceof Error && 'details' in error) throw error;
    refuseFile('import_damaged');
  } finally {
    stream.destroy();
  }
}
