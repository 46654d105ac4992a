/** Readable with white text on them. */
const COLORS = ['#2E7D32', '#1565C0', '#AD1457', '#6A1B9A', '#C62828', '#00695C', '#4E342E', '#37474F', '#B45309'];

/** The color of a new tag: always the same for a name, in any case. */
export function colorOf(name: string): string {
  let sum = 0;
  for (const unit of name.toLowerCase()) sum = (sum * 31 + unit.codePointAt(0)!) % 1_000_003;
  return COLORS[sum % COLORS.length]!;
}

/** Whether two names are the same tag. */
export const isSameTag = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
