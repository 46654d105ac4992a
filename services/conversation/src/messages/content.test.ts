import { type AboutMessage, outboundContent } from '@recado/contracts';
import { describe, expect, test } from 'vitest';
import { contentOf, partsOf } from './content.ts';

const id = '0198f5a0-0000-7000-8000-000000000001';
const about: AboutMessage = { messageId: id, providerMessageId: 'wamid.1', fromMe: false, text: 'Hi' };
const url = 'https://example.com/a.jpg';
const head = { body: 'Choose', header: { text: 'Menu' }, footer: 'Bye' };
const row = { id: 'r1', title: 'One', description: 'The first' };

const CONTENTS: Record<string, { content: object; type: string; words: string }> = {
  text: { content: { kind: 'text', body: 'Hi', previewUrl: true, replyTo: id }, type: 'text', words: 'Hi' },
  image: { content: { kind: 'image', media: { url }, caption: 'Look' }, type: 'image', words: 'Look' },
  video: { content: { kind: 'video', media: { fileId: id } }, type: 'video', words: '' },
  audio: { content: { kind: 'audio', media: { url }, voice: true, replyTo: id }, type: 'audio', words: '' },
  document: {
    content: { kind: 'document', media: { url }, caption: 'Read', fileName: 'a.pdf' },
    type: 'document',
    words: 'Read',
  },
  sticker: { content: { kind: 'sticker', media: { url } }, type: 'sticker', words: '' },
  location: {
    content: { kind: 'location', latitude: -12.5, longitude: 77, name: 'Shop', address: 'Lima' },
    type: 'location',
    words: '',
  },
  contacts: {
    content: {
      kind: 'contacts',
      contacts: [{ name: 'Ana', phones: [{ phone: '+51999888777', waId: '51999888777' }] }],
    },
    type: 'contacts',
    words: '',
  },
  reaction: { content: { kind: 'reaction', messageId: id, emoji: '👍' }, type: 'reaction', words: '👍' },
  'reaction taken back': { content: { kind: 'reaction', messageId: id, emoji: null }, type: 'reaction', words: '' },
  buttons: {
    content: { kind: 'buttons', ...head, buttons: [{ id: 'b1', title: 'Yes' }], replyTo: id },
    type: 'interactive',
    words: 'Choose',
  },
  list: {
    content: { kind: 'list', ...head, button: 'Open', sections: [{ title: 'All', rows: [row] }] },
    type: 'interactive',
    words: 'Choose',
  },
  link: { content: { kind: 'link', body: 'Choose', button: 'Open', url }, type: 'interactive', words: 'Choose' },
  template: {
    content: { kind: 'template', name: 'welcome', language: 'es', params: { 1: 'Ana' } },
    type: 'template',
    words: '',
  },
};

describe('what a message of ours is stored as', () => {
  test.each(Object.entries(CONTENTS))('%s is read back as it was sent', (_name, { content, type, words }) => {
    const parsed = outboundContent.parse(content);
    const quotes = 'replyTo' in content || 'messageId' in content;
    const parts = partsOf(parsed, quotes ? about : null);
    expect(parts).toMatchObject({ type, content: words });
    expect(contentOf(parts)).toEqual(content);
  });

  test('a message that was received has no content to send', () => {
    expect(contentOf({ type: 'interactive', content: 'Yes', details: { choice: { id: 'b1' } } })).toBeNull();
    expect(contentOf({ type: 'image', content: '', details: null })).toBeNull();
  });
});
