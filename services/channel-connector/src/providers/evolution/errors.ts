import { channelReason } from '@recado/contracts';
import type { ErrorTable } from '../errors.ts';

export const SERVER = { server: 'Evolution' };

/** Evolution has sentences instead of codes; these names are ours. */
export const EVOLUTION_ERRORS: ErrorTable = {
  number_not_on_whatsapp: { kind: 'recipient', reason: 'This number is not on WhatsApp' },
  group_not_found: { kind: 'recipient', reason: 'The group does not exist, or the phone is not in it' },
  bad_request: { kind: 'request', reason: 'Evolution did not accept the request' },
  bad_key: { kind: 'credentials', reason: channelReason('server_key', SERVER) },
  instance_not_found: { kind: 'credentials', reason: channelReason('no_instance', SERVER) },
  connection_closed: { kind: 'retry', reason: channelReason('phone_offline', SERVER) },
  delivery_error: { kind: 'recipient', reason: 'WhatsApp could not deliver the message' },
};
