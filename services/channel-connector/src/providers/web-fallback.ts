import type { FileLimits, OutboundContent } from '@recado/contracts';
import type { OutboundMessage, Outcome } from './provider.ts';

type Kind<K extends OutboundContent['kind']> = Extract<OutboundContent, { kind: K }>;
type Choices = Kind<'buttons' | 'list' | 'link'>;
type Card = Kind<'contacts'>['contacts'][number];

/** Kinds that phones linked by WhatsApp Web no longer show: they go as text. */
export const SENT_AS_TEXT = ['buttons', 'list', 'link'] as const;

/**
 * What phones show of files. WhatsApp's own limit of pictures, videos and sounds is 16 MB.
 * @param maxBytes what the server takes of a document
 */
export function webFiles(maxBytes: number): FileLimits {
  const chat = (...types: string[]) => [{ types, maxBytes: 16 * 1024 * 1024 }];
  return {
    image: chat('image/jpeg', 'image/png', 'image/webp', 'image/gif'),
    video: chat('video/mp4', 'video/3gpp', 'video/quicktime'),
    audio: chat('audio/*'),
    // The server converts what it is given.
    voice: chat('audio/*'),
    sticker: chat('image/webp', 'image/png', 'image/jpeg'),
    document: [{ types: ['*/*'], maxBytes }],
  };
}

/** Content as WhatsApp Web shows it: choices become numbered lines, under their file. */
export function withoutChoices(content: OutboundContent): Exclude<OutboundContent, Choices> {
  if (content.kind !== 'buttons' && content.kind !== 'list' && content.kind !== 'link') return content;
  const { header, body, footer, replyTo } = content;
  const parts = [header?.text && `*${header.text}*`, body, choicesOf(content), footer && `_${footer}_`];
  const text = parts.filter(Boolean).join('\n\n');
  const quoting = replyTo === undefined ? {} : { replyTo };
  const file = header?.file;
  if (!file) return { kind: 'text', body: text, ...quoting };
  const { kind, media, fileName } = file;
  return kind === 'document'
    ? { kind, media, caption: text, ...(fileName !== undefined && { fileName }), ...quoting }
    : { kind, media, caption: text, ...quoting };
}

function choicesOf(content: Choices): string {
  switch (content.kind) {
    case 'buttons':
      return content.buttons.map(({ title }, i) => `${i + 1}. ${title}`).join('\n');
    case 'list': {
      let number = 0;
      const blocks = content.sections.map(({ title, rows }) => {
        const lines = rows.map((row) => `${++number}. ${row.title}${row.description ? ` – ${row.description}` : ''}`);
        return [...(title === undefined ? [] : [`*${title}*`]), ...lines].join('\n');
      });
      return blocks.join('\n\n');
    }
    case 'link':
      return `${content.button}: ${content.url}`;
  }
}

/** Cards as lines, for those that a provider does not take. */
export const cardsAsText = (cards: readonly Card[]): string =>
  cards
    .map(({ name, organization, phones = [], emails = [], urls = [] }) =>
      [
        `*${name}*`,
        organization?.company,
        ...phones.map(({ phone }) => phone),
        ...emails.map(({ email }) => email),
        ...urls.map(({ url }) => url),
      ]
        .filter(Boolean)
        .join('\n'),
    )
    .join('\n\n');

/** The first phone of a card, with at least ten digits; null when it has none. */
export const phoneOfCard = ({ phones = [] }: Card): string | null =>
  phones.map(({ waId, phone }) => (waId ?? phone).replace(/\D/g, '')).find((digits) => digits.length >= 10) ?? null;

/** The name that a place shows; some providers want one. */
export const placeName = ({ name, latitude, longitude }: Kind<'location'>): string =>
  name ?? `${latitude}, ${longitude}`;

/** The end of a message of a kind that a provider has no call for; most are refused before. */
export const notSendable = ({ content }: OutboundMessage): Outcome<string> => ({
  kind: 'refused',
  refusal: { code: 'unsupported_type', otherwise: 'request', said: `Messages of kind ${content.kind} can't be sent` },
});
