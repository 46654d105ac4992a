/**
 * Two spellings of one number: WhatsApp may use either (Brazil's ninth digit, the mobile marks of
 * Mexico and Argentina). Patterns come in pairs, so each member gives the same set.
 */
const PAIRS: { long: RegExp; short: RegExp; toShort(d: string): string; toLong(d: string): string }[] = [
  {
    // Brazil: 55, area (two digits), a mobile of eight digits (6 to 9 first: lower ones are
    // landlines), or 9 and those eight.
    long: /^55[1-9]\d9[6-9]\d{7}$/,
    short: /^55[1-9]\d[6-9]\d{7}$/,
    toShort: (d) => d.slice(0, 4) + d.slice(5),
    toLong: (d) => `${d.slice(0, 4)}9${d.slice(4)}`,
  },
  {
    // Mexico: 52 and ten digits; no area code starts with 0 or 1.
    long: /^521[2-9]\d{9}$/,
    short: /^52[2-9]\d{9}$/,
    toShort: (d) => `52${d.slice(3)}`,
    toLong: (d) => `521${d.slice(2)}`,
  },
  {
    // Argentina: 54 and ten digits; area codes start with 11, 2 or 3, never 9.
    long: /^549[123]\d{9}$/,
    short: /^54[123]\d{9}$/,
    toShort: (d) => `54${d.slice(3)}`,
    toLong: (d) => `549${d.slice(2)}`,
  },
];

const DIGITS = /^[1-9]\d{4,14}$/;

/**
 * The spellings of a number, itself first, then its variant if it has one.
 * @param waId digits, with or without a plus sign; any other id (an `@lid`) has no variant
 */
export function phoneVariants(waId: string): string[] {
  const digits = waId.startsWith('+') ? waId.slice(1) : waId;
  for (const pair of PAIRS) {
    if (pair.long.test(digits)) return [digits, pair.toShort(digits)];
    if (pair.short.test(digits)) return [digits, pair.toLong(digits)];
  }
  return [digits];
}

/**
 * One key for all spellings of a number, for a unique index; never shown and never sent to. Null
 * for what is no phone.
 * @param phone digits, with or without a plus sign.
 */
export function phoneKey(phone: string | null): string | null {
  if (phone === null) return null;
  const [digits, variant] = phoneVariants(phone) as [string, string?];
  if (!DIGITS.test(digits)) return null;
  return variant !== undefined && variant.length < digits.length ? variant : digits;
}

/** Whether two texts are spellings of one phone. What is no phone is the same as nothing. */
export function isSamePhone(a: string | null, b: string | null): boolean {
  const key = phoneKey(a);
  return key !== null && key === phoneKey(b);
}
