/** Texts by number, in one buffer: a million strings of their own take ten times as much. */
export interface SharedTexts {
  add(text: string): void;
  at(number: number): string;
}

const FIRST_BYTES = 64 * 1024;

export function createSharedTexts(): SharedTexts {
  let bytes = Buffer.allocUnsafe(FIRST_BYTES);
  let ends = new Uint32Array(1024);
  let count = 0;
  const endOf = (number: number) => (number < 0 ? 0 : ends[number]!);
  return {
    add(text) {
      const start = endOf(count - 1);
      // UTF-8 has at most three bytes for each unit of UTF-16.
      const room = start + text.length * 3;
      if (room > bytes.length) bytes = Buffer.concat([bytes.subarray(0, start)], Math.max(room, bytes.length * 2));
      if (count === ends.length) {
        const more = new Uint32Array(ends.length * 2);
        more.set(ends);
        ends = more;
      }
      ends[count++] = start + bytes.write(text, start);
    },
    at: (number) =>
      Number.isInteger(number) && number >= 0 && number < count
        ? bytes.toString('utf8', endOf(number - 1), endOf(number))
        : '',
  };
}
