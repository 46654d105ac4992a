/** A word of a text, and where it stands there. */
export interface Token {
  word: string;
  start: number;
  end: number;
}

/** Words of one message that are found; a longer text is found by its first ones. */
const MAX_TOKENS = 2000;
/** Longer ones are cut: nothing that people write. */
const MAX_LETTERS = 64;
const WORD = /[\p{L}\p{M}\p{N}]+/gu;
const PLAIN = /^[a-z0-9]+$/i;

/** A word as searches compare it: lower case, without accents. */
function foldWord(word: string): string {
  // Most words are plain: this takes half the time.
  const folded = PLAIN.test(word)
    ? word.toLowerCase()
    : word
        .normalize('NFKD')
        .toLowerCase()
        .replace(/[^\p{L}\p{N}]+/gu, '');
  return folded.slice(0, MAX_LETTERS);
}

/** The words of a text in their order. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  for (const { 0: found, index } of text.matchAll(WORD)) {
    const word = foldWord(found);
    if (word === '') continue;
    tokens.push({ word, start: index, end: index + found.length });
    if (tokens.length === MAX_TOKENS) break;
  }
  return tokens;
}

/** What a message must hold: a word, the beginning of one, or words that follow each other. */
export interface Term {
  words: string[];
  /** The last word may go on. */
  prefix: boolean;
}

/** Words of a query at most. */
export const MAX_QUERY_WORDS = 12;

/**
 * What a person looks for: `hola`, `reserv*`, `"buenos días"`; a message must hold all of it. Empty
 * when there is no word in it.
 */
export function parseQuery(query: string): Term[] {
  const terms: Term[] = [];
  for (const { 1: phrase, 2: bare } of query.matchAll(/"([^"]*)"|([^\s"]+)/g)) {
    const words = tokensOf(phrase ?? bare ?? '').map(({ word }) => word);
    if (words.length > 0) terms.push({ words, prefix: (phrase ?? bare!).endsWith('*') });
  }
  return terms;
}

/** A part of a text: UTF-16 units from and up to. */
export interface Mark {
  start: number;
  end: number;
}

/** Where a text holds all terms, in order of the text; null when it lacks one. */
export function findMarks(tokens: readonly Token[], terms: readonly Term[]): Mark[] | null {
  const marks: Mark[] = [];
  for (const term of terms) {
    const found = tokens.flatMap((_, i) => (standsAt(tokens, i, term) ? [markOf(tokens, i, term)] : []));
    if (found.length === 0) return null;
    marks.push(...found);
  }
  return marks.sort((a, b) => a.start - b.start || b.end - a.end);
}

function standsAt(tokens: readonly Token[], at: number, { words, prefix }: Term): boolean {
  return words.every((word, i) => {
    const token = tokens[at + i]?.word;
    return token === word || (prefix && i === words.length - 1 && token?.startsWith(word) === true);
  });
}

const markOf = (tokens: readonly Token[], at: number, { words }: Term): Mark => ({
  start: tokens[at]!.start,
  end: tokens[at + words.length - 1]!.end,
});

/** How well a message fits: by how much of it was looked for. */
export const scoreOf = (tokens: readonly Token[], marks: readonly Mark[]): number =>
  marks.length / (2 + Math.log2(1 + tokens.length));
