import { z } from 'zod';
import { matching, uuid } from '../primitives.ts';
import { route } from '../route.ts';
import { channel } from './channel.ts';

const sixDigits = () => z.string().regex(/^\d{6}$/);

/** A number that its provider proves by a code sent to the phone. */
export const numberCodeRoutes = {
  requestNumberCode: route({
    method: 'POST',
    path: '/channels/:channelId/request-code',
    access: 'whatsapp.numbers.manage',
    once: { none: 'The last code that was sent counts, and the provider limits how many are' },
    params: z.strictObject({ channelId: uuid() }),
    body: z.strictObject({
      method: z.enum(['sms', 'voice']),
      language: matching('template_language', /^[a-z]{2,3}(?:_[A-Z]{2})?$/),
    }),
    responses: { 200: z.object({ sent: z.literal(true) }) },
    audit: 'channel.request_code',
    live: true,
    summary:
      'Have the provider send a code to the phone (whatsapp.numbers.manage). A number that is verified: 409; too many codes: 429; a provider without codes: 422 naming `channelId`',
  }),
  verifyNumber: route({
    method: 'POST',
    path: '/channels/:channelId/verify-code',
    access: 'whatsapp.numbers.manage',
    once: { none: 'takes a code that works once' },
    params: z.strictObject({ channelId: uuid() }),
    body: z.strictObject({
      code: sixDigits(),
      pin: sixDigits().optional().describe('Of the two-step verification; without it the connector keeps one'),
    }),
    responses: { 200: channel },
    audit: 'channel.verify',
    live: true,
    summary:
      'Verify a number by the code that its phone got, register it and check it (whatsapp.numbers.manage). Wrong: 422 on `code` or `pin`; verified and registered before: 409',
  }),
};
