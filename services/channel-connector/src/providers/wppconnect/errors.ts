import type { ErrorTable } from '../errors.ts';

/** WPPConnect has sentences instead of codes; these names are ours. */
export const WPPCONNECT_ERRORS: ErrorTable = {
  bad_token: { kind: 'credentials', reason: 'The token of the WPPConnect session is not valid' },
  session_closed: { kind: 'retry', reason: 'The phone is not connected to the WPPConnect server' },
  delivery_error: { kind: 'recipient', reason: 'WhatsApp could not deliver the message' },
};
