import type { FieldError } from '@recado/contracts';

/** Settings are the editions' notes (greeting, colours, switches), not a store of documents. */
const MAX_SETTINGS_BYTES = 16 * 1024;
const MAX_SETTINGS_DEPTH = 20;
/** JSON.stringify escapes only surrogates that stand alone, and jsonb takes none of those. */
const LONE_SURROGATE = /(?<!\\)(?:\\\\)*\\ud[89a-f][0-9a-f]{2}/i;

type Settings = Record<string, unknown>;

type Problem = Required<Pick<FieldError, 'code' | 'message'>>;

/**
 * Settings after a change, merged key by key, where null removes a key; or what is wrong with them.
 */
export type Merged = { settings: Settings } | { problem: Problem };

export function mergeSettings(current: Settings, patch: Settings): Merged {
  if (!isWithinDepth(patch, MAX_SETTINGS_DEPTH)) return wrong('too_deep', `At most ${MAX_SETTINGS_DEPTH} levels deep`);
  const settings = Object.fromEntries(Object.entries({ ...current, ...patch }).filter(([, value]) => value !== null));
  const text = JSON.stringify(settings);
  if (Buffer.byteLength(text) > MAX_SETTINGS_BYTES) return wrong('too_big', 'At most 16 KiB');
  if (LONE_SURROGATE.test(text)) return wrong('ill_formed', 'Not valid Unicode');
  return { settings };
}

/**
 * Whether a name is one of the IANA database. Offsets (`+05:00`) are none: Postgres reads them the
 * other way round.
 */
export function isTimeZone(name: string): boolean {
  if (!/^[a-z]/i.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

const wrong = (code: Problem['code'], message: string): Merged => ({ problem: { code, message } });

/**
 * Settings as fields of their own, `settings.<key>`, so that the audit log shows the keys that
 * changed.
 */
export const flatSettings = (settings: Settings): Settings =>
  Object.fromEntries(Object.entries(settings).map(([key, value]) => [`settings.${key}`, value]));

function isWithinDepth(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((inner) => isWithinDepth(inner, levels - 1));
}
