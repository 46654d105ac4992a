import type { Message, MessageDetails } from '@recado/contracts';

/** A message as Meta's webhook tells it, and what is to become of it. */
interface MetaMessage {
  name: string;
  /** An item of `messages[]`, without id, sender and time. */
  item: Record<string, unknown>;
  type: Message['type'];
  /** The customer's own words; empty when there are none. */
  content: string;
  details: MessageDetails | null;
}

const SHA = 'SfInY0gGKTsJlUWbwxC1k+FAD0FZHvzwfpvO0zX0GUI=';
const file = (type: string) => ({ id: '1003383421387256', mime_type: type, sha256: SHA });
const media = (type: string) => ({ id: '1003383421387256', type, sha256: SHA });
const QUOTED = { from: '15550783881', id: 'wamid.HBgLQUOTED' };
const quoted = { providerMessageId: 'wamid.HBgLQUOTED', from: '15550783881' };

/**
 * Every documented kind and field of a customer's message. Sources: developers.facebook.com,
 * "messages webhook reference"; facebook/openapi v23; the examples of pywa.
 */
export const META_MESSAGES: readonly MetaMessage[] = [
  {
    name: 'text',
    item: { type: 'text', text: { body: 'Does it come in another color?' } },
    type: 'text',
    content: 'Does it come in another color?',
    details: null,
  },
  {
    name: 'text that quotes',
    item: { type: 'text', text: { body: 'This one' }, context: QUOTED },
    type: 'text',
    content: 'This one',
    details: { context: { quoted } },
  },
  {
    name: 'text about a product',
    item: {
      type: 'text',
      text: { body: 'Is it in stock?' },
      context: { ...QUOTED, referred_product: { catalog_id: '194836987003835', product_retailer_id: 'di9ozbzfi4' } },
    },
    type: 'text',
    content: 'Is it in stock?',
    details: { context: { quoted, product: { catalogId: '194836987003835', id: 'di9ozbzfi4' } } },
  },
  {
    name: 'forwarded text',
    item: { type: 'text', text: { body: 'Look' }, context: { forwarded: true } },
    type: 'text',
    content: 'Look',
    details: { context: { forwarded: true } },
  },
  {
    name: 'text that names people',
    item: { type: 'text', text: { body: '@Ana see' }, context: { ...QUOTED, mentions: ['16505551234'] } },
    type: 'text',
    content: '@Ana see',
    details: { context: { quoted, mentions: ['16505551234'] } },
  },
  {
    name: 'text forwarded many times',
    item: { type: 'text', text: { body: 'Look' }, context: { frequently_forwarded: true } },
    type: 'text',
    content: 'Look',
    details: { context: { frequentlyForwarded: true } },
  },
  {
    name: 'text from an ad',
    item: {
      type: 'text',
      text: { body: 'Can I get more info?' },
      referral: {
        source_url: 'https://fb.me/3cr4Wqqkv',
        source_id: '120226305854810726',
        source_type: 'ad',
        body: 'Summer succulents are here!',
        headline: 'Chat with us',
        media_type: 'image',
        image_url: 'https://scontent.xx.fbcdn.net/v/t45.1',
        video_url: 'https://scontent.xx.fbcdn.net/v/t46.1',
        thumbnail_url: 'https://scontent.xx.fbcdn.net/v/t47.1',
        ctwa_clid: 'Aff-n8ZTODiE79d22KtAwQKj9e',
        welcome_message: { text: 'Hi there! Let us know how we can help!' },
      },
    },
    type: 'text',
    content: 'Can I get more info?',
    details: {
      referral: {
        sourceUrl: 'https://fb.me/3cr4Wqqkv',
        sourceId: '120226305854810726',
        sourceType: 'ad',
        body: 'Summer succulents are here!',
        headline: 'Chat with us',
        mediaType: 'image',
        imageUrl: 'https://scontent.xx.fbcdn.net/v/t45.1',
        videoUrl: 'https://scontent.xx.fbcdn.net/v/t46.1',
        thumbnailUrl: 'https://scontent.xx.fbcdn.net/v/t47.1',
        ctwaClid: 'Aff-n8ZTODiE79d22KtAwQKj9e',
        welcomeText: 'Hi there! Let us know how we can help!',
      },
    },
  },
  {
    name: 'text with the key of a new device',
    item: {
      type: 'text',
      text: { body: 'Hi' },
      identity: { acknowledged: true, created_timestamp: '1697044706', hash: 'DF2lS5v2W6x=' },
    },
    type: 'text',
    content: 'Hi',
    details: { identity: { acknowledged: true, createdAt: '2023-10-11T17:18:26.000Z', hash: 'DF2lS5v2W6x=' } },
  },
  {
    name: 'text in a group',
    item: { type: 'text', text: { body: 'Hi all' }, group_id: 'Y2FwaV9ncm91cDox' },
    type: 'text',
    content: 'Hi all',
    details: { group: { id: 'Y2FwaV9ncm91cDox' } },
  },
  {
    name: 'text with fields of tomorrow',
    item: { type: 'text', text: { body: 'Hi', mood: 'calm' }, sparkle: { level: 3 }, context: { ...QUOTED, depth: 2 } },
    type: 'text',
    content: 'Hi',
    details: {
      context: { quoted },
      raw: { text: { mood: 'calm' }, sparkle: { level: 3 }, context: { depth: 2 } },
    },
  },
  {
    name: 'image with caption',
    item: {
      type: 'image',
      image: { ...file('image/jpeg'), caption: 'Taj Mahal', url: 'https://lookaside.fbsbx.com/1' },
    },
    type: 'image',
    content: 'Taj Mahal',
    details: { media: { ...media('image/jpeg'), url: 'https://lookaside.fbsbx.com/1' } },
  },
  {
    name: 'image',
    item: { type: 'image', image: file('image/jpeg') },
    type: 'image',
    content: '',
    details: { media: media('image/jpeg') },
  },
  {
    name: 'video with caption',
    item: { type: 'video', video: { ...file('video/mp4'), caption: 'My vacation' }, context: { forwarded: true } },
    type: 'video',
    content: 'My vacation',
    details: { media: media('video/mp4'), context: { forwarded: true } },
  },
  {
    name: 'video',
    item: { type: 'video', video: file('video/mp4') },
    type: 'video',
    content: '',
    details: { media: media('video/mp4') },
  },
  {
    name: 'voice',
    item: { type: 'audio', audio: { ...file('audio/ogg; codecs=opus'), voice: true } },
    type: 'audio',
    content: '',
    details: { media: { ...media('audio/ogg; codecs=opus'), voice: true } },
  },
  {
    name: 'audio file',
    item: { type: 'audio', audio: { ...file('audio/mpeg'), voice: false } },
    type: 'audio',
    content: '',
    details: { media: { ...media('audio/mpeg'), voice: false } },
  },
  {
    name: 'voice, by its old name',
    item: { type: 'voice', voice: file('audio/ogg; codecs=opus') },
    type: 'audio',
    content: '',
    details: { media: { ...media('audio/ogg; codecs=opus'), voice: true } },
  },
  {
    name: 'document with caption',
    item: { type: 'document', document: { ...file('application/pdf'), filename: 'receipt.pdf', caption: 'Paid' } },
    type: 'document',
    content: 'Paid',
    details: { media: { ...media('application/pdf'), fileName: 'receipt.pdf' } },
  },
  {
    name: 'document',
    item: { type: 'document', document: { ...file('application/pdf'), filename: 'receipt.pdf' } },
    type: 'document',
    content: 'receipt.pdf',
    details: { media: { ...media('application/pdf'), fileName: 'receipt.pdf' } },
  },
  {
    name: 'animated sticker',
    item: { type: 'sticker', sticker: { ...file('image/webp'), animated: true } },
    type: 'sticker',
    content: '',
    details: { media: { ...media('image/webp'), animated: true } },
  },
  {
    name: 'sticker',
    item: { type: 'sticker', sticker: { ...file('image/webp'), animated: false } },
    type: 'sticker',
    content: '',
    details: { media: { ...media('image/webp'), animated: false } },
  },
  {
    name: 'location with name',
    item: {
      type: 'location',
      location: {
        latitude: 37.44221496582,
        longitude: -122.16165924072,
        name: 'Philz Coffee',
        address: '101 Forest Ave, Palo Alto',
        url: 'https://philzcoffee.com/',
      },
    },
    type: 'location',
    content: 'Philz Coffee, 101 Forest Ave, Palo Alto',
    details: {
      location: {
        latitude: 37.44221496582,
        longitude: -122.16165924072,
        name: 'Philz Coffee',
        address: '101 Forest Ave, Palo Alto',
        url: 'https://philzcoffee.com/',
      },
    },
  },
  {
    name: 'location that does not name its kind, with numbers as text',
    item: { location: { latitude: '37.7749', longitude: '-122.4194', name: 'San Francisco' } },
    type: 'location',
    content: 'San Francisco',
    details: { location: { latitude: 37.7749, longitude: -122.4194, name: 'San Francisco' } },
  },
  {
    name: 'location',
    item: { type: 'location', location: { latitude: 12.25089, longitude: 43.90539 } },
    type: 'location',
    content: '',
    details: { location: { latitude: 12.25089, longitude: 43.90539 } },
  },
  {
    name: 'contacts',
    item: {
      type: 'contacts',
      contacts: [
        {
          name: {
            formatted_name: 'Barbara J. Johnson',
            first_name: 'Barbara',
            middle_name: 'Joana',
            last_name: 'Johnson',
            prefix: 'Dr.',
            suffix: 'Esq.',
          },
          birthday: '1999-01-23',
          phones: [{ phone: '+1 415 555 0829', wa_id: '14155550829', type: 'CELL' }],
          emails: [{ email: 'barbara@example.com', type: 'WORK' }],
          urls: [{ url: 'https://example.com', type: 'Company' }],
          addresses: [
            {
              street: '1 Hacker Way',
              city: 'Menlo Park',
              state: 'CA',
              zip: '94025',
              country: 'United States',
              country_code: 'US',
              type: 'Home',
            },
          ],
          org: { company: 'Meta Inc', department: 'Engineering', title: 'Software Engineer' },
        },
        { name: { formatted_name: 'Monica', first_name: 'Monica' }, origin: 'contact_request' },
      ],
    },
    type: 'contacts',
    content: 'Barbara J. Johnson, Monica',
    details: {
      contacts: [
        {
          name: 'Barbara J. Johnson',
          firstName: 'Barbara',
          middleName: 'Joana',
          lastName: 'Johnson',
          prefix: 'Dr.',
          suffix: 'Esq.',
          birthday: '1999-01-23',
          phones: [{ phone: '+1 415 555 0829', waId: '14155550829', type: 'CELL' }],
          emails: [{ email: 'barbara@example.com', type: 'WORK' }],
          urls: [{ url: 'https://example.com', type: 'Company' }],
          addresses: [
            {
              street: '1 Hacker Way',
              city: 'Menlo Park',
              state: 'CA',
              zip: '94025',
              country: 'United States',
              countryCode: 'US',
              type: 'Home',
            },
          ],
          organization: { company: 'Meta Inc', department: 'Engineering', title: 'Software Engineer' },
        },
        { name: 'Monica', firstName: 'Monica' },
      ],
      raw: { contacts: [null, { origin: 'contact_request' }] },
    },
  },
  {
    name: 'reaction',
    item: { type: 'reaction', reaction: { message_id: 'wamid.HBgLABOUT', emoji: '👍' } },
    type: 'reaction',
    content: '👍',
    details: { reaction: { providerMessageId: 'wamid.HBgLABOUT', emoji: '👍' } },
  },
  {
    name: 'reaction taken back',
    item: { type: 'reaction', reaction: { message_id: 'wamid.HBgLABOUT' } },
    type: 'reaction',
    content: '',
    details: { reaction: { providerMessageId: 'wamid.HBgLABOUT', emoji: null } },
  },
  {
    name: 'button of a template',
    item: { type: 'button', button: { text: 'Unsubscribe', payload: 'stop-all' }, context: QUOTED },
    type: 'button',
    content: 'Unsubscribe',
    details: { choice: { id: 'stop-all', title: 'Unsubscribe' }, context: { quoted } },
  },
  {
    name: 'button of a template without text',
    item: { type: 'button', button: { payload: 'stop-all' } },
    type: 'button',
    content: 'stop-all',
    details: { choice: { id: 'stop-all' } },
  },
  {
    name: 'button that does not name its kind',
    item: { type: 'interactive', interactive: { button_reply: { id: 'yes', title: 'Yes' } } },
    type: 'interactive',
    content: 'Yes',
    details: { choice: { id: 'yes', title: 'Yes' } },
  },
  {
    name: 'row of a list without title',
    item: { type: 'interactive', interactive: { type: 'list_reply', list_reply: { id: 7 } } },
    type: 'interactive',
    content: '7',
    details: { choice: { id: '7' } },
  },
  {
    name: 'button',
    item: {
      type: 'interactive',
      interactive: { type: 'button_reply', button_reply: { id: 'cancel-button', title: 'Cancel' } },
      context: QUOTED,
    },
    type: 'interactive',
    content: 'Cancel',
    details: { choice: { id: 'cancel-button', title: 'Cancel' }, context: { quoted } },
  },
  {
    name: 'row of a list',
    item: {
      type: 'interactive',
      interactive: {
        type: 'list_reply',
        list_reply: { id: 'priority_express', title: 'Priority Mail', description: 'Next day' },
      },
      context: QUOTED,
    },
    type: 'interactive',
    content: 'Priority Mail',
    details: {
      choice: { id: 'priority_express', title: 'Priority Mail', description: 'Next day' },
      context: { quoted },
    },
  },
  {
    name: 'form',
    item: {
      type: 'interactive',
      interactive: {
        type: 'nfm_reply',
        nfm_reply: { name: 'flow', body: 'Sent', response_json: '{"rating":"4","flow_token":"AQAA","tags":["a","b"]}' },
      },
      context: QUOTED,
    },
    type: 'interactive',
    content: '',
    details: {
      form: { name: 'flow', text: 'Sent', answers: { rating: '4', flow_token: 'AQAA', tags: ['a', 'b'] } },
      context: { quoted },
    },
  },
  {
    name: 'form whose answers are no object',
    item: {
      type: 'interactive',
      interactive: { type: 'nfm_reply', nfm_reply: { name: 'flow', response_json: 'broken' } },
    },
    type: 'interactive',
    content: '',
    details: { form: { name: 'flow' }, raw: { interactive: { nfm_reply: { response_json: 'broken' } } } },
  },
  {
    name: 'permission to call',
    item: {
      type: 'interactive',
      interactive: {
        type: 'call_permission_reply',
        call_permission_reply: {
          response: 'accept',
          is_permanent: false,
          expiration_timestamp: 1753186982,
          response_source: 'user_action',
        },
      },
      context: QUOTED,
    },
    type: 'interactive',
    content: '',
    details: {
      callPermission: {
        answer: 'accept',
        permanent: false,
        expiresAt: '2025-07-22T12:23:02.000Z',
        source: 'user_action',
      },
      context: { quoted },
    },
  },
  {
    name: 'order',
    item: {
      type: 'order',
      order: {
        catalog_id: '194836987003835',
        text: 'Two of them, please',
        product_items: [
          { product_retailer_id: 'di9ozbzfi4', quantity: 2, item_price: 30.5, currency: 'USD' },
          { product_retailer_id: 'nqryix03ez', quantity: 1, item_price: 25, currency: 'USD' },
        ],
      },
    },
    type: 'order',
    content: 'Two of them, please',
    details: {
      order: {
        catalogId: '194836987003835',
        products: [
          { id: 'di9ozbzfi4', quantity: 2, price: 30.5, currency: 'USD' },
          { id: 'nqryix03ez', quantity: 1, price: 25, currency: 'USD' },
        ],
      },
    },
  },
  {
    name: 'changed number',
    item: {
      type: 'system',
      system: {
        body: 'User Sheena changed from 16505551234 to 12195555358',
        wa_id: '12195555358',
        customer: '16505551234',
        type: 'user_changed_number',
      },
    },
    type: 'system',
    content: 'User Sheena changed from 16505551234 to 12195555358',
    details: { system: { kind: 'user_changed_number', waId: '12195555358', previousWaId: '16505551234' } },
  },
  {
    name: 'changed business-scoped id',
    item: {
      type: 'system',
      system: {
        body: 'User changed',
        type: 'user_changed_user_id',
        user_id: 'US.13491208655302741918',
        parent_user_id: 'US.ENT.11815799212886844830',
        previous_user_id: 'US.1',
        previous_parent_user_id: 'US.ENT.1',
      },
    },
    type: 'system',
    content: 'User changed',
    details: {
      system: {
        kind: 'user_changed_user_id',
        userId: 'US.13491208655302741918',
        parentUserId: 'US.ENT.11815799212886844830',
        previousUserId: 'US.1',
        previousParentUserId: 'US.ENT.1',
      },
    },
  },
  {
    name: 'chat opened for the first time',
    item: { type: 'request_welcome' },
    type: 'system',
    content: '',
    details: { system: { kind: 'request_welcome' } },
  },
  {
    name: 'edit of a text',
    item: {
      type: 'edit',
      edit: { original_message_id: 'wamid.HBgLABOUT', message: { type: 'text', text: { body: 'At six, not five' } } },
    },
    type: 'text',
    content: 'At six, not five',
    details: { change: { kind: 'edited', providerMessageId: 'wamid.HBgLABOUT' } },
  },
  {
    name: 'edit of a caption',
    item: {
      type: 'edit',
      edit: {
        original_message_id: 'wamid.HBgLABOUT',
        message: { context: { id: 'M0' }, type: 'image', image: { ...file('image/jpeg'), caption: 'Updated' } },
      },
    },
    type: 'image',
    content: 'Updated',
    details: {
      media: media('image/jpeg'),
      change: { kind: 'edited', providerMessageId: 'wamid.HBgLABOUT' },
      raw: { edit: { message: { context: { id: 'M0' } } } },
    },
  },
  {
    name: 'deletion',
    item: { type: 'revoke', revoke: { original_message_id: 'wamid.HBgLABOUT' } },
    type: 'system',
    content: '',
    details: { change: { kind: 'deleted', providerMessageId: 'wamid.HBgLABOUT' } },
  },
  {
    name: 'unsupported, with the reason',
    item: {
      type: 'unsupported',
      unsupported: { type: 'poll_creation' },
      errors: [
        {
          code: 131051,
          title: 'Message type unknown',
          message: 'Message type unknown',
          error_data: { details: 'Message type is currently not supported.' },
          href: 'https://developers.facebook.com/docs/error-codes/',
        },
      ],
    },
    type: 'unsupported',
    content: '',
    details: {
      unsupported: { kind: 'poll_creation' },
      errors: [
        {
          code: '131051',
          title: 'Message type unknown',
          message: 'Message type unknown',
          details: 'Message type is currently not supported.',
          href: 'https://developers.facebook.com/docs/error-codes/',
        },
      ],
    },
  },
  {
    name: 'unknown, with the reason where older versions put it',
    item: { type: 'unknown', errors: [{ code: 131051, title: 'Unsupported message type', details: 'Not supported' }] },
    type: 'unsupported',
    content: '',
    details: {
      unsupported: { kind: 'unknown' },
      errors: [{ code: '131051', title: 'Unsupported message type', details: 'Not supported' }],
    },
  },
  {
    name: 'kind of tomorrow, with words',
    item: { type: 'hologram', hologram: { text: { body: 'Look behind you' }, rays: 7 }, context: QUOTED },
    type: 'unsupported',
    content: 'Look behind you',
    details: { unsupported: { kind: 'hologram' }, context: { quoted } },
  },
  {
    name: 'kind of tomorrow, without words',
    item: { type: 'hologram', hologram: { rays: 7 } },
    type: 'unsupported',
    content: '',
    details: { unsupported: { kind: 'hologram' } },
  },
  {
    name: 'choice of tomorrow',
    item: {
      type: 'interactive',
      interactive: { type: 'slider_reply', slider_reply: { id: 's', title: 'Seven', value: 7 } },
    },
    type: 'unsupported',
    content: 'Seven',
    details: { unsupported: { kind: 'interactive' } },
  },
];
