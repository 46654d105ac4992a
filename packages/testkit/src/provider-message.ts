import type { Message, MessageDetails } from '@recado/contracts';

/** A message as a provider tells it, and what is to become of it. */
export interface ProviderMessage {
  name: string;
  item: Record<string, unknown>;
  /** Where it was written, unless in the customer's private chat. */
  key?: Record<string, unknown>;
  type: Message['type'];
  /** The customer's own words; empty when there are none. */
  content: string;
  details: MessageDetails | null;
  /** The provider's id of the message it is about, of kinds that do not show it. */
  about?: string;
  /** False when the provider gives it no id. */
  ownId?: false;
}
