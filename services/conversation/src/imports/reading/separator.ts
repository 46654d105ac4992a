const SEPARATORS = [',', ';', '\t', '|'] as const;
export type Separator = (typeof SEPARATORS)[number];
const LINES = 30;

/**
 * The separator of a CSV file from its first lines: the one that cuts most of them into the same
 * number of cells as the headers. A line `sep=;`, as Excel knows it, decides.
 */
export function findSeparator(head: string): Separator {
  const told = /^\uFEFF?sep=([,;\t|])\r?$/im.exec(head.slice(0, 10).split('\n')[0] ?? '')?.[1];
  if (told) return told as Separator;
  const lines = linesOf(head);
  const scored = SEPARATORS.map((separator) => ({ separator, score: scoreOf(lines, separator) }));
  return scored.reduce((best, one) => (one.score > best.score ? one : best)).separator;
}

/** Lines without what stands in quotes: a separator in there separates nothing. */
function linesOf(head: string): string[] {
  const lines = head
    .replace(/"(?:[^"]|"")*"/g, '')
    .split(/\r\n|\n|\r/)
    .filter((line) => line.trim() !== '');
  // The last line of a part of a file may be cut.
  return lines.length > 1 ? lines.slice(0, Math.min(LINES, lines.length - 1)) : lines;
}

function scoreOf(lines: readonly string[], separator: string): number {
  const counts = lines.map((line) => line.split(separator).length - 1);
  const [inHeaders = 0] = counts;
  if (inHeaders === 0) return 0;
  const alike = counts.filter((count) => count === inHeaders).length;
  return (alike / counts.length) * 1000 + inHeaders;
}
