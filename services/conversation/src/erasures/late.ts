import type { Tx } from '@recado/database';
import { type Identity, identityKey } from '../contacts/store.ts';
import { type Recalled, recallErased } from './known-store.ts';

/** What the addresses of a sender recall, taken together. */
export interface Memory {
  /** It was sent before its sender was erased. */
  isLate: boolean;
  wishes: Omit<Recalled, 'erasedAt'> | null;
}

/**
 * What is recalled of senders, by their places. One who has a contact was erased after a message
 * only if the contact is younger than it: of the others nothing is looked up.
 */
export async function recallSenders(
  tx: Tx,
  senders: readonly { at?: string; group?: string | null }[],
  identities: readonly (readonly Identity[])[],
  ownerOf: ReadonlyMap<string, { createdAt: Date }>,
): Promise<Map<number, Memory>> {
  const places = senders.flatMap(({ at, group }, i) => {
    if (group) return [];
    const owner = identities[i]!.map((one) => ownerOf.get(identityKey(one))).find((one) => one !== undefined);
    return !owner || (at !== undefined && Date.parse(at) < owner.createdAt.getTime()) ? [i] : [];
  });
  if (places.length === 0) return new Map();
  const wanted = places.flatMap((i) => identities[i]!.map((identity) => ({ i, identity })));
  const found = await recallErased(
    tx,
    wanted.map(({ identity }) => identity),
  );
  const recalled = new Map(places.map((i): [number, Recalled[]] => [i, []]));
  for (const [n, row] of found.entries()) if (row) recalled.get(wanted[n]!.i)!.push(row);
  return new Map([...recalled].map(([i, rows]) => [i, memoryOf(rows, senders[i]!.at)]));
}

/** Of several erasures the latest counts. */
export function memoryOf(found: readonly Recalled[], at: string | undefined): Memory {
  const [latest] = found.toSorted((a, b) => b.erasedAt.getTime() - a.erasedAt.getTime());
  if (!latest) return { isLate: false, wishes: null };
  const { erasedAt, ...wishes } = latest;
  return { isLate: at !== undefined && Date.parse(at) < wholeSecond(erasedAt), wishes };
}

/** Providers tell whole seconds: a message of the same second came after it. */
const wholeSecond = (time: Date): number => time.getTime() - (time.getTime() % 1000);

/** What the erased owners of addresses want, by the address. */
export async function recallWishesOf(
  tx: Tx,
  identities: readonly Identity[],
): Promise<Map<string, NonNullable<Memory['wishes']>>> {
  const found = await recallErased(tx, identities);
  return new Map(
    found.flatMap((row, i) => {
      if (!row) return [];
      const { erasedAt: _, ...wishes } = row;
      return [[identities[i]!.value, wishes]];
    }),
  );
}
