/** A guarantee broken on purpose: the tests it names must fail with it. */
export interface Mutation {
  /** Short and unique, for the command line: `purge-unread`. */
  name: string;
  /** What is broken, as a sentence. */
  what: string;
  file: string;
  /** Stands in the file exactly once. */
  find: string;
  replace: string;
  /** Further places of the same file that must change with it. */
  also?: { find: string; replace: string }[];
  /** Test files of which at least one must fail. */
  tests: string[];
  /** Only tests with this in their title, where the whole file takes long. */
  only?: string;
  /** Takes long, so it is never part of a commit's sample. */
  slow?: boolean;
}

/**
 * The file's text with the mutation in it.
 * @throws Error when the text is not there exactly once: mend the mutation then
 */
export function applyMutation(text: string, { name, file, find, replace, also = [] }: Mutation): string {
  return [{ find, replace }, ...also].reduce((before, edit) => {
    const places = before.split(edit.find).length - 1;
    if (places !== 1) {
      throw new Error(
        `${name}: "${edit.find}" stands ${places} times in ${file}. Write it anew for the code as it is now.`,
      );
    }
    if (edit.find === edit.replace) throw new Error(`${name}: it changes nothing`);
    return before.replace(edit.find, () => edit.replace);
  }, text);
}

/** `count` of the quick mutations, other ones for another seed, the same ones for the same. */
export function sampleMutations(all: readonly Mutation[], count: number, seed: string): Mutation[] {
  const rank = (name: string) => hash(`${seed} ${name}`);
  return all
    .filter(({ slow }) => !slow)
    .sort((a, b) => rank(a.name) - rank(b.name))
    .slice(0, count);
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  return value;
}
