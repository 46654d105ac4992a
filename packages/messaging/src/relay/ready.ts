import type { Bus } from '../jetstream/bus.ts';
import type { Trouble } from './publishing.ts';

/** Why a service cannot publish now. */
export class NotPublishing extends Error {
  override name = 'NotPublishing';
  code: 'NATS_LOST' | 'STREAM_MISSING' | 'STREAM_FULL' | 'PUBLISH_REFUSED' | 'RELAY_STUCK';
  constructor(code: NotPublishing['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** A stream this full counts as full: one more message of 1 MiB may not fit into a small one. */
const FULL = 0.95;
/** A publish that failed is tried again at once; only what lasts longer makes a service unready. */
const TROUBLE_MS = 5000;
const STUCK_MS = 15_000;

interface RelayState {
  bus: Bus;
  stream: string;
  /** Null in a copy that does not lead: it knows only what the stream says. */
  leading: { trouble(): Trouble | null } | null;
  turnedAt: number;
  pollMs: number;
}

/** @throws NotPublishing, or what JetStream answered to a question about the stream */
export async function checkRelay({ bus, stream, leading, turnedAt, pollMs }: RelayState): Promise<void> {
  if (!bus.connected()) throw new NotPublishing('NATS_LOST', 'There is no connection to NATS');
  const info = await bus.findStream(stream);
  if (!info) throw new NotPublishing('STREAM_MISSING', `Stream ${stream} is missing`);
  const { max_bytes: maxBytes } = info.config;
  const full = maxBytes > 0 && info.state.bytes > maxBytes * FULL;
  const trouble = leading?.trouble() ?? null;
  const lasting = trouble !== null && performance.now() - trouble.since > TROUBLE_MS;
  if (full || (lasting && trouble.kind === 'full')) {
    throw new NotPublishing('STREAM_FULL', `Stream ${stream} holds ${info.state.bytes} of ${maxBytes} bytes`);
  }
  if (lasting) throw new NotPublishing('PUBLISH_REFUSED', `Stream ${stream} has acknowledged nothing for 5 s`);
  if (leading && performance.now() - turnedAt > STUCK_MS + pollMs) {
    throw new NotPublishing('RELAY_STUCK', `The relay of ${stream} has stopped going round`);
  }
}
