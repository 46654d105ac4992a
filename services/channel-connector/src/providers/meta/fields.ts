export type Json = Record<string, unknown>;

/** Later than any time in seconds, earlier than any in milliseconds. */
const SECONDS_END = 100_000_000_000;
/** 2009, when WhatsApp began: earlier is a broken clock, not a message. */
const EARLIEST = Date.UTC(2009, 0, 1);

/**
 * Reads an object of Meta's field by field. A field of another type than expected counts as unread,
 * and `rest` returns all that was not read: so nothing is lost.
 */
export class Fields {
  readonly #source: Json;
  /** What was read; objects with what was read of them. */
  readonly #read = new Map<string, Fields | Fields[] | null>();

  constructor(source: Json) {
    this.#source = source;
  }

  string(key: string): string | undefined {
    const value = this.#source[key];
    return typeof value === 'string' ? this.#keep(key, value) : undefined;
  }

  /** A text, or a whole number as text. */
  id(key: string): string | undefined {
    const value = this.#source[key];
    return Number.isSafeInteger(value) ? this.#keep(key, String(value)) : this.string(key);
  }

  /** A number, also one that came as text. */
  number(key: string): number | undefined {
    const value = this.#source[key];
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    return typeof number === 'number' && Number.isFinite(number) ? this.#keep(key, number) : undefined;
  }

  boolean(key: string): boolean | undefined {
    const value = this.#source[key];
    return typeof value === 'boolean' ? this.#keep(key, value) : undefined;
  }

  /** Meta's times are Unix seconds, mostly as text; some are milliseconds. Absurd ones are none. */
  time(key: string, latest = Number.MAX_SAFE_INTEGER): string | undefined {
    const value = this.#source[key];
    const seconds = typeof value === 'string' && value !== '' ? Number(value) : value;
    const time = typeof seconds === 'number' ? (seconds < SECONDS_END ? seconds * 1000 : seconds) : Number.NaN;
    const plausible = time >= EARLIEST && time <= Math.min(latest, LAST_TIME);
    return plausible ? this.#keep(key, new Date(time).toISOString()) : undefined;
  }

  /** When it happened; now, when that is missing or lies ahead. */
  timestamp(now: Date): string {
    return this.time('timestamp', now.getTime() + DAY) ?? now.toISOString();
  }

  object(key: string): Fields | undefined {
    const value = Object.hasOwn(this.#source, key) ? this.#source[key] : undefined;
    if (!isObject(value)) return undefined;
    const fields = new Fields(value);
    this.#read.set(key, fields);
    return fields;
  }

  /** A list that holds nothing but objects. */
  objects(key: string): Fields[] | undefined {
    const value = this.#source[key];
    if (!Array.isArray(value) || !value.every(isObject)) return undefined;
    const list = value.map((one) => new Fields(one));
    this.#read.set(key, list);
    return list;
  }

  /** A list that holds nothing but texts. */
  strings(key: string): string[] | undefined {
    const value = this.#source[key];
    if (!Array.isArray(value) || !value.every((one) => typeof one === 'string')) return undefined;
    return this.#keep(key, value);
  }

  /** The value itself; it stays unread. */
  peek(key: string): unknown {
    return this.#source[key];
  }

  /** Counts as read: its value is kept elsewhere. */
  skip(key: string): void {
    this.#read.set(key, null);
  }

  /** The fields that were not read, where they stood; undefined when there are none. */
  rest(): Json | undefined {
    let rest: Json | undefined;
    for (const key in this.#source) {
      const value = this.#unread(key);
      if (value === null || value === undefined) continue;
      rest ??= {};
      rest[key] = value;
    }
    return rest;
  }

  #unread(key: string): unknown {
    const read = this.#read.get(key);
    if (read === undefined) return this.#source[key];
    if (read === null) return undefined;
    if (!Array.isArray(read)) return read.rest();
    const rests = read.map((one) => one.rest() ?? null);
    return rests.some((one) => one !== null) ? rests : undefined;
  }

  #keep<T>(key: string, value: T): T {
    this.#read.set(key, null);
    return value;
  }
}

/** Clocks may differ by so much. */
const DAY = 24 * 3600 * 1000;
/** 9999-12-31: the last a four-digit year can say. */
const LAST_TIME = 253_402_300_799_000;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function string(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
