/** A mail as its reader sees it. */
export interface CaughtMail {
  messageId: string;
  from: string;
  to: string[];
  subject: string;
  text: string;
  /** ISO 8601 */
  at: string;
}

export interface Mailbox {
  add(mail: CaughtMail): void;
  /** Oldest first; of one recipient when `to` is given. */
  list(to?: string): CaughtMail[];
  clear(): void;
}

const MAX_MAILS = 10_000;

/** Keeps the mails that were accepted, in memory; beyond the cap the oldest go. */
export function createMailbox(): Mailbox {
  let mails: CaughtMail[] = [];
  return {
    add(mail) {
      mails.push(mail);
      if (mails.length > MAX_MAILS) mails = mails.slice(-MAX_MAILS);
    },
    list: (to) => (to === undefined ? [...mails] : mails.filter((mail) => mail.to.includes(to.toLowerCase()))),
    clear() {
      mails = [];
    },
  };
}
