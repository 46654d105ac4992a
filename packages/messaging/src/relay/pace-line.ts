/** What a durable's reading is at one moment, as JetStream tells it. */
export interface Reading {
  /** Messages it has still to get or to acknowledge. */
  left: number;
  /** Changes with everything it takes or acknowledges. */
  progress: string;
}

/**
 * A durable that makes no progress for so long, with messages left, is away: nothing waits for it.
 */
const AWAY_MS = { live: 2000, first: 30_000 };
/** A durable's backlog is kept as short as it can read in this time. */
const TARGET_SECONDS = 0.25;
/**
 * Events a slow durable too may have before it: one full batch of conversation at least.
 */
const LEAST = 512;
const MOST = 4096;
/** Events supposed in a message that an earlier relay has sent. */
const UNKNOWN_EVENTS = 8;
/** Messages of which the number of events is remembered. */
const REMEMBERED = 8192;
/** Events of one tenant before a durable, below which the tenant need not wait for room. */
const FEW = 32;
/** Events that such tenants together may have beyond the limit. */
const RESERVE = 256;

/**
 * How far one durable is behind the relay, in events. Counts what was sent, and learns from time to
 * time what the durable has left.
 */
export class PaceLine {
  readonly name: string;
  readonly #awayMs: number;
  /** Events in all messages up to each of the last ones. */
  readonly #totals = new Float64Array(REMEMBERED);
  /** The tenant of those messages. */
  readonly #tenants: (string | null)[] = [];
  #sent = 0;
  #answered = 0;
  /** Messages up to here are read. */
  #read = 0;
  /** Events a second, while it was busy. */
  #rate = LEAST / TARGET_SECONDS;
  #counts = true;
  #lookedAt = 0;
  #progress = { value: '', at: 0 };

  constructor(name: string, kind: keyof typeof AWAY_MS) {
    this.name = name;
    this.#awayMs = AWAY_MS[kind];
  }

  /** At the start of a relay: what an earlier one has sent counts like what this one sends. */
  start(reading: Reading | null, now: number): void {
    for (let left = Math.min(reading?.left ?? 0, LEAST); left > 0; left--) {
      this.sent(UNKNOWN_EVENTS, null);
      this.answered();
    }
    this.#progress = { value: '', at: now };
    this.learn(reading, this.ask(), now);
  }

  sent(events: number, tenant: string | null): void {
    const before = this.#total(this.#sent);
    this.#totals[++this.#sent % REMEMBERED] = before + events;
    this.#tenants[this.#sent % REMEMBERED] = tenant;
  }

  /** A message sent was acknowledged or refused. */
  answered(): void {
    this.#answered++;
  }

  /**
   * Events that may be sent now: infinity while the durable is away or far behind for other
   * reasons.
   */
  room(): number {
    return this.#counts ? this.limit() - this.#lag() : Number.POSITIVE_INFINITY;
  }

  /** The same for tenants that have few events before it: those of others do not hold them up. */
  reserve(): number {
    return this.room() + RESERVE;
  }

  /** Tenants with so many events before it that they wait for room. */
  busyTenants(): Set<string> {
    const events = new Map<string, number>();
    for (let i = Math.max(this.#read + 1, this.#sent - REMEMBERED + 2); i <= this.#sent; i++) {
      const tenant = this.#tenants[i % REMEMBERED];
      if (tenant) events.set(tenant, (events.get(tenant) ?? 0) + this.#total(i) - this.#total(i - 1));
    }
    return new Set([...events].flatMap(([tenant, count]) => (count >= FEW ? [tenant] : [])));
  }

  /** Most events it may have before it. */
  limit(): number {
    return Math.min(Math.max(this.#rate * TARGET_SECONDS, LEAST), MOST);
  }

  /** Remembers what was sent before a question; the answer is compared with that. */
  ask(): { sent: number; inFlight: number } {
    return { sent: this.#sent, inFlight: this.#sent - this.#answered };
  }

  /**
   * Takes the answer; null when the durable does not exist. `now`: milliseconds of a steady clock.
   */
  learn(reading: Reading | null, asked: { sent: number; inFlight: number }, now: number): void {
    const isAway = () => now - this.#progress.at > this.#awayMs;
    if (!reading) {
      // One that exists nowhere has no reader that restarts, so it is not waited for any longer
      // than a live one.
      this.#counts &&= now - this.#progress.at <= AWAY_MS.live;
      return;
    }
    if (reading.progress !== this.#progress.value || reading.left === 0) {
      this.#progress = { value: reading.progress, at: now };
    }
    // What is on its way may be in the stream already: counted twice rather than not at all.
    const read = Math.max(asked.sent - asked.inFlight - reading.left, 0);
    this.#measure(read, now);
    this.#read = read;
    this.#lookedAt = now;
    // More than we have sent: a backlog of another leader, which is in the stream already.
    const foreign = reading.left > asked.sent + LEAST;
    this.#counts = !isAway() && !foreign && (this.#counts || this.#lag() <= this.limit());
  }

  /** Nothing is known of it: nothing waits for it. */
  forget(): void {
    this.#counts = false;
  }

  #measure(read: number, now: number): void {
    const seconds = (now - this.#lookedAt) / 1000;
    const busy = this.#read < read && read < this.#sent;
    if (!this.#counts || !busy || seconds <= 0 || seconds > 2) return;
    const rate = (this.#total(read) - this.#total(this.#read)) / seconds;
    this.#rate += (rate - this.#rate) * Math.min(seconds, 1);
  }

  #lag(): number {
    return this.#total(this.#sent) - this.#total(this.#read);
  }

  #total(message: number): number {
    return this.#totals[Math.max(message, this.#sent - REMEMBERED + 1, 0) % REMEMBERED]!;
  }
}
