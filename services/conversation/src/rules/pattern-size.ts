/** The steps of all patterns of a rule, at most: each looks at every letter of a message. */
export const MAX_PATTERN_SIZE = 1000;
/** Letters of a message that patterns look at. */
export const MAX_MATCHED = 1000;

/** An escape, a class, a bracket, a repeat, or one letter. */
const TOKEN =
  /\\Q[\s\S]*?(?:\\E|$)|\\[pP]\{[^}]*\}|\\[\s\S]|\[\^?(?:\\[\s\S]|[^\]\\])*\]|\{(\d+)(?:,(\d*))?\}|[\s\S]/gu;

/**
 * About how many steps a pattern is once its repeats are written out. It is told before the pattern
 * is compiled, which takes time by that size.
 */
export function patternSize(pattern: string): number {
  const groups = [{ sum: 0, last: 0 }];
  for (const [token, least, most] of pattern.matchAll(TOKEN)) {
    const group = groups.at(-1)!;
    if (token === '(') groups.push({ sum: 0, last: 0 });
    else if (token === ')' && groups.length > 1) {
      const { sum } = groups.pop()!;
      add(groups.at(-1)!, sum + 2);
    } else if (least !== undefined) {
      // An optional one more is two steps.
      const times = Math.max(Number(least), 2 * Number(most ?? 0)) + 1;
      group.sum += group.last * (times - 1);
      group.last *= times;
    } else add(group, token.length > 2 && token.startsWith('\\Q') ? token.length : 1);
  }
  return groups.reduce((sum, group) => sum + group.sum, 0);
}

function add(group: { sum: number; last: number }, size: number): void {
  group.sum += size;
  group.last = size;
}
