import { createHash } from 'node:crypto';

export interface Ids {
  /**
   * An id of a message as Meta writes them; `direction` keeps customers' and business messages
   * apart.
   */
  wamid(direction: 'in' | 'out'): string;
  /** A numeric id as Meta gives media, templates and other objects. */
  object(): string;
  /** The `fbtrace_id` of an error. */
  trace(): string;
  /** A short id with a prefix, for floods, chat completions and tool calls. */
  short(prefix: string): string;
}

/**
 * Ids that count up in a namespace. Without a seed each run has its own namespace: receivers would
 * drop a new message with the id of an old one as a repeat.
 */
export function createIds(namespace: string): Ids {
  const digest = createHash('sha256').update(namespace).digest();
  const space = digest.subarray(0, 6).toString('hex');
  // 15 digits in all, within the safe integers: readers that parse ids as numbers keep them whole.
  const objectBase = 1_000_000_000_000 * (1 + (digest.readUInt16BE(8) % 999)) + digest.readUInt16BE(10) * 10_000_000;
  let messages = 0;
  let objects = 0;
  let traces = 0;
  let shorts = 0;
  return {
    wamid: (direction) =>
      `wamid.${Buffer.from(`${direction}${space}${String(++messages).padStart(10, '0')}`).toString('base64')}`,
    object: () => String(objectBase + ++objects),
    trace: () =>
      `A${Buffer.from(`${space}${(++traces).toString(36)}`)
        .toString('base64url')
        .slice(0, 24)}`,
    short: (prefix) => `${prefix}${space}${(++shorts).toString(36).padStart(6, '0')}`,
  };
}
