import type { ErrorTable } from '../errors.ts';

/** Evolution has sentences instead of codes; these names are ours. */
export const EVOLUTION_ERRORS: ErrorTable = {
  number_not_on_whatsapp: { kind: 'recipient', reason: 'This number is not on WhatsApp' },
  group_not_found: { kind: 'recipient', reason: 'The group does not exist, or the phone is not in it' },
  bad_request: { kind: 'request', reason: 'Evolution did not accept the request' },
  bad_key: { kind: 'credentials', reason: 'The key of the Evolution server is not valid' },
  instance_not_found: { kind: 'credentials', reason: 'The Evolution server has no such instance' },
  connection_closed: { kind: 'retry', reason: 'The phone is not connected to the Evolution server' },
  delivery_error: { kind: 'recipient', reason: 'WhatsApp could not deliver the message' },
};
