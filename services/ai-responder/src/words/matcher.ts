import { fold, type Word, wordsOf } from './normalise.ts';

/** A word, a phrase or an emoji to look for. Of equally long ones the highest `priority` wins. */
export interface Entry {
  text: string;
  priority?: number;
}

export interface Matcher<E extends Entry> {
  /** The best entry that the text holds: the longest, then by priority, then the first given. */
  match(text: string): E | null;
  /** All of them, the best first. */
  matches(text: string): E[];
}

interface Ranked<E> {
  entry: E;
  length: number;
  position: number;
}

/** A word of an entry, what may follow it, and the entries that end here. */
interface Node<E> {
  next: Map<string, Node<E>>;
  ends: Ranked<E>[];
}

const newNode = <E>(): Node<E> => ({ next: new Map(), ends: [] });

/**
 * Finds entries in texts, whole words only. Its tree goes from word to word, so the time depends on
 * the text and not on the number of entries.
 */
export function createMatcher<E extends Entry>(entries: readonly E[]): Matcher<E> {
  const root = newNode<E>();
  /** Entries without a word (an emoji) by their first character. */
  const signs = new Map<string, { text: string; ranked: Ranked<E> }[]>();

  for (const [position, entry] of entries.entries()) {
    const folded = fold(entry.text).trim();
    const words = wordsOf(folded);
    const ranked = { entry, length: words.reduce((sum, { whole }) => sum + whole.length + 1, 0), position };
    if (words.length > 0) endOf(root, words).ends.push(ranked);
    else if (folded !== '') pushTo(signs, String.fromCodePoint(folded.codePointAt(0)!), { text: folded, ranked });
  }

  function find(text: string): Ranked<E>[] {
    const folded = fold(text);
    const found = new Set<Ranked<E>>();
    const words = wordsOf(folded);
    for (const start of words.keys()) {
      for (const end of endsFrom(root, words, start)) found.add(end);
    }
    if (signs.size > 0) {
      for (const sign of new Set(folded)) {
        for (const { text: wanted, ranked } of signs.get(sign) ?? []) if (folded.includes(wanted)) found.add(ranked);
      }
    }
    return [...found].sort(best);
  }

  return {
    match: (text) => find(text)[0]?.entry ?? null,
    matches: (text) => find(text).map(({ entry }) => entry),
  };
}

function best<E extends Entry>(a: Ranked<E>, b: Ranked<E>): number {
  return b.length - a.length || (b.entry.priority ?? 0) - (a.entry.priority ?? 0) || a.position - b.position;
}

/** The node where a phrase ends, made with those before it. */
function endOf<E>(root: Node<E>, words: readonly Word[]): Node<E> {
  let node = root;
  for (const { whole } of words) {
    let next = node.next.get(whole);
    if (!next) {
      next = newNode();
      node.next.set(whole, next);
    }
    node = next;
  }
  return node;
}

/** The entries that begin at a word. `disney+` in a text is also `disney`, so both are tried. */
function endsFrom<E>(root: Node<E>, words: readonly Word[], start: number): Ranked<E>[] {
  const ends: Ranked<E>[] = [];
  let nodes = [root];
  for (let i = start; i < words.length && nodes.length > 0; i++) {
    const { whole, bare } = words[i]!;
    nodes = nodes.flatMap(({ next }) => {
      const ways = whole === bare ? [next.get(whole)] : [next.get(whole), next.get(bare)];
      return ways.filter((node) => node !== undefined);
    });
    for (const node of nodes) ends.push(...node.ends);
  }
  return ends;
}

function pushTo<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

const known = new WeakMap<readonly string[], Matcher<Entry>>();

/** Whether a text holds one of the words or phrases. The tree of a list is built once. */
export function holdsAny(text: string, list: readonly string[]): boolean {
  let matcher = known.get(list);
  if (!matcher) {
    matcher = createMatcher(list.map((entry) => ({ text: entry })));
    known.set(list, matcher);
  }
  return matcher.match(text) !== null;
}
