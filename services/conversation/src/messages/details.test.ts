import type { MessageDetails } from '@recado/contracts';
import { messageDetails } from '@recado/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detailsOf } from './details.ts';

type Stored = Parameters<typeof detailsOf>[0];
const stored = (given: Partial<Stored>): Stored => ({
  type: 'text',
  content: 'Hola',
  metadata: null,
  details: null,
  replyToProviderMessageId: null,
  ...given,
});

describe('the details of a stored message', () => {
  it('are those of its own column', () => {
    const details = { context: { forwarded: true } };
    expect(detailsOf(stored({ details, replyToProviderMessageId: 'wamid.1' }))).toBe(details);
    expect(detailsOf(stored({}))).toBeNull();
  });

  it.each<[string, Partial<Stored>, MessageDetails]>([
    ['a quote', { replyToProviderMessageId: 'wamid.1' }, { context: { quoted: { providerMessageId: 'wamid.1' } } }],
    [
      'an image',
      { type: 'image', metadata: { mediaId: 'm1', mimeType: 'image/jpeg', sha256: 'x', forwarded: true } },
      { media: { id: 'm1', type: 'image/jpeg', sha256: 'x' }, context: { forwarded: true } },
    ],
    ['a voice message', { type: 'audio', metadata: { voice: true } }, { media: { voice: true } }],
    [
      'a document',
      { type: 'document', metadata: { mediaId: 'm1', fileName: 'a.pdf' } },
      { media: { id: 'm1', fileName: 'a.pdf' } },
    ],
    [
      'a location',
      { type: 'location', metadata: { latitude: 1, longitude: 2, name: 'Shop' } },
      { location: { latitude: 1, longitude: 2, name: 'Shop' } },
    ],
    [
      'cards',
      {
        type: 'contacts',
        metadata: { contacts: [{ name: { formatted_name: 'Bia' }, phones: [{ phone: '+1', wa_id: '1' }] }, 7] },
      },
      { contacts: [{ name: 'Bia', phones: [{ phone: '+1', waId: '1' }], emails: [] }] },
    ],
    [
      'an order',
      {
        type: 'order',
        metadata: {
          catalogId: 'c',
          items: [{ product_retailer_id: 'p', quantity: 2, item_price: 3, currency: 'USD' }],
        },
      },
      { order: { catalogId: 'c', products: [{ id: 'p', quantity: 2, price: 3, currency: 'USD' }] } },
    ],
    ['a button', { type: 'button', metadata: { payload: 'y' } }, { choice: { id: 'y', title: 'Hola' } }],
    [
      'a row of a list',
      { type: 'interactive', metadata: { kind: 'list_reply', id: 'r', title: 'Row', description: 'D' } },
      { choice: { id: 'r', title: 'Row', description: 'D' } },
    ],
    [
      'a form',
      { type: 'interactive', metadata: { kind: 'nfm_reply', name: 'flow', responseJson: '{"a":"1"}' } },
      { form: { name: 'flow', answers: { a: '1' } } },
    ],
    [
      'a permission to call',
      { type: 'interactive', metadata: { kind: 'call_permission_reply', response: 'accept' } },
      { callPermission: { answer: 'accept' } },
    ],
    [
      'a reaction',
      { type: 'reaction', metadata: { emoji: null, messageId: 'wamid.1' }, replyToProviderMessageId: 'wamid.1' },
      { reaction: { providerMessageId: 'wamid.1', emoji: null } },
    ],
    [
      'an ad and a product',
      { metadata: { referral: { ctwa_clid: 'ad', headline: 'H' }, referredProduct: { catalog_id: 'c' } } },
      { referral: { ctwaClid: 'ad', headline: 'H' }, context: { product: { catalogId: 'c' } } },
    ],
    [
      'a system notice',
      { type: 'system', metadata: { kind: 'user_changed_number', waId: '55', system: {} } },
      { system: { kind: 'user_changed_number', waId: '55' } },
    ],
    ['an unknown kind', { type: 'unsupported', metadata: { type: 'hologram' } }, { unsupported: { kind: 'hologram' } }],
  ])('are read from the metadata of before: %s', (_what, given, expected) => {
    const details = detailsOf(stored(given));
    expect(details).toEqual(expected);
    expect(messageDetails.safeParse(details).success).toBe(true);
  });

  it('keep the contract whatever the metadata holds', () => {
    const kinds = ['text', 'image', 'location', 'contacts', 'order', 'interactive', 'reaction', 'unsupported'] as const;
    const key = fc.constantFrom(
      'contacts',
      'items',
      'referral',
      'kind',
      'voice',
      'latitude',
      'name',
      'phones',
      'response',
    );
    const json = fc.jsonValue({ maxDepth: 2 });
    const value = fc.oneof(json, fc.array(fc.dictionary(key, json, { maxKeys: 6 })));
    fc.assert(
      fc.property(fc.constantFrom(...kinds), fc.dictionary(key, value, { maxKeys: 6 }), (type, metadata) => {
        const details = detailsOf(stored({ type, metadata }));
        expect(messageDetails.nullable().safeParse(details).error).toBeUndefined();
      }),
    );
  });
});
