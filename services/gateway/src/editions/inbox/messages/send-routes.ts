import type { OutboundContent } from '@recado/contracts';
import { type EditionContext, editionRoute } from '../../../edge/edition.ts';
import { message } from './schemas.ts';
import { MAX_PARAMETERS, sendButtonsBody, sendListBody, sendTemplateBody } from './send-schemas.ts';
import { messageView } from './views.ts';

/** What a service calls the parts of content, in this edition's words. */
const CONTENT_FIELDS: Record<string, string> = {
  'content.replyTo': 'replyToMessageId',
  'content.body': 'bodyText',
  'content.header.text': 'headerText',
  'content.footer': 'footerText',
  'content.buttons': 'buttons',
  'content.button': 'buttonText',
  'content.sections': 'sections',
  'content.name': 'templateName',
  'content.language': 'languageCode',
  'content.params': 'parameters',
  // A template counts its places from 1, a list its values from 0.
  ...Object.fromEntries(
    Array.from({ length: MAX_PARAMETERS }, (_, i) => [`content.params.${i + 1}`, `parameters.${i}`]),
  ),
  'content.kind': 'conversationId',
};

const sends = {
  method: 'POST',
  tag: 'Mensagens',
  auth: 'bearer',
  permission: 'messages.create',
  fields: CONTENT_FIELDS,
  responses: { 201: message },
} as const;

export const sendRoutes = [
  editionRoute({
    ...sends,
    path: '/api/messages/template',
    summary: 'Enviar template',
    description: 'Assíncrono, via fila. É o único envio fora da janela de 24 horas.',
    body: sendTemplateBody,
    handle: ({ body, deps, call }) => {
      const { templateName: name, languageCode: language, parameters, ...rest } = body;
      const params = parameters && Object.fromEntries(parameters.map((value, i) => [String(i + 1), value]));
      return send({ deps, call }, rest, { kind: 'template', name, language, params });
    },
  }),
  editionRoute({
    ...sends,
    path: '/api/messages/buttons',
    summary: 'Enviar mensagem com botões',
    description: 'De 1 a 3 botões. Onde o provedor não mostra botões, vão como texto numerado.',
    body: sendButtonsBody,
    handle: ({ body, deps, call }) =>
      send({ deps, call }, body, { kind: 'buttons', ...wordsOf(body), buttons: body.buttons }),
  }),
  editionRoute({
    ...sends,
    path: '/api/messages/list',
    summary: 'Enviar mensagem com lista',
    description: 'Até 10 itens no total. Onde o provedor não mostra listas, vão como texto numerado.',
    body: sendListBody,
    handle: ({ body, deps, call }) => {
      const { buttonText: button, sections } = body;
      return send({ deps, call }, body, { kind: 'list', ...wordsOf(body), button, sections });
    },
  }),
];

async function send(
  { deps, call }: Pick<EditionContext, 'deps' | 'call'>,
  { conversationId, replyToMessageId }: { conversationId: string; replyToMessageId?: string | undefined },
  kind: OutboundContent,
) {
  const content = { ...kind, ...(replyToMessageId !== undefined && { replyTo: replyToMessageId }) };
  const sent = await deps.clients.conversation.sendMessage({ params: { conversationId }, body: { content } }, call);
  return messageView(sent.message);
}

const wordsOf = (body: { bodyText: string; headerText?: string | undefined; footerText?: string | undefined }) => ({
  body: body.bodyText,
  footer: body.footerText,
  ...(body.headerText !== undefined && { header: { text: body.headerText } }),
});
