import { channelReason } from '@recado/contracts';
import type { ErrorTable } from '../errors.ts';

export const SERVER = { server: 'WPPConnect' };

/** WPPConnect has sentences instead of codes; these names are ours. */
export const WPPCONNECT_ERRORS: ErrorTable = {
  bad_token: { kind: 'credentials', reason: channelReason('session_token', SERVER) },
  session_closed: { kind: 'retry', reason: channelReason('phone_offline', SERVER) },
  delivery_error: { kind: 'recipient', reason: 'WhatsApp could not deliver the message' },
};
