/** Where a card stands in its stage, as Postgres writes a numeric: the highest stands first. */
export type Rank = string;

/** One millisecond, in the ranks of cards that were never placed. */
const MILLISECOND = 1n << 80n;
/** A rank with more digits behind its point is spread anew. */
const MAX_DIGITS = 40;
const IDS = 1n << 128n;

interface Decimal {
  /** The value without its point. */
  digits: bigint;
  scale: number;
}

function parse(rank: Rank): Decimal {
  const [whole = '0', fraction = ''] = rank.split('.');
  return { digits: BigInt(whole + fraction), scale: fraction.length };
}

function format({ digits, scale }: Decimal): Rank {
  const sign = digits < 0n ? '-' : '';
  const text = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, '0');
  const whole = text.slice(0, text.length - scale);
  const fraction = text.slice(text.length - scale).replace(/0+$/, '');
  return sign + whole + (fraction && `.${fraction}`);
}

const at = ({ digits, scale }: Decimal, wanted: number): bigint => digits * 10n ** BigInt(wanted - scale);

function compare(a: Rank, b: Rank): number {
  const [x, y] = [parse(a), parse(b)];
  const scale = Math.max(x.scale, y.scale);
  const difference = at(x, scale) - at(y, scale);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** The rank of a card that was never placed: its id as a number, which follows its age. */
export const rankOfId = (id: string): Rank => BigInt(`0x${id.replaceAll('-', '')}`).toString();

/** The smallest id whose rank is not below this one; null: every id's is. */
export function idAt(rank: Rank): string | null {
  const { digits, scale } = parse(rank);
  const unit = 10n ** BigInt(scale);
  const floor = digits / unit;
  const number = digits > 0n && digits % unit !== 0n ? floor + 1n : floor;
  if (number >= IDS) return null;
  const hex = (number < 0n ? 0n : number).toString(16).padStart(32, '0');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** On top of a stage, and of all cards that are older than `now`. */
export function onTop(top: Rank | null, now: Date): Rank {
  const newest = BigInt(now.getTime()) * MILLISECOND;
  if (top === null || compare(top, newest.toString()) < 0) return newest.toString();
  // Ids may run ahead of the clock: a whole millisecond would stand above cards that come later.
  return shifted(top, 1n);
}

/** Below the last card of a stage. */
export const atBottom = (last: Rank): Rank => shifted(last, -MILLISECOND);

function shifted(rank: Rank, by: bigint): Rank {
  const { digits, scale } = parse(rank);
  return format({ digits: digits + by * 10n ** BigInt(scale), scale });
}

/**
 * The middle of two ranks; null when there is no room left between them.
 * @param maxDigits behind the point
 */
export function between(above: Rank, below: Rank, maxDigits = MAX_DIGITS): Rank | null {
  if (compare(above, below) <= 0) return null;
  const [x, y] = [parse(above), parse(below)];
  const scale = Math.max(x.scale, y.scale);
  const middle = { digits: (at(x, scale) + at(y, scale)) * 5n, scale: scale + 1 };
  const rank = format(middle);
  return parse(rank).scale > maxDigits ? null : rank;
}

/** So many ranks in even steps between two, the highest first, with as few digits as they take. */
export function spread(above: Rank, below: Rank, count: number): Rank[] {
  const [x, y] = [parse(above), parse(below)];
  const scale = Math.max(x.scale, y.scale);
  const [high, low] = [at(x, scale), at(y, scale)];
  const gap = high - low;
  let digits = 0;
  while (gap * 10n ** BigInt(digits) <= BigInt(2 * (count + 1)) * 10n ** BigInt(scale)) digits++;
  const [top, step] = [high * 10n ** BigInt(digits), gap * 10n ** BigInt(digits)];
  return Array.from({ length: count }, (_, i) => {
    const exact = top - (step * BigInt(i + 1)) / BigInt(count + 1);
    // Two steps are more than two of the last digit apart, so that none meets another.
    return format({ digits: exact / 10n ** BigInt(scale), scale: digits });
  });
}
