type Body = Record<string, unknown>;

/** A message of a chat, as its server keeps it. */
export interface KeptMessage {
  chat: string;
  id: string;
  /** Seconds since 1970. */
  at: number;
  message: Body;
}

/** The messages that the server of a linked phone keeps, the latest 1,000 of each number. */
export interface History {
  keep(number: string, kept: KeptMessage): void;
  /** The newest first. */
  list(number: string): KeptMessage[];
  clear(): void;
}

const MAX = 1000;

export function createHistory(): History {
  const byNumber = new Map<string, KeptMessage[]>();
  return {
    keep(number, kept) {
      const all = byNumber.get(number) ?? [];
      all.push(kept);
      if (all.length > MAX) all.shift();
      byNumber.set(number, all);
    },
    list: (number) => [...(byNumber.get(number) ?? [])].reverse().sort((a, b) => b.at - a.at),
    clear: () => byNumber.clear(),
  };
}
