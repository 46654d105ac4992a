const NUMBER_KEY = Buffer.from('"phone_number_id"');
const ID_KEY = Buffer.from('"id"');
const [SPACE, TAB, LINE_FEED, RETURN] = [0x20, 0x09, 0x0a, 0x0d];
const [QUOTE, COLON, ZERO, NINE, BRACE, BRACKET] = [0x22, 0x3a, 0x30, 0x39, 0x7b, 0x5b];
const MAX_DIGITS = 32;

/**
 * The `phone_number_id`s in a webhook's raw bytes, or null for more than `max`. It may find too
 * many, never too few. A number counts only when its secret signed the body.
 */
export const scanPhoneNumberIds = (body: Uint8Array, max: number) => scan(NUMBER_KEY, body, max);

/** The same for ids of digits, among them those of the accounts. */
export const scanIds = (body: Uint8Array, max: number) => scan(ID_KEY, body, max);

function scan(key: Buffer, body: Uint8Array, max: number): string[] | null {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const found = new Set<string>();
  for (let at = bytes.indexOf(key); at >= 0; at = bytes.indexOf(key, at + key.length)) {
    const number = readNumber(bytes, at + key.length);
    if (number === null || found.has(number)) continue;
    if (found.size === max) return null;
    found.add(number);
  }
  return [...found];
}

/** Whether a body may be the JSON of a webhook, by its first character. */
export function looksLikeJson(body: Uint8Array): boolean {
  const first = body[skipSpace(body, 0)];
  return first === BRACE || first === BRACKET;
}

/** The digits after a colon, in quotes or not. */
function readNumber(bytes: Buffer, from: number): string | null {
  let at = skipSpace(bytes, from);
  if (bytes[at] !== COLON) return null;
  at = skipSpace(bytes, at + 1);
  if (bytes[at] === QUOTE) at++;
  let end = at;
  while (end - at <= MAX_DIGITS && bytes[end]! >= ZERO && bytes[end]! <= NINE) end++;
  return end > at && end - at <= MAX_DIGITS ? bytes.toString('latin1', at, end) : null;
}

function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from;
  while (bytes[at] === SPACE || bytes[at] === LINE_FEED || bytes[at] === RETURN || bytes[at] === TAB) at++;
  return at;
}
