/** A source of numbers in [0, 1). */
export type Random = () => number;

/** 32-bit FNV-1a of a text, finished with a mix so that near texts land far apart. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash ^= text.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** mulberry32: small, fast and the same on every machine. */
export function seededRandom(seed: string): Random {
  let state = hash32(seed);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export interface Dice {
  /** True with the given probability. A rate of 0 draws nothing. */
  roll(name: string, rate: number): boolean;
  /** A whole number in [1, max]. */
  upTo(name: string, max: number): number;
  reseed(seed: string): void;
  seed(): string;
}

/**
 * Named random streams of one seed. The nth decision of a kind depends on seed, kind and n alone,
 * so concurrent requests do not change each other's decisions.
 */
export function createDice(initialSeed: string): Dice {
  let seed = initialSeed;
  let streams = new Map<string, Random>();
  const stream = (name: string): Random => {
    let random = streams.get(name);
    if (!random) {
      random = seededRandom(`${seed}/${name}`);
      streams.set(name, random);
    }
    return random;
  };
  return {
    roll: (name, rate) => rate > 0 && stream(name)() < rate,
    upTo: (name, max) => 1 + Math.floor(stream(name)() * Math.max(1, max)),
    reseed(next) {
      seed = next;
      streams = new Map();
    },
    seed: () => seed,
  };
}
