const SECRET_KEY =
  /authorization|cookie|passw|secret|token|api[-_]?key|credential|private[-_]?key|backup[-_]?code|^otp$|^pin$/i;
export const REDACTED = '[redacted]';
const MAX_DEPTH = 8;

/**
 * A copy for the log, with texts and objects under secret-looking keys replaced. Numbers and
 * booleans stay: `tokensUsed: 12` is no secret. Errors show what serializeError shows.
 */
export function redact(fields: Record<string, unknown>): Record<string, unknown> {
  return walk(fields, 0, true) as Record<string, unknown>;
}

function walk(value: unknown, depth: number, top = false): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Error) return serializeError(value);
  if (depth >= MAX_DEPTH) return '[deep]';
  if (value instanceof Date) return value;
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (value instanceof Map) return walk(Object.fromEntries(value), depth + 1);
  if (value instanceof Set) return walk([...value], depth + 1);
  if (Array.isArray(value)) return value.map((item) => walk(item, depth + 1));
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function' && !top) {
    return walk((value as { toJSON(): unknown }).toJSON(), depth + 1);
  }
  const copy: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    const hide = SECRET_KEY.test(key) && (typeof item === 'string' || (typeof item === 'object' && item !== null));
    copy[key] = hide ? REDACTED : walk(item, depth + 1);
  }
  return copy;
}

export interface SerializedError {
  type: string;
  message: string;
  stack?: string;
  [field: string]: unknown;
}

// Database errors carry the row (`detail`, `parameters`), HTTP errors the request with its headers:
// only these are shown.
const SHOWN = [
  'code',
  'status',
  'statusCode',
  'severity',
  'schema_name',
  'table_name',
  'constraint_name',
  'routine',
  'entity',
  'errno',
  'syscall',
  'address',
  'port',
] as const;

/** An error for the log: its type, message, stack, harmless fields, and its causes. */
export function serializeError(error: unknown, depth = 0): SerializedError | unknown {
  if (!(error instanceof Error)) return walk(error, depth);
  const out: SerializedError = { type: error.name, message: error.message };
  if (error.stack) out.stack = error.stack;
  for (const field of SHOWN) {
    const value = (error as unknown as Record<string, unknown>)[field];
    if (typeof value === 'string' || typeof value === 'number') out[field] = value;
  }
  if (error.cause !== undefined && depth < 4) out.cause = serializeError(error.cause, depth + 1);
  if (error instanceof AggregateError && depth < 4) {
    out.errors = error.errors.slice(0, 5).map((inner) => serializeError(inner, depth + 1));
  }
  return out;
}

const KEY = '[\\w-]*(?:token|secret|passw(?:or)?d|api[-_]?key|authorization)[\\w-]*';
// Each pattern stops before the end of a JSON text, so a line stays valid JSON.
const SCRUBBERS: [RegExp, string][] = [
  [/\b(Bearer|Basic) +[^\s"\\,]+/gi, `$1 ${REDACTED}`],
  [/\beyJ[\w-]{8,}\.[\w-]{4,}\.[\w-]*/g, REDACTED],
  [/:\/\/[^\s"\\/@]+@/g, `://${REDACTED}@`],
  // "token":"…", also where JSON was logged as text and its quotes are escaped.
  [new RegExp(`(${KEY}\\\\*": ?\\\\*")[^"\\\\]+`, 'gi'), `$1${REDACTED}`],
  // token=…, password: …
  [new RegExp(`\\b(${KEY}(?:=|: ?))[^\\s"\\\\&,;)}\\][]+`, 'gi'), `$1${REDACTED}`],
];
// One cheap test spares the four replacements on the lines, nearly all, that hold nothing
// suspicious.
const SUSPICIOUS = /bearer|basic |eyJ|:\/\/[^\s"\\/@]+@|token|secret|passw|api[-_]?key/i;

/** A finished log line without bearer tokens, JWTs, credentials in URLs and `key=value` secrets. */
export function scrub(line: string): string {
  if (!SUSPICIOUS.test(line)) return line;
  let clean = line;
  for (const [pattern, replacement] of SCRUBBERS) clean = clean.replace(pattern, replacement);
  return clean;
}
