import type { MessageSnippet } from '@recado/contracts';
import type { Mark } from './words.ts';

/** UTF-16 units of a snippet, without its dots. */
const LENGTH = 160;
/** Of these, so many before the first mark. */
const BEFORE = 40;

/** The part of a text around what was found first, with the marks that are in it. */
export function snippetOf(text: string, marks: readonly Mark[]): MessageSnippet {
  const first = marks[0]?.start ?? 0;
  const from = text.length <= LENGTH ? 0 : wordStart(text, Math.max(0, first - BEFORE));
  const to = Math.min(text.length, Math.max(from + LENGTH, marks[0]?.end ?? 0));
  const cutAt = to < text.length ? wordEnd(text, to, marks[0]?.end ?? from) : to;
  const lead = from > 0 ? '…' : '';
  const shown: Mark[] = [];
  for (const { start, end } of marks) {
    if (start < from || end > cutAt) continue;
    const mark = { start: start - from + lead.length, end: end - from + lead.length };
    const last = shown.at(-1);
    if (last && mark.start < last.end) last.end = Math.max(last.end, mark.end);
    else shown.push(mark);
  }
  return { text: `${lead}${text.slice(from, cutAt)}${cutAt < text.length ? '…' : ''}`, marks: shown };
}

/** The next beginning of a word, within a few letters. */
function wordStart(text: string, at: number): number {
  if (at === 0) return 0;
  const space = text.slice(at, at + 20).search(/\s/);
  return space < 0 ? safe(text, at) : at + space + 1;
}

/** The last end of a word before; not before what was found. */
function wordEnd(text: string, at: number, least: number): number {
  const space = text.slice(Math.max(least, at - 20), at).search(/\s\S*$/);
  return space < 0 ? safe(text, at) : Math.max(least, at - 20) + space;
}

/** Never between the halves of an emoji. */
const safe = (text: string, at: number): number => (/[\udc00-\udfff]/.test(text[at] ?? '') ? at + 1 : at);
