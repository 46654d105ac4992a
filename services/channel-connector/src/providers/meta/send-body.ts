import type { AboutMessage, OutboundContent, OutboundLimits } from '@recado/contracts';

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
export function bodyOf(content: OutboundContent, about: AboutMessage | null): Json {
  const [type, body] = kindOf(content, about);
  const context = about && content.kind !== 'reaction' ? { context: { message_id: about.providerMessageId } } : {};
  return { type, [type]: body, ...context };
}

function kindOf(content: OutboundContent, about: AboutMessage | null): [type: string, body: unknown] {
  switch (content.kind) {
    case 'text':
      return ['text', { body: content.body, preview_url: content.previewUrl ?? false }];
    case 'image':
    case 'video':
      return [content.kind, { link: content.media.url, caption: content.caption }];
    case 'audio':
      return ['audio', { link: content.media.url, ...(content.voice && { voice: true }) }];
    case 'document':
      return ['document', { link: content.media.url, caption: content.caption, filename: content.fileName }];
    case 'sticker':
      return ['sticker', { link: content.media.url }];
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
      return ['interactive', interactiveOf(content)];
    case 'template':
      return ['template', templateOf(content)];
  }
}

function interactiveOf(content: Kind<'buttons' | 'list' | 'link'>): Json {
  const { header, body, footer } = content;
  return {
    ...(header && { header: headerOf(header) }),
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

function headerOf({ text, file }: NonNullable<Kind<'buttons'>['header']>): Json {
  if (!file) return { type: 'text', text };
  return { type: file.kind, [file.kind]: { link: file.media.url, filename: file.fileName } };
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

function templateOf({ name, language, params, components }: Kind<'template'>): Json {
  return { name, language: { code: language }, components: components ?? (params && bodyParameters(params)) };
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
