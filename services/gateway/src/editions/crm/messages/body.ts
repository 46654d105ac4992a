import { cannedValues, characters, text, uuid, webUrl, withCode } from '@recado/contracts';
import { z } from 'zod';
import { FIELD } from '../texts.ts';

const replyTo = { reply_to: uuid().optional().describe('El mensaje del chat al que responde') };
const file = {
  media_file_id: uuid().optional(),
  media_url: webUrl().optional().describe('WhatsApp lo descarga de ahí'),
};
/** The type of a body with more fields is not known here. */
const oneFile = (body: unknown) => {
  const { media_file_id: id, media_url: url } = body as { media_file_id?: string; media_url?: string };
  return (id === undefined) !== (url === undefined);
};
const needsFile = {
  ...withCode('one_of_fields', { fields: 'media_file_id, media_url' }),
  path: ['media_file_id'],
};
const caption = z.string().trim().min(1).max(65_536).optional();

const words = {
  content: text(65_536),
  header_text: text(1000).optional(),
  footer_text: text(1000).optional(),
};
const card = z.strictObject({
  name: text(1000),
  phones: z.array(text(100)).max(20).optional(),
  emails: z.array(text(1000)).max(20).optional(),
  company: text(1000).optional(),
});
const row = z.strictObject({ id: text(1000), title: text(1000), description: text(1000).optional() });

/**
 * A message with more fields beside it. One member for each kind; the provider's limits are checked
 * when it is accepted.
 */
const messageBody = <M extends z.ZodRawShape>(more: M) => {
  const message = { ...more, ...replyTo };
  return z.discriminatedUnion(
    'message_type',
    [
      z.strictObject({
        ...message,
        message_type: z.literal('text'),
        content: characters(4096),
        preview_url: z.boolean().optional(),
      }),
      z
        .strictObject({ ...message, ...file, message_type: z.enum(['image', 'video']), content: caption })
        .refine(oneFile, needsFile),
      z
        .strictObject({
          ...message,
          ...file,
          message_type: z.literal('document'),
          content: caption,
          file_name: text(1000).optional(),
        })
        .refine(oneFile, needsFile),
      z
        .strictObject({ ...message, ...file, message_type: z.literal('audio'), voice: z.boolean().optional() })
        .refine(oneFile, needsFile),
      z.strictObject({ ...message, ...file, message_type: z.literal('sticker') }).refine(oneFile, needsFile),
      z.strictObject({
        ...message,
        message_type: z.literal('location'),
        latitude: z.number().min(-90).max(90),
        longitude: z.number().min(-180).max(180),
        name: text(1000).optional(),
        address: text(1000).optional(),
      }),
      z.strictObject({ ...message, message_type: z.literal('contacts'), contacts: z.array(card).min(1).max(100) }),
      z.strictObject({
        ...more,
        message_type: z.literal('reaction'),
        message_id: uuid(),
        emoji: text(64).nullable().describe('null quita la reacción'),
      }),
      z.strictObject({
        ...message,
        ...words,
        message_type: z.literal('buttons'),
        buttons: z
          .array(z.strictObject({ id: text(1000), title: text(1000) }))
          .min(1)
          .max(20),
      }),
      z.strictObject({
        ...message,
        ...words,
        message_type: z.literal('list'),
        button_text: text(1000),
        sections: z
          .array(z.strictObject({ title: text(1000).optional(), rows: z.array(row).min(1).max(100) }))
          .min(1)
          .max(100),
      }),
      z.strictObject({ ...message, ...words, message_type: z.literal('link'), button_text: text(1000), url: webUrl() }),
      z.strictObject({
        ...message,
        message_type: z.literal('template'),
        template_name: text(512),
        template_language: text(20),
        template_variables: z
          .record(z.string().max(64), z.string().max(65_536))
          .optional()
          .describe('Valores del cuerpo, por lugar (`1`, `2` …) o por nombre'),
      }),
      z.strictObject({
        ...message,
        message_type: z.literal('canned_answer'),
        canned_answer_id: uuid(),
        values: cannedValues.optional().describe('De las variables que se preguntan, y de las que no tienen valor'),
      }),
    ],
    { error: FIELD.messageKinds },
  );
};

export const plainMessageBody = messageBody({});

export const scheduleMessageBody = messageBody({
  send_at: z.iso.datetime({ offset: true }).describe('Como máximo dentro de un año'),
  cancel_if_customer_writes: z.boolean().default(false).describe('Si el cliente escribe antes, no se envía'),
});

export const sendMessageBody = messageBody({
  chat_id: uuid(),
  clear_draft: z.boolean().optional().describe('true: el borrador del usuario en el chat se elimina'),
});
