import { characters, text, uuid } from '@recado/contracts';
import { z } from 'zod';

const message = {
  conversationId: uuid(),
  replyToMessageId: uuid().optional().describe('A mensagem da conversa a que responde'),
};

export const MAX_PARAMETERS = 100;

export const sendTemplateBody = z.strictObject({
  ...message,
  templateName: text(512),
  parameters: z
    .array(z.string().max(65_536))
    .max(MAX_PARAMETERS)
    .optional()
    .describe('Valores do corpo, na ordem de `{{1}}`, `{{2}}` …'),
  languageCode: text(20),
});

const words = {
  ...message,
  bodyText: text(65_536),
  headerText: characters(60).optional(),
  footerText: characters(60).optional(),
};

export const sendButtonsBody = z.strictObject({
  ...words,
  buttons: z
    .array(z.strictObject({ id: text(256), title: characters(20) }))
    .min(1)
    .max(3),
});

const row = z.strictObject({
  id: text(200),
  title: characters(24),
  description: characters(72).optional(),
});

export const sendListBody = z.strictObject({
  ...words,
  buttonText: characters(20),
  sections: z
    .array(z.strictObject({ title: characters(24).optional(), rows: z.array(row).min(1).max(10) }))
    .min(1)
    .max(10),
});
