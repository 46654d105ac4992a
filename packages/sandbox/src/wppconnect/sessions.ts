import type { Ledger } from '../ledger/ledger.ts';

type Status = 'INITIALIZING' | 'QRCODE' | 'PHONECODE' | 'CONNECTED' | 'CLOSED';

/** What WPPConnect keeps of a session that was started. */
export interface Client {
  /** Null after `close-session`. */
  status: Status | null;
  /** The browser reaches WhatsApp. When it no longer does, the status does not say so. */
  connected: boolean;
  /** The last QR code. WPPConnect never takes it away, not even after the scan. */
  urlcode: string | null;
  phoneCode: string | null;
}

/** A session of WPPConnect: one browser with WhatsApp Web. */
export interface Session {
  name: string;
  client: Client | null;
  webhook: string | null;
  /** The linked phone (`…@c.us`); null before the first scan and after a logout. */
  wid: string | null;
  profileName: string | null;
  /** Wanted by `start-session`: a code to type instead of one to scan. */
  pairWith: string | null;
  /** Counts starts: a timer of an earlier one does nothing. */
  attempt: number;
}

export interface SessionStore {
  put(session: Session): void;
  find(name: string): Session | null;
  list(): Session[];
  clear(): void;
}

const CONNECTED: Client = { status: 'CONNECTED', connected: true, urlcode: null, phoneCode: null };

/** Sessions, kept in the ledger's file. After a restart linked phones are connected again. */
export function createSessionStore(ledger: Ledger): SessionStore {
  const sessions = new Map<string, Session>();
  const key = (name: string) => `wppconnect:${name}`;
  for (const [name, value] of ledger.remembered()) {
    if (!name.startsWith('wppconnect:') || !value) continue;
    const kept = value as Session;
    sessions.set(kept.name, { ...kept, client: kept.wid ? { ...CONNECTED } : null });
  }
  return {
    put(session) {
      sessions.set(session.name, session);
      ledger.remember(key(session.name), session);
    },
    find: (name) => sessions.get(name) ?? null,
    list: () => [...sessions.values()],
    clear() {
      for (const name of sessions.keys()) ledger.remember(key(name), null);
      sessions.clear();
    },
  };
}

export const newSession = (name: string): Session => ({
  name,
  client: null,
  webhook: null,
  wid: null,
  profileName: null,
  pairWith: null,
  attempt: 0,
});
