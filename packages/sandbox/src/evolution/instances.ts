import type { Ledger } from '../ledger/ledger.ts';

export interface EvolutionWebhook {
  enabled: boolean;
  url: string;
  headers: Record<string, string>;
  byEvents: boolean;
  base64: boolean;
  events: string[];
}

/** An instance of Evolution: one linked phone, or one that waits for its scan. */
export interface Instance {
  name: string;
  id: string;
  token: string;
  integration: string;
  number: string | null;
  state: 'close' | 'connecting' | 'open';
  statusReason: number;
  /** The linked phone's address; null before the first scan and after a logout. */
  wuid: string | null;
  profileName: string | null;
  qr: { count: number; code?: string; base64?: string; pairingCode?: string | null };
  /** Wanted by `connect?number=`: a pairing code comes with each QR code. */
  pairWith: string | null;
  webhook: EvolutionWebhook | null;
  disconnection: { at: string; code: number } | null;
  createdAt: string;
  /** Counts connection attempts: a timer of an earlier one does nothing. */
  attempt: number;
}

export interface InstanceStore {
  put(instance: Instance): void;
  find(name: string): Instance | null;
  remove(name: string): void;
  list(): Instance[];
  clear(): void;
}

/** Instances, kept in the ledger's file. After a restart linked phones are open again. */
export function createInstanceStore(ledger: Ledger): InstanceStore {
  const instances = new Map<string, Instance>();
  const key = (name: string) => `evolution:${name}`;
  for (const [name, value] of ledger.remembered()) {
    if (!name.startsWith('evolution:') || !value) continue;
    const kept = value as Instance;
    instances.set(kept.name, { ...kept, state: kept.wuid ? 'open' : 'close', qr: { count: 0 } });
  }
  const remove = (name: string) => {
    if (instances.delete(name)) ledger.remember(key(name), null);
  };
  return {
    put(instance) {
      instances.set(instance.name, instance);
      ledger.remember(key(instance.name), instance);
    },
    find: (name) => instances.get(name) ?? null,
    remove,
    list: () => [...instances.values()],
    clear() {
      for (const name of [...instances.keys()]) remove(name);
    },
  };
}
