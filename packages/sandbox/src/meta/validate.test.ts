import { describe, expect, test } from 'vitest';
import { GraphError } from './errors.ts';
import { parseOutbound } from './validate.ts';

const link = 'https://example.com/a.jpg';
const money = (value: number) => ({ value, offset: 100 });
const message = (type: string, body: unknown) => ({ to: '5511977770001', type, [type]: body });

/** The code and words of the refusal; null when it is accepted. */
function refusalOf(input: object): string | null {
  try {
    parseOutbound(input as Record<string, unknown>, (id) => id === 'uploaded');
    return null;
  } catch (error) {
    if (error instanceof GraphError) return `${error.code} ${error.details}`;
    throw error;
  }
}

const interactive = (type: string, action: unknown, more: object = {}) =>
  message('interactive', { type, body: { text: 'Body' }, action, ...more });
const reply = (id: string, title: string) => ({ type: 'reply', reply: { id, title } });
const buttons = { buttons: [reply('a', 'Yes')] };
const rows = (count: number) => Array.from({ length: count }, (_, i) => ({ id: `r${i}`, title: `Row ${i}` }));
const list = (...sections: object[]) => ({ button: 'Open', sections });
const link20 = { name: 'cta_url', parameters: { display_text: 'See', url: link } };
const flow = (more: object = {}) => ({
  name: 'flow',
  parameters: { flow_message_version: '3', flow_id: '123', flow_cta: 'Sign up', ...more },
});
const orderOf = (more: object = {}, order: object = {}) => ({
  name: 'review_and_pay',
  parameters: {
    reference_id: 'order-1',
    type: 'physical-goods',
    currency: 'BRL',
    total_amount: money(1100),
    order: {
      status: 'pending',
      items: [{ name: 'Tea', amount: money(500), quantity: 2 }],
      subtotal: money(1000),
      tax: money(100),
      ...order,
    },
    ...more,
  },
});
const statusOf = (status: string, more: object = {}) => ({
  name: 'review_order',
  parameters: { reference_id: 'order-1', order: { status }, ...more },
});
const card = (index: number) => ({
  card_index: index,
  type: 'cta_url',
  header: { type: 'image', image: { link } },
  body: { text: 'Card' },
  action: link20,
});

describe('Meta accepts', () => {
  test.each<[string, object]>([
    ['a text with a preview', message('text', { body: 'Hi', preview_url: true })],
    ['4,096 emojis', message('text', { body: '😀'.repeat(4096) })],
    ['a voice note', message('audio', { link, voice: true })],
    ['a document by its uploaded id', message('document', { id: 'uploaded', filename: 'a.pdf' })],
    ['a quote', { ...message('text', { body: 'Hi' }), context: { message_id: 'wamid.1' } }],
    ['a reaction taken back', message('reaction', { message_id: 'wamid.1', emoji: '' })],
    ['a family as one emoji', message('reaction', { message_id: 'wamid.1', emoji: '👨‍👩‍👧' })],
    ['buttons under a video', interactive('button', buttons, { header: { type: 'video', video: { link } } })],
    ['a title of twenty emojis', interactive('button', { buttons: [reply('a', '😀'.repeat(20))] })],
    ['a list of ten rows', interactive('list', list({ title: 'A', rows: rows(10) }))],
    ['a link', interactive('cta_url', link20)],
    ['a flow', interactive('flow', flow({ flow_action_payload: { screen: 'FIRST', data: { a: 1 } } }))],
    [
      'a product alone',
      message('interactive', { type: 'product', action: { catalog_id: '1', product_retailer_id: '2' } }),
    ],
    [
      'products',
      interactive(
        'product_list',
        { catalog_id: '1', sections: [{ product_items: [{ product_retailer_id: '2' }] }] },
        { header: { type: 'text', text: 'Menu' } },
      ),
    ],
    ['a request of a place', interactive('location_request_message', { name: 'send_location' })],
    [
      'a request to call',
      message('interactive', { type: 'call_permission_request', action: { name: 'call_permission_request' } }),
    ],
    ['a carousel', interactive('carousel', { cards: [card(0), card(1)] })],
    ['an order to pay', interactive('order_details', orderOf())],
    ['an order that was sent', interactive('order_status', statusOf('shipped'))],
  ])('%s', (_name, input) => {
    expect(refusalOf(input)).toBeNull();
  });
});

const LONG = 'x'.repeat(21);

describe('Meta refuses', () => {
  test.each<[string, object, string]>([
    ['an unknown key of a text', message('text', { text: 'Hi' }), '100 Unexpected key "text"'],
    ['a preview that is no boolean', message('text', { body: 'Hi', preview_url: 'yes' }), '100 Param text'],
    ['a long text', message('text', { body: 'x'.repeat(4097) }), "100 Param text['body'] must be at most 4096"],
    ['a caption of a sticker', message('sticker', { link, caption: 'Hi' }), '100 Unexpected key "caption"'],
    ['a file name of an image', message('image', { link, filename: 'a.jpg' }), '100 Unexpected key "filename"'],
    ['a file of nowhere', message('image', {}), '131008 Either id or link'],
    ['two files', message('image', { link, id: 'uploaded' }), '100 Only one of id and link'],
    ['an id that is not uploaded', message('image', { id: '9' }), "100 Param image['id']"],
    ['a link of another scheme', message('video', { link: 'ftp://example.com' }), "100 Param video['link']"],
    ['a voice that is no boolean', message('audio', { link, voice: 1 }), "100 Param audio['voice']"],
    ['a quote of no message', { ...message('text', { body: 'a' }), context: { message_id: 'x' } }, '131009 Message ID'],
    ['a reaction to no message', message('reaction', { message_id: 'x', emoji: '👍' }), '131009 Message ID'],
    ['two emojis', message('reaction', { message_id: 'wamid.1', emoji: '👍👍' }), '131009 Param reaction'],
    ['a word as emoji', message('reaction', { message_id: 'wamid.1', emoji: 'a' }), '131009 Param reaction'],
    ['a card with a whole name alone', message('contacts', [{ name: { formatted_name: 'A' } }]), '131008 At least one'],
    ['six cards', message('contacts', Array(6).fill({})), '100 Param contacts'],
    [
      'an odd birthday',
      message('contacts', [{ name: { formatted_name: 'A', first_name: 'A' }, birthday: '1.2.90' }]),
      '100 Param contacts[0]',
    ],
    ['a place off the earth', message('location', { latitude: 91, longitude: 0 }), '100 Param location'],
    ['an unknown interactive kind', interactive('poll', {}), "100 Param interactive['type']"],
    [
      'no body',
      message('interactive', { type: 'button', action: buttons }),
      "131008 The parameter interactive['body']",
    ],
    ['an empty body', interactive('button', buttons, { body: { text: ' ' } }), '131009 Body text length invalid'],
    ['a long body', interactive('button', buttons, { body: { text: 'x'.repeat(1025) } }), '131009 Body text length'],
    [
      'a long footer',
      interactive('button', buttons, { footer: { text: 'x'.repeat(61) } }),
      '131009 Footer text length',
    ],
    ['no action', interactive('button', undefined), "131008 The parameter interactive['action']"],
    ['a header without its kind', interactive('button', buttons, { header: { text: 'A' } }), '131008 The parameter'],
    [
      'a header of audio',
      interactive('button', buttons, { header: { type: 'audio' } }),
      "100 Param interactive['header']",
    ],
    [
      'a header without its file',
      interactive('button', buttons, { header: { type: 'image' } }),
      '131008 The parameter',
    ],
    [
      'a header with an unknown file',
      interactive('button', buttons, { header: { type: 'image', image: { id: '9' } } }),
      "100 Param interactive['header']['image']['id']",
    ],
    [
      'a header with a caption',
      interactive('button', buttons, { header: { type: 'image', image: { link, caption: 'A' } } }),
      '100 Unexpected key "caption"',
    ],
    [
      'a header of two kinds',
      interactive('button', buttons, { header: { type: 'text', text: 'A', image: { link } } }),
      '100 Unexpected key "image"',
    ],
    [
      'a long header',
      interactive('button', buttons, { header: { type: 'text', text: 'x'.repeat(61) } }),
      '131009 Header',
    ],
    [
      'an image over a list',
      interactive('list', list({ rows: rows(1) }), { header: { type: 'image', image: { link } } }),
      '100 Param',
    ],
    [
      'a header over a product',
      interactive('product', {}, { header: { type: 'text', text: 'A' } }),
      '100 Unexpected key "header"',
    ],
    ['no buttons', interactive('button', { buttons: [] }), '131009 Invalid buttons count'],
    [
      'four buttons',
      interactive('button', { buttons: Array(4).fill(reply('a', 'A')) }),
      '131009 Invalid buttons count',
    ],
    ['a button of another kind', interactive('button', { buttons: [{ type: 'url' }] }), '100 Param interactive'],
    [
      'a long title',
      interactive('button', { buttons: [reply('a', LONG)] }),
      '131009 Button title length invalid. Min length: 1, Max length: 20',
    ],
    ['a title of spaces', interactive('button', { buttons: [reply('a', ' ')] }), '131009 Button title length'],
    [
      'equal ids',
      interactive('button', { buttons: [reply('a', 'A'), reply('a', 'B')] }),
      '131009 Duplicated button id',
    ],
    [
      'equal titles',
      interactive('button', { buttons: [reply('a', 'A'), reply('b', 'A')] }),
      '131009 Duplicated button title',
    ],
    ['a long list button', interactive('list', { ...list({ rows: rows(1) }), button: LONG }), '131009 Button label'],
    [
      'eleven rows',
      interactive('list', list({ title: 'A', rows: rows(6) }, { title: 'B', rows: rows(5) })),
      '131009 Total row count',
    ],
    [
      'sections without titles',
      interactive('list', list({ rows: rows(1) }, { rows: rows(1) })),
      '131008 The parameter',
    ],
    ['equal rows', interactive('list', list({ rows: [...rows(1), ...rows(1)] })), '131009 Duplicated row id'],
    [
      'a long row',
      interactive('list', list({ rows: [{ id: 'a', title: 'x'.repeat(25) }] })),
      '131009 Row title length',
    ],
    [
      'a long description',
      interactive('list', list({ rows: [{ id: 'a', title: 'A', description: 'x'.repeat(73) }] })),
      '131009 Row description',
    ],
    ['an empty section', interactive('list', list({ title: 'A', rows: [] })), '100 Param interactive'],
    ['a link without its name', interactive('cta_url', { parameters: link20.parameters }), '131008 The parameter'],
    [
      'a link without its page',
      interactive('cta_url', { name: 'cta_url', parameters: { display_text: 'A' } }),
      '131008 The parameter',
    ],
    [
      'a link of no page',
      interactive('cta_url', { name: 'cta_url', parameters: { display_text: 'A', url: 'page' } }),
      '100 Param',
    ],
    [
      'a long link',
      interactive('cta_url', { name: 'cta_url', parameters: { display_text: LONG, url: link } }),
      '131009 Button text length',
    ],
    ['a flow of another version', interactive('flow', flow({ flow_message_version: '2' })), '100 Param interactive'],
    ['a flow without its id', interactive('flow', flow({ flow_id: undefined })), '131009 Exactly one of flow_id'],
    ['a flow by id and name', interactive('flow', flow({ flow_name: 'A' })), '131009 Exactly one of flow_id'],
    ['a flow that cannot be', interactive('flow', flow({ flow_id: 'abc' })), '131009 Flow with id'],
    ['a flow with a long button', interactive('flow', flow({ flow_cta: LONG })), '131009 Flow CTA length'],
    ['a flow of an unknown action', interactive('flow', flow({ flow_action: 'jump' })), '100 Param interactive'],
    [
      'a flow without a screen',
      interactive('flow', flow({ flow_action_payload: { data: { a: 1 } } })),
      '131008 The parameter',
    ],
    [
      'a flow with empty data',
      interactive('flow', flow({ flow_action_payload: { screen: 'A', data: {} } })),
      '131009 flow_action_payload data',
    ],
    [
      'a payload of an exchange',
      interactive('flow', flow({ flow_action: 'data_exchange', flow_action_payload: { screen: 'A' } })),
      '131009 flow_action_payload is only',
    ],
    ['a product without its catalogue', interactive('product', { product_retailer_id: '1' }), '131008 The parameter'],
    ['products without a header', interactive('product_list', {}), "131008 The parameter interactive['header']"],
    [
      '31 products',
      interactive(
        'product_list',
        {
          catalog_id: '1',
          sections: ['a', 'b'].map((title) => ({
            title,
            product_items: Array.from({ length: 16 }, (_, i) => ({ product_retailer_id: title + i })),
          })),
        },
        { header: { type: 'text', text: 'A' } },
      ),
      '131009 Total product count',
    ],
    ['a catalogue of another name', interactive('catalog_message', { name: 'catalog' }), '100 Param interactive'],
    [
      'a request of another name',
      interactive('location_request_message', { name: 'location' }),
      '100 Param interactive',
    ],
    [
      'an address of another country',
      interactive('address_message', { name: 'address_message', parameters: { country: 'BR' } }),
      '100 Param',
    ],
    [
      'a call that lives too long',
      interactive('voice_call', { name: 'voice_call', parameters: { ttl_minutes: 43_201 } }),
      '131009 Param',
    ],
    ['one card', interactive('carousel', { cards: [card(0)] }), '100 Param interactive'],
    ['equal cards', interactive('carousel', { cards: [card(0), card(0)] }), '131009 Duplicated card index'],
    [
      'a card without a picture',
      interactive('carousel', { cards: [card(0), { ...card(1), header: undefined }] }),
      '131008 The parameter',
    ],
    [
      'an order without a reference',
      interactive('order_details', orderOf({ reference_id: undefined })),
      '131008 The parameter',
    ],
    ['an odd reference', interactive('order_details', orderOf({ reference_id: 'a b' })), '131009 reference_id'],
    ['an order of other goods', interactive('order_details', orderOf({ type: 'services' })), '100 Param interactive'],
    ['another currency', interactive('order_details', orderOf({ currency: 'PEN' })), '100 Param interactive'],
    ['a wrong total', interactive('order_details', orderOf({ total_amount: money(1101) })), '131009 Order total'],
    ['a wrong subtotal', interactive('order_details', orderOf({}, { subtotal: money(999) })), '131009 Order subtotal'],
    ['an order without tax', interactive('order_details', orderOf({}, { tax: undefined })), '131008 The parameter'],
    [
      'money of another offset',
      interactive('order_details', orderOf({ total_amount: { value: 1, offset: 10 } })),
      '131009 Param',
    ],
    ['an order without items', interactive('order_details', orderOf({}, { items: [] })), '100 Param interactive'],
    ['an unknown state', interactive('order_status', statusOf('lost')), '100 Param interactive'],
    [
      'a long description of a state',
      interactive('order_status', statusOf('shipped', { order: { status: 'shipped', description: 'x'.repeat(121) } })),
      '100 Param',
    ],
    [
      'an unknown payment',
      interactive('order_status', statusOf('shipped', { payment: { status: 'maybe' } })),
      '100 Param',
    ],
  ])('%s', (_name, input, refusal) => {
    expect(refusalOf(input) ?? 'accepted').toContain(refusal);
  });
});
