import type { Message } from '@recado/contracts';
import { expect, test } from 'vitest';
import { sentMetadata } from './sent-metadata.ts';

const sent = (details: Message['details'], more: Partial<Message> = {}) =>
  sentMetadata({ direction: 'outbound', metadata: null, details, ...more } as Message);

test.each<[string, NonNullable<Message['details']>, object | null]>([
  [
    'a template with its values in order',
    { template: { name: 'reserva', language: 'pt_BR', params: { 10: 'j', 2: 'b', 1: 'a' } } },
    { templateName: 'reserva', parameters: ['a', 'b', 'j'], languageCode: 'pt_BR' },
  ],
  [
    'buttons',
    { interactive: { kind: 'buttons', header: { text: 'Menu' }, buttons: [{ id: 'a', title: 'A' }] } },
    { interactiveType: 'button', buttons: [{ id: 'a', title: 'A' }], headerText: 'Menu' },
  ],
  [
    'a list',
    { interactive: { kind: 'list', button: 'Ver', sections: [{ rows: [{ id: 'a', title: 'A' }] }], footer: 'Fim' } },
    {
      interactiveType: 'list',
      buttonText: 'Ver',
      sections: [{ rows: [{ id: 'a', title: 'A' }] }],
      footerText: 'Fim',
    },
  ],
  [
    'a link',
    { interactive: { kind: 'link', button: 'Abrir', url: 'https://example.com' } },
    { interactiveType: 'cta_url', buttonText: 'Abrir', url: 'https://example.com' },
  ],
  ['a file', { media: { url: 'https://example.com/a.jpg' } }, { url: 'https://example.com/a.jpg' }],
  ['a text with a preview', { previewUrl: true }, null],
])('shows %s', (_name, details, metadata) => {
  expect(sent(details)).toEqual(metadata);
});

test('leaves what was received, and what has metadata, as it is', () => {
  const details = { media: { url: 'https://example.com/a.jpg' } };
  expect(sent(details, { direction: 'inbound' })).toBeNull();
  expect(sent(details, { metadata: { kept: true } })).toEqual({ kept: true });
});
