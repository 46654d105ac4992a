import { createBoundedMap } from './bounded-map.ts';

/** Who takes part in a group. */
export interface GroupPerson {
  /** Digits. */
  phone: string;
  /** The hidden address, digits, when WhatsApp uses it. */
  lid?: string | undefined;
  name?: string | undefined;
  admin?: boolean | undefined;
}

export interface Group {
  id: string;
  name: string;
  people: GroupPerson[];
}

/** What changed of a group. */
export interface GroupChange {
  before: Group | null;
  after: Group;
  joined: Group['people'];
  left: Group['people'];
}

/** Where a group is known: a provider, and its number, instance or session. */
export interface GroupPlace {
  provider: string;
  number: string;
}

/** The groups that numbers take part in. */
export interface GroupStore {
  find(place: GroupPlace, id: string): Group | null;
  put(place: GroupPlace, group: Group): void;
  /** A person writes there: the group exists, and the person takes part. */
  hear(place: GroupPlace, group: { id: string; name: string }, person: GroupPerson): void;
  clear(): void;
}

export function createGroupStore(): GroupStore {
  const groups = createBoundedMap<Group>(10_000);
  const key = ({ provider, number }: GroupPlace, id: string) => `${provider}/${number}/${id}`;
  const find = (place: GroupPlace, id: string) => groups.get(key(place, id)) ?? null;
  return {
    find,
    put: (place, group) => groups.set(key(place, group.id), group),
    hear(place, { id, name }, person) {
      const known = find(place, id) ?? { id, name, people: [] };
      const isThere = known.people.some(({ phone }) => phone === person.phone);
      groups.set(key(place, id), isThere ? known : { ...known, people: [...known.people, person] });
    },
    clear: () => groups.clear(),
  };
}
