import type { AboutMessage, OutboundContent, OutboundLimits } from '@recado/contracts';
import { fileOf, type OutboundFiles } from '../outbound-file.ts';
import { isObject } from './fields.ts';

type Json = Record<string, unknown>;
type Kind<K extends OutboundContent['kind']> = Extract<OutboundContent, { kind: K }>;

/** Source: developers.facebook.com, Cloud API, the page of each kind of message. */
export const META_LIMITS: OutboundLimits = {
  text: 4096,
  caption: 1024,
  fileName: 240,
  header: 60,
  body: 1024,
  footer: 60,
  buttons: 3,
  buttonId: 256,
  buttonTitle: 20,
  listButton: 20,
  sections: 10,
  sectionTitle: 24,
  rows: 10,
  rowId: 200,
  rowTitle: 24,
  rowDescription: 72,
  linkButton: 20,
  contacts: 5,
};

/** The fields of a Graph message that say what is sent. */
export function bodyOf(content: OutboundContent, about: AboutMessage | null, files: OutboundFiles): Json {
  const [type, body] = kindOf(content, about, files);
  const context = about && content.kind !== 'reaction' ? { context: { message_id: about.providerMessageId } } : {};
  return { type, [type]: body, ...context };
}

type Media = Kind<'image'>['media'];

/** The id of a file that was brought to Meta, or the link that Meta reads. */
const mediaOf = ({ fileId, url }: Media, files: OutboundFiles): Json =>
  fileId === undefined ? { link: url } : { id: fileOf(files, fileId).providerFileId };

/** A document shows the name that it is given; one of ours has its own. */
const nameOf = ({ fileId }: Media, given: string | undefined, files: OutboundFiles): string | undefined =>
  given ?? (fileId === undefined ? undefined : fileOf(files, fileId).name);

function kindOf(
  content: OutboundContent,
  about: AboutMessage | null,
  files: OutboundFiles,
): [type: string, body: unknown] {
  switch (content.kind) {
    case 'text':
      return ['text', { body: content.body, preview_url: content.previewUrl ?? false }];
    case 'image':
    case 'video':
      return [content.kind, { ...mediaOf(content.media, files), caption: content.caption }];
    case 'audio':
      return ['audio', { ...mediaOf(content.media, files), ...(content.voice && { voice: true }) }];
    case 'document': {
      const { media, caption } = content;
      const filename = nameOf(media, content.fileName, files);
      return ['document', { ...mediaOf(media, files), caption, filename }];
    }
    case 'sticker':
      return ['sticker', mediaOf(content.media, files)];
    case 'location': {
      const { latitude, longitude, name, address } = content;
      return ['location', { latitude, longitude, name, address }];
    }
    case 'contacts':
      return ['contacts', content.contacts.map(cardOf)];
    case 'reaction':
      // An empty emoji takes the earlier one back.
      return ['reaction', { message_id: about?.providerMessageId, emoji: content.emoji ?? '' }];
    case 'buttons':
    case 'list':
    case 'link':
      return ['interactive', interactiveOf(content, files)];
    case 'template':
      return ['template', templateOf(content, files)];
  }
}

function interactiveOf(content: Kind<'buttons' | 'list' | 'link'>, files: OutboundFiles): Json {
  const { header, body, footer } = content;
  return {
    ...(header && { header: headerOf(header, files) }),
    body: { text: body },
    ...(footer !== undefined && { footer: { text: footer } }),
    ...actionOf(content),
  };
}

function actionOf(content: Kind<'buttons' | 'list' | 'link'>): Json {
  switch (content.kind) {
    case 'buttons': {
      const buttons = content.buttons.map((reply) => ({ type: 'reply', reply }));
      return { type: 'button', action: { buttons } };
    }
    case 'list':
      return { type: 'list', action: { button: content.button, sections: content.sections } };
    case 'link': {
      const parameters = { display_text: content.button, url: content.url };
      return { type: 'cta_url', action: { name: 'cta_url', parameters } };
    }
  }
}

function headerOf({ text, file }: NonNullable<Kind<'buttons'>['header']>, files: OutboundFiles): Json {
  if (!file) return { type: 'text', text };
  const { kind, media, fileName } = file;
  const filename = kind === 'document' ? nameOf(media, fileName, files) : undefined;
  return { type: kind, [kind]: { ...mediaOf(media, files), filename } };
}

/** Meta wants a part of the name beside the whole. */
function cardOf(card: Kind<'contacts'>['contacts'][number]): Json {
  const { phones, emails, urls, addresses, organization, birthday } = card;
  return {
    name: {
      formatted_name: card.name,
      first_name: card.firstName ?? card.name,
      middle_name: card.middleName,
      last_name: card.lastName,
      prefix: card.prefix,
      suffix: card.suffix,
    },
    birthday,
    phones: phones?.map(({ phone, waId, type }) => ({ phone, wa_id: waId, type })),
    emails,
    urls,
    addresses: addresses?.map(({ countryCode, ...rest }) => ({ ...rest, country_code: countryCode })),
    org: organization,
  };
}

function templateOf({ name, language, params, components }: Kind<'template'>, files: OutboundFiles): Json {
  const parts = components ? withIds(components, files) : params && bodyParameters(params);
  return { name, language: { code: language }, components: parts };
}

/** Parameters that name a file of ours get Meta's id of it. */
function withIds(components: readonly unknown[], files: OutboundFiles): unknown[] {
  return components.map((component) => {
    if (!isObject(component)) return component;
    const { parameters, cards } = component;
    return {
      ...component,
      ...(Array.isArray(parameters) && { parameters: parameters.map((one) => parameterOf(one, files)) }),
      ...(Array.isArray(cards) && {
        cards: cards.map((card) =>
          isObject(card) && Array.isArray(card.components)
            ? { ...card, components: withIds(card.components, files) }
            : card,
        ),
      }),
    };
  });
}

function parameterOf(parameter: unknown, files: OutboundFiles): unknown {
  if (!isObject(parameter)) return parameter;
  const type = String(parameter.type);
  const part = parameter[type];
  if (!isObject(part) || typeof part.fileId !== 'string') return parameter;
  const { fileId, ...rest } = part;
  const file = fileOf(files, fileId);
  return {
    ...parameter,
    [type]: { ...(type === 'document' && { filename: file.name }), ...rest, id: file.providerFileId },
  };
}

const PLACE = /^[1-9]\d*$/;

/** Values by place go in their order; others by name. */
function bodyParameters(params: Record<string, string>): Json[] {
  const given = Object.entries(params);
  if (given.length === 0) return [];
  const byPlace = given.every(([key]) => PLACE.test(key));
  const parameters = byPlace
    ? given.sort(([a], [b]) => Number(a) - Number(b)).map(([, text]) => ({ type: 'text', text }))
    : given.map(([parameter_name, text]) => ({ type: 'text', parameter_name, text }));
  return [{ type: 'body', parameters }];
}
