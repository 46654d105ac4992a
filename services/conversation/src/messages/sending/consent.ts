import { FIELD_CODES, type OutboundContent, type Template } from '@recado/contracts';
import { Unavailable, ValidationFailed } from '@recado/service-kit';

/** `unchecked`: a template whose category the connector could not be asked for. */
export type Purpose = 'marketing' | 'service' | 'unchecked';
export const UNCHECKED: Purpose = 'unchecked';

/** Content as it goes out, and what it is for. */
export interface Checked {
  content: OutboundContent;
  purpose: Purpose;
  /** Of a template, where it could be asked for. */
  category?: Template['category'];
  /** What the customer reads of a template, where that is known. */
  words?: string;
}

export const purposeOf = (category: Template['category']): Purpose =>
  category === 'marketing' ? 'marketing' : 'service';

/** Who is to get a message, by the field that a refusal names. */
export interface Consenting {
  field: string;
  marketingStoppedAt: Date | null;
}

/**
 * Refuses marketing to customers who opted out of it, before anything is queued.
 * @throws ValidationFailed naming each; Unavailable while it is not known whether it is marketing
 */
export function checkConsent(purpose: Purpose, recipients: readonly Consenting[]): void {
  if (purpose === 'service') return;
  const stopped = recipients.filter(({ marketingStoppedAt }) => marketingStoppedAt !== null);
  if (stopped.length === 0) return;
  if (purpose === 'unchecked') throw new Unavailable('channel-connector', { reason: 'The template was not checked' });
  const code = 'marketing_stopped';
  throw new ValidationFailed(stopped.map(({ field }) => ({ field, code, message: FIELD_CODES[code] })));
}
