/** Accents of Latin letters, signs that change how an emoji looks, and marks without width. */
const IGNORED = /[\u0300-\u036F\uFE00-\uFE0F\u20E3\u{1F3FB}-\u{1F3FF}\u200B-\u200F\u2060\uFEFF]/gu;
/** A word, and the signs at its end that may belong to it, as in `c++` and `c#`. */
const WORD = /([\p{L}\p{N}\p{M}]+)([+#]{1,3}(?![\p{L}\p{N}\p{M}+#]))?/gu;
/** Behind a word this short, signs are always part of it: `c++` is not `c`. */
const SHORT = 2;

/** A word of a text. `bare`: without the signs at its end, unless they make it another word. */
export interface Word {
  whole: string;
  bare: string;
}

/** A text without case, accents, widths and looks of emoji; its punctuation is still there. */
export const fold = (text: string): string => text.normalize('NFKD').replace(IGNORED, '').toLowerCase();

/** The words of a folded text. Emoji and punctuation only separate them. */
export function wordsOf(folded: string): Word[] {
  return Array.from(folded.matchAll(WORD), ([whole, bare]) => ({
    whole,
    bare: bare!.length <= SHORT ? whole : bare!,
  }));
}

/** The words of a text, one space between them: "¿Sabes C++, José? 👍" is "sabes c++ jose". */
export const normalise = (text: string): string =>
  wordsOf(fold(text))
    .map((word) => word.whole)
    .join(' ');
