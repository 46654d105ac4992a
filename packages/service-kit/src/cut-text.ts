const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
/** Longer than any character that people write: a family emoji has 11 units. */
const LONGEST = 64;

/**
 * The beginning of a text, of at most `max` UTF-16 units, cut between two characters as people see
 * them.
 */
export function cutText(text: string, max: number): string {
  if (text.length <= max) return text;
  const from = Math.max(0, max - LONGEST);
  const near = text.slice(from, max + LONGEST);
  const start = graphemes.segment(near).containing(max - from)?.index ?? 0;
  // A heap of marks longer than that is no character: it is cut between code points.
  const end = from + start > 0 ? from + start : max;
  return withoutHalf(text.slice(0, end));
}

const withoutHalf = (text: string) => (/[\uD800-\uDBFF]$/.test(text) ? text.slice(0, -1) : text);
