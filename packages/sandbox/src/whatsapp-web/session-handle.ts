import type { DisconnectInput, ScanInput, SessionMessageInput, SessionView } from '../control/session-schemas.ts';
import type { WebhookEnd } from '../meta/webhooks.ts';

/** What the control API does with an instance or session. */
export interface SessionHandle {
  view(): SessionView;
  /** False when there is no code to scan. */
  scan(input: Required<ScanInput>): boolean;
  disconnect(reason: NonNullable<DisconnectInput['reason']>): void;
  say(message: SessionMessageInput): Told;
  /** Tells any event; null when the webhook does not want it. */
  tell(event: string, data: unknown): Promise<WebhookEnd> | null;
}

/** What was told of a message: an entry per event, null for one that the webhook does not want. */
export interface Told {
  id: string;
  deliveries: (Promise<WebhookEnd> | null)[];
}
