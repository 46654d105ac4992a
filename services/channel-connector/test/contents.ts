import type { AboutMessage, OutboundContent } from '@recado/contracts';

const url = 'https://example.com/file.jpg';

/** The customer's message that others quote or react to. */
export const aboutOf = (providerMessageId: string): AboutMessage => ({
  messageId: '0198f5a0-0000-7000-8000-000000000001',
  providerMessageId,
  fromMe: false,
  text: 'Hola',
});

/** One message of each kind, as conversation asks for it. */
export const CONTENTS = {
  text: { kind: 'text', body: 'Mira https://example.com', previewUrl: true },
  image: { kind: 'image', media: { url }, caption: 'Foto' },
  video: { kind: 'video', media: { url } },
  audio: { kind: 'audio', media: { url } },
  voice: { kind: 'audio', media: { url }, voice: true },
  document: { kind: 'document', media: { url }, caption: 'Lee', fileName: 'a.pdf' },
  sticker: { kind: 'sticker', media: { url } },
  location: { kind: 'location', latitude: -12.04, longitude: -77.03, name: 'Tienda' },
  contacts: { kind: 'contacts', contacts: [{ name: 'Ana', phones: [{ phone: '+51999888777' }] }] },
  reaction: { kind: 'reaction', messageId: '0198f5a0-0000-7000-8000-000000000001', emoji: '👍' },
  buttons: {
    kind: 'buttons',
    body: 'Elige',
    header: { text: 'Menú' },
    footer: 'Hasta pronto',
    buttons: [
      { id: 'y', title: 'Sí' },
      { id: 'n', title: 'No' },
    ],
  },
  pictured: {
    kind: 'buttons',
    body: 'Elige',
    header: { file: { kind: 'image', media: { url } } },
    buttons: [{ id: 'y', title: 'Sí' }],
  },
  list: {
    kind: 'list',
    body: 'Elige',
    button: 'Ver',
    sections: [
      { title: 'Té', rows: [{ id: 'a', title: 'Verde', description: 'Caliente' }] },
      { title: 'Café', rows: [{ id: 'b', title: 'Negro' }] },
    ],
  },
  link: { kind: 'link', body: 'Nuestra página', button: 'Abrir', url: 'https://example.com/' },
} satisfies Record<string, OutboundContent>;

export type ContentName = keyof typeof CONTENTS;
