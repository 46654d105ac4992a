import { closeSync, createReadStream, existsSync, ftruncateSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import type { LedgerKind, LedgerPage, LedgerRows } from './rows.ts';
import { ledgerKinds } from './rows.ts';

export interface LedgerOptions {
  /** NDJSON file appended to; read back at the start. */
  file?: string | undefined;
  /** Rows kept of each kind; the oldest leave first. */
  maxRows?: number | undefined;
  /** Bytes of JSON kept of each kind. */
  maxBytes?: number | undefined;
}

export interface LedgerQuery {
  /** Rows with a greater sequence only. */
  since?: number | undefined;
  limit?: number | undefined;
  /** Fields that must be equal, e.g. `{ to: '5511…' }`. */
  where?: Record<string, string> | undefined;
}

export interface Ledger {
  append<K extends LedgerKind>(kind: K, row: Omit<LedgerRows[K], 'sequence' | 'at'>): LedgerRows[K];
  page<K extends LedgerKind>(kind: K, query?: LedgerQuery): LedgerPage<LedgerRows[K]>;
  counts(): Record<LedgerKind, { rows: number; lastSequence: number }>;
  /**
   * Facts of the sandbox itself that must outlive a restart (registered numbers), by key; the last
   * one stands.
   */
  remember(key: string, value: unknown): void;
  remembered(): Map<string, unknown>;
  clear(): void;
  close(): void;
}

interface Shelf {
  /**
   * Rows as JSON text: the most compact form, counted in bytes and written to the file as it
   * stands.
   */
  rows: string[];
  /** Index of the oldest row kept; the ones before are already forgotten. */
  head: number;
  bytes: number;
  lastSequence: number;
}

const DEFAULT_ROWS = 1_000_000;
const DEFAULT_BYTES = 256 * 1024 * 1024;

/**
 * Opens the ledger and reads its file. Each append is written to the file before it returns, so an
 * accepted message survives a kill of this process.
 */
export async function openLedger(options: LedgerOptions = {}): Promise<Ledger> {
  const maxRows = options.maxRows ?? DEFAULT_ROWS;
  const maxBytes = options.maxBytes ?? DEFAULT_BYTES;
  const memory = new Map<string, unknown>();
  const shelves = new Map<LedgerKind, Shelf>();
  for (const kind of ledgerKinds) shelves.set(kind, { rows: [], head: 0, bytes: 0, lastSequence: 0 });
  const shelfOf = (kind: LedgerKind): Shelf => shelves.get(kind)!;

  const put = (shelf: Shelf, json: string, sequence: number) => {
    shelf.rows.push(json);
    shelf.bytes += json.length;
    shelf.lastSequence = sequence;
    while (shelf.rows.length - shelf.head > maxRows || (shelf.bytes > maxBytes && shelf.head < shelf.rows.length - 1)) {
      shelf.bytes -= shelf.rows[shelf.head]!.length;
      shelf.rows[shelf.head] = '';
      shelf.head++;
    }
    if (shelf.head > 1024 && shelf.head * 2 > shelf.rows.length) {
      shelf.rows = shelf.rows.slice(shelf.head);
      shelf.head = 0;
    }
  };

  let fd: number | null = null;
  if (options.file) {
    if (existsSync(options.file)) await readBack(options.file, shelfOf, put, memory);
    mkdirSync(dirname(options.file), { recursive: true });
    fd = openSync(options.file, 'a');
    // A kill may have torn the last line; what follows must not be glued to it. Empty lines are
    // skipped.
    writeSync(fd, '\n');
  }
  const write = (label: string, json: string) => {
    if (fd !== null) writeSync(fd, `["${label}",${json}]\n`);
  };

  return {
    append(kind, row) {
      const shelf = shelfOf(kind);
      const whole = {
        sequence: shelf.lastSequence + 1,
        at: new Date().toISOString(),
        ...row,
      } as LedgerRows[typeof kind];
      const json = JSON.stringify(whole);
      put(shelf, json, whole.sequence);
      write(kind, json);
      return whole;
    },
    page(kind, query = {}) {
      return readPage(shelfOf(kind), query);
    },
    counts() {
      const counts = {} as Record<LedgerKind, { rows: number; lastSequence: number }>;
      for (const [kind, shelf] of shelves) {
        counts[kind] = { rows: shelf.rows.length - shelf.head, lastSequence: shelf.lastSequence };
      }
      return counts;
    },
    remember(key, value) {
      memory.set(key, value);
      write('memory', JSON.stringify({ key, value }));
    },
    remembered: () => memory,
    clear() {
      for (const shelf of shelves.values()) {
        // Sequences go on: a reader that pages with `since` must not miss what comes after.
        shelf.rows = [];
        shelf.head = 0;
        shelf.bytes = 0;
      }
      if (fd === null) return;
      ftruncateSync(fd, 0);
      for (const [key, value] of memory) write('memory', JSON.stringify({ key, value }));
      for (const [kind, shelf] of shelves) write('sequence', JSON.stringify({ kind, last: shelf.lastSequence }));
    },
    close() {
      if (fd !== null) closeSync(fd);
      fd = null;
    },
  };
}

function readPage<T>(shelf: Shelf, query: LedgerQuery): LedgerPage<T> {
  const limit = Math.min(Math.max(query.limit ?? 1000, 1), 10_000);
  const where = Object.entries(query.where ?? {});
  const kept = shelf.rows.length - shelf.head;
  const oldest = shelf.lastSequence - kept + 1;
  const since = Math.max(query.since ?? 0, oldest - 1);
  const items: T[] = [];
  let index = shelf.head + (since - oldest + 1);
  for (; index < shelf.rows.length && items.length < limit; index++) {
    const json = shelf.rows[index]!;
    // A cheap look into the text first: parsing a million rows for one is slow.
    if (where.some(([, value]) => !json.includes(JSON.stringify(value).slice(1, -1)))) continue;
    const row = JSON.parse(json) as Record<string, unknown>;
    if (where.every(([name, value]) => String(row[name]) === value)) items.push(row as T);
  }
  const hasMore = index < shelf.rows.length;
  return { items, next: shelf.lastSequence - (shelf.rows.length - index), hasMore };
}

async function readBack(
  file: string,
  shelfOf: (kind: LedgerKind) => Shelf,
  put: (shelf: Shelf, json: string, sequence: number) => void,
  memory: Map<string, unknown>,
): Promise<void> {
  const lines = createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY });
  for await (const line of lines) {
    if (line === '') continue;
    let entry: [string, { sequence?: number; key?: string; value?: unknown; kind?: LedgerKind; last?: number }];
    try {
      entry = JSON.parse(line);
    } catch {
      continue; // the line a kill tore
    }
    const [label, value] = entry;
    if (label === 'memory') memory.set(value.key!, value.value);
    else if (label === 'sequence') shelfOf(value.kind!).lastSequence = value.last!;
    else if ((ledgerKinds as readonly string[]).includes(label)) {
      const shelf = shelfOf(label as LedgerKind);
      // Sequences count without gaps, which is what makes paging a matter of subtraction.
      put(shelf, JSON.stringify({ ...value, sequence: shelf.lastSequence + 1 }), shelf.lastSequence + 1);
    }
  }
}
