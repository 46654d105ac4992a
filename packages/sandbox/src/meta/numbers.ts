import type { Ledger } from '../ledger/ledger.ts';

/** The last code that was sent to a number's phone. */
export interface SentCode {
  code: string;
  method: 'SMS' | 'VOICE';
  language: string;
  sentAt: number;
  /** Wrong codes since then. */
  wrong: number;
}

/** What Meta knows of a number's registration; a number without it works. */
export interface Registration {
  status: 'NOT_VERIFIED' | 'VERIFIED' | 'EXPIRED';
  registered: boolean;
  code: SentCode | null;
  /** Times of the codes that were asked for within the hour. */
  asked: number[];
}

/** A business number and the app that serves it, as registered through the control API. */
export interface MetaNumber {
  phoneNumberId: string;
  displayPhoneNumber: string;
  wabaId: string;
  accessToken: string;
  appSecret: string;
  webhookUrl: string | null;
  verifyToken: string | null;
  verifiedName: string;
  /** Of Embedded Signup: exchanged for the access token once. */
  signupCode?: string | null;
  /** The PIN it was registered with. */
  registeredPin?: string | null;
  /** Absent: verified and registered. */
  registration?: Registration;
  /** What Meta says of it as its `status`; null: by its registration. */
  standing?: string | null;
  /** What is wrong with it or with what it belongs to. */
  health?: HealthIssue[];
}

/** A part of `health_status` that is not AVAILABLE. */
export interface HealthIssue {
  entity: 'PHONE_NUMBER' | 'WABA' | 'BUSINESS' | 'APP';
  canSendMessage: 'LIMITED' | 'BLOCKED';
  errors: { code: number; description: string; solution: string }[];
  info: string[];
}

export interface NumberStore {
  put(number: MetaNumber): void;
  find(phoneNumberId: string): MetaNumber | null;
  remove(phoneNumberId: string): boolean;
  list(): MetaNumber[];
  ofWaba(wabaId: string): MetaNumber[];
  /** The numbers this access token may act for. */
  ofToken(token: string): MetaNumber[];
  clear(): void;
}

/**
 * Registered numbers, remembered in the ledger's file so that a sandbox started again still knows
 * them.
 */
export function createNumberStore(ledger: Ledger): NumberStore {
  const numbers = new Map<string, MetaNumber>();
  const key = (id: string) => `number:${id}`;
  for (const [name, value] of ledger.remembered()) {
    if (name.startsWith('number:') && value) {
      const number = value as MetaNumber;
      numbers.set(number.phoneNumberId, number);
    }
  }
  const list = () => [...numbers.values()];
  const remove = (id: string) => {
    if (!numbers.delete(id)) return false;
    ledger.remember(key(id), null);
    return true;
  };
  return {
    put(number) {
      numbers.set(number.phoneNumberId, number);
      ledger.remember(key(number.phoneNumberId), number);
    },
    find: (id) => numbers.get(id) ?? null,
    remove,
    list,
    ofWaba: (wabaId) => list().filter((number) => number.wabaId === wabaId),
    ofToken: (token) => list().filter((number) => number.accessToken === token),
    clear() {
      for (const id of [...numbers.keys()]) remove(id);
    },
  };
}
