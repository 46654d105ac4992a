import { CHANNEL_REASONS } from '@recado/contracts';
import type { ErrorTable, RefusalKind } from '../errors.ts';

/** Source: developers.facebook.com, Cloud API error codes. */
const KNOWN: ErrorTable = {
  0: { kind: 'credentials', reason: CHANNEL_REASONS.token_invalid },
  1: { kind: 'retry', reason: CHANNEL_REASONS.unknown_trouble },
  2: { kind: 'retry', reason: CHANNEL_REASONS.whatsapp_away },
  3: { kind: 'credentials', reason: CHANNEL_REASONS.token_scope },
  4: { kind: 'throttled', reason: CHANNEL_REASONS.app_limit },
  10: { kind: 'credentials', reason: CHANNEL_REASONS.app_permission },
  100: { kind: 'request', reason: CHANNEL_REASONS.request_refused },
  190: { kind: 'credentials', reason: CHANNEL_REASONS.token_expired },
  368: { kind: 'stop', reason: CHANNEL_REASONS.policy_block },
  80007: { kind: 'throttled', reason: CHANNEL_REASONS.account_limit },
  130429: { kind: 'throttled', reason: CHANNEL_REASONS.number_limit },
  130472: { kind: 'recipient', reason: 'The customer is part of a WhatsApp experiment and cannot be reached' },
  130497: { kind: 'recipient', reason: 'The business may not message customers of this country' },
  131000: { kind: 'retry', reason: CHANNEL_REASONS.unknown_trouble },
  131005: { kind: 'credentials', reason: CHANNEL_REASONS.token_permission },
  131008: { kind: 'request', reason: 'The message lacks a required part' },
  131009: { kind: 'request', reason: 'A part of the message is not valid' },
  131016: { kind: 'retry', reason: CHANNEL_REASONS.whatsapp_away },
  131020: { kind: 'recipient', reason: 'Nobody else is in the group' },
  131021: { kind: 'recipient', reason: 'The number cannot message itself' },
  131026: {
    kind: 'recipient',
    reason: 'The message cannot be delivered: the customer may not use WhatsApp, or an old version of it',
  },
  131030: { kind: 'recipient', reason: "The customer is not among the test number's allowed recipients" },
  131031: { kind: 'stop', reason: CHANNEL_REASONS.account_locked },
  131037: { kind: 'stop', reason: CHANNEL_REASONS.name_unapproved },
  131041: { kind: 'recipient', reason: 'The group does not exist, or the number is not in it' },
  131042: { kind: 'stop', reason: CHANNEL_REASONS.payment },
  131045: { kind: 'stop', reason: CHANNEL_REASONS.not_registered },
  131047: {
    kind: 'recipient',
    reason: 'More than 24 hours passed since the customer wrote: only a template can be sent',
  },
  131048: { kind: 'stop', reason: CHANNEL_REASONS.reported },
  131049: { kind: 'recipient', reason: 'WhatsApp holds marketing back from this customer for now: try in 24 hours' },
  131050: { kind: 'recipient', reason: "The customer opted out of the business's marketing messages" },
  131051: { kind: 'request', reason: 'WhatsApp does not support this kind of message' },
  131052: { kind: 'media', reason: 'The media could not be downloaded' },
  131053: { kind: 'media', reason: 'The media could not be uploaded' },
  131056: { kind: 'pair', reason: 'Too many messages to this customer in a short time' },
  131057: { kind: 'retry', reason: CHANNEL_REASONS.maintenance },
  131062: { kind: 'recipient', reason: 'The message cannot be sent to this customer' },
  131064: { kind: 'stop', reason: CHANNEL_REASONS.quality },
  132000: { kind: 'template', reason: 'The template expects another number of values' },
  132001: { kind: 'template', reason: 'The template does not exist in this language, or is not approved' },
  132005: { kind: 'template', reason: "The template's filled-in text is too long" },
  132007: { kind: 'template', reason: 'The template breaks a rule of WhatsApp' },
  132008: { kind: 'template', reason: 'A value of the template is not valid' },
  132012: { kind: 'template', reason: 'A value of the template has the wrong format' },
  132015: { kind: 'template', reason: 'The template is paused because of its quality' },
  132016: { kind: 'template', reason: 'The template is disabled because of its quality' },
  132068: { kind: 'template', reason: 'The flow is blocked' },
  132069: { kind: 'template', reason: 'The flow is throttled' },
  133010: { kind: 'stop', reason: CHANNEL_REASONS.unregistered },
  133015: { kind: 'retry', reason: CHANNEL_REASONS.deleted_lately },
  133016: { kind: 'retry', reason: CHANNEL_REASONS.registered_often },
  135000: { kind: 'request', reason: 'WhatsApp refused the message for an unnamed reason' },
};

/** Meta gives 200 to 299 to permissions. */
const PERMISSIONS = Array.from({ length: 100 }, (_, i) => [200 + i, KNOWN[10]!] as const);

export const META_ERRORS: ErrorTable = { ...Object.fromEntries(PERMISSIONS), ...KNOWN };

/**
 * What a code that is not in the table means, by the HTTP status of the answer.
 * @param transient Meta's own `is_transient`
 */
export function kindOfUnknown(httpStatus: number, transient: boolean): RefusalKind {
  if (transient || httpStatus >= 500 || httpStatus === 429) return 'retry';
  return httpStatus === 401 ? 'credentials' : 'request';
}
