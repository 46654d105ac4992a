import { isoTime, shownDetails, uuid } from '@recado/contracts';
import { z } from 'zod';

export const messageParams = z.strictObject({ id: uuid() });

export const direction = z.enum(['INBOUND', 'OUTBOUND']);
export const messageType = z.string().describe('TEXT, IMAGE, VIDEO, AUDIO, DOCUMENT, TEMPLATE, INTERACTIVE …');

export const messageContact = z.object({
  id: uuid(),
  phoneNumber: z.string().nullable().describe('Só dígitos'),
  name: z.string().nullable(),
});

const messageError = z.object({
  code: z.string(),
  message: z.string(),
  remedy: z.string(),
  detail: z.string().optional().describe('O que o WhatsApp disse'),
});

export const message = z
  .object({
    id: uuid(),
    whatsappMessageId: z.string().nullable(),
    direction,
    type: messageType,
    content: z.string(),
    metadata: z.record(z.string(), z.unknown()).nullable(),
    status: z.enum(['SENT', 'DELIVERED', 'READ', 'FAILED']),
    sentById: uuid().nullable(),
    timestamp: isoTime(),
    createdAt: isoTime(),
    error: messageError.optional().describe('Por que falhou e o que fazer'),
    ...shownDetails.shape,
  })
  .meta({ id: 'Message' });
