import type { ProviderMessage } from './provider-message.ts';

/** Bytes as protobuf leaves them, and the same as text. */
const DIGEST = Object.fromEntries(Array.from({ length: 32 }, (_, i) => [i, i]));
const SHA = Buffer.from(Array.from({ length: 32 }, (_, i) => i)).toString('base64');
const file = (mimetype: string) => ({
  url: 'https://mmg.whatsapp.net/v/t62.7118-24/1?ccb=11-4',
  mimetype,
  fileSha256: DIGEST,
  fileLength: { low: 9, high: 0, unsigned: true },
  mediaKey: DIGEST,
  jpegThumbnail: DIGEST,
});
const media = (type: string) => ({
  url: 'https://mmg.whatsapp.net/v/t62.7118-24/1?ccb=11-4',
  type,
  sha256: SHA,
  size: 9,
});
const image = { imageMessage: { ...file('image/jpeg'), caption: 'The shop', width: 640, height: 480 } };
const VCARD = 'BEGIN:VCARD\nVERSION:3.0\nFN:Ana Souza\nitem1.TEL;waid=5511988887777:+55 11 98888-7777\nEND:VCARD';
const card = { name: 'Ana Souza', phones: [{ phone: '+55 11 98888-7777', waId: '5511988887777' }], vcard: VCARD };
const QUOTE = {
  stanzaId: '3EB0QUOTED',
  participant: '5511940000000@s.whatsapp.net',
  quotedMessage: { conversation: 'We open at nine' },
};
const quoted = { providerMessageId: '3EB0QUOTED', from: '5511940000000@s.whatsapp.net', text: 'We open at nine' };
const target = { remoteJid: '5511977770001@s.whatsapp.net', fromMe: true, id: '3EB0ABOUT' };
const START = { low: 1_790_000_000, high: 0, unsigned: false };
const STARTS_AT = '2026-09-21T14:13:20.000Z';
/** More than 32 bits hold. */
const PRICE = { low: -2_094_967_296, high: 1, unsigned: false };

/**
 * Every kind and field of `messages.upsert`: evolution-api 2.3.7's own code, and the messages of
 * WhatsApp in Baileys 7 (WAProto). `item` is `data` without key, name and time.
 */
export const EVOLUTION_MESSAGES: readonly ProviderMessage[] = [
  { name: 'text', item: { message: { conversation: 'Oi' } }, type: 'text', content: 'Oi', details: null },
  {
    name: 'text with a link',
    item: { message: { extendedTextMessage: { text: 'See https://example.com', title: 'Example' } } },
    type: 'text',
    content: 'See https://example.com',
    details: {},
  },
  {
    name: 'text that quotes, as Evolution flattens it',
    item: { message: { conversation: 'At nine?' }, contextInfo: QUOTE },
    type: 'text',
    content: 'At nine?',
    details: { context: { quoted } },
  },
  {
    name: 'text forwarded many times',
    item: { message: { conversation: 'Look' }, contextInfo: { isForwarded: true, forwardingScore: 127 } },
    type: 'text',
    content: 'Look',
    details: { context: { forwarded: true, frequentlyForwarded: true } },
  },
  {
    name: 'text that names people',
    item: { message: { conversation: '@1 see' }, contextInfo: { mentionedJid: ['5511966660001@s.whatsapp.net'] } },
    type: 'text',
    content: '@1 see',
    details: { context: { mentions: ['5511966660001@s.whatsapp.net'] } },
  },
  {
    name: 'text from an ad',
    item: {
      message: { conversation: 'Is it still there?' },
      contextInfo: {
        conversionSource: 'FB_Ads',
        externalAdReply: {
          title: 'Summer sale',
          body: 'Half price',
          mediaType: 1,
          thumbnailUrl: 'https://scontent.example.com/t.jpg',
          originalImageUrl: 'https://scontent.example.com/o.jpg',
          sourceType: 'ad',
          sourceId: '120226305854810726',
          sourceUrl: 'https://fb.me/3cr4Wqqkv',
          ctwaClid: 'Aff-n8ZTODiE79d22KtAwQKj9e',
          greetingMessageBody: 'How can we help?',
        },
      },
    },
    type: 'text',
    content: 'Is it still there?',
    details: {
      referral: {
        sourceUrl: 'https://fb.me/3cr4Wqqkv',
        sourceId: '120226305854810726',
        sourceType: 'ad',
        headline: 'Summer sale',
        body: 'Half price',
        imageUrl: 'https://scontent.example.com/o.jpg',
        thumbnailUrl: 'https://scontent.example.com/t.jpg',
        ctwaClid: 'Aff-n8ZTODiE79d22KtAwQKj9e',
        welcomeText: 'How can we help?',
      },
    },
  },
  {
    name: 'text that will disappear',
    item: {
      message: { ephemeralMessage: { message: { extendedTextMessage: { text: 'Secret', contextInfo: QUOTE } } } },
    },
    type: 'text',
    content: 'Secret',
    details: { context: { quoted } },
  },
  {
    name: 'text from another device of theirs',
    item: { message: { deviceSentMessage: { destinationJid: 'x', message: { conversation: 'From my desk' } } } },
    type: 'text',
    content: 'From my desk',
    details: {},
  },
  {
    name: 'text to a whole broadcast list',
    item: { message: { conversation: 'To all of you' } },
    key: { remoteJid: '1690000000@broadcast', participant: '5511977770001@s.whatsapp.net' },
    type: 'text',
    content: 'To all of you',
    details: null,
  },
  {
    name: 'text in a group',
    item: { message: { conversation: 'Hi all' } },
    key: { remoteJid: '120363041234567890@g.us', participant: '5511977770001@s.whatsapp.net' },
    type: 'text',
    content: 'Hi all',
    details: { group: { id: '120363041234567890@g.us' } },
  },
  {
    name: 'image',
    item: { message: image },
    type: 'image',
    content: 'The shop',
    details: { media: media('image/jpeg') },
  },
  {
    name: 'image without caption, with the file beside',
    item: { message: { imageMessage: file('image/png'), base64: 'AAAA' } },
    type: 'image',
    content: '',
    details: { media: media('image/png') },
  },
  {
    name: 'image to be seen once',
    item: { message: { viewOnceMessageV2: { message: { imageMessage: { ...file('image/jpeg'), viewOnce: true } } } } },
    type: 'image',
    content: '',
    details: { media: { ...media('image/jpeg'), viewOnce: true } },
  },
  {
    name: 'voice to be heard once',
    item: {
      message: {
        viewOnceMessageV2Extension: {
          message: { audioMessage: { ...file('audio/ogg; codecs=opus'), ptt: true, seconds: 4 } },
        },
      },
    },
    type: 'audio',
    content: '',
    details: { media: { ...media('audio/ogg; codecs=opus'), voice: true, seconds: 4, viewOnce: true } },
  },
  {
    name: 'image of an album',
    item: { message: { associatedChildMessage: { message: image } } },
    type: 'image',
    content: 'The shop',
    details: { media: media('image/jpeg') },
  },
  {
    name: 'video',
    item: { message: { videoMessage: { ...file('video/mp4'), caption: 'The tour', seconds: 12 } } },
    type: 'video',
    content: 'The tour',
    details: { media: { ...media('video/mp4'), seconds: 12 } },
  },
  {
    name: 'gif',
    item: { message: { videoMessage: { ...file('video/mp4'), gifPlayback: true } } },
    type: 'video',
    content: '',
    details: { media: { ...media('video/mp4'), animated: true } },
  },
  {
    name: 'round video',
    item: { message: { ptvMessage: { ...file('video/mp4'), seconds: 3 } } },
    type: 'video',
    content: '',
    details: { media: { ...media('video/mp4'), seconds: 3 } },
  },
  {
    name: 'voice',
    item: { message: { audioMessage: { ...file('audio/ogg; codecs=opus'), ptt: true, seconds: 7 } } },
    type: 'audio',
    content: '',
    details: { media: { ...media('audio/ogg; codecs=opus'), voice: true, seconds: 7 } },
  },
  {
    name: 'audio file',
    item: { message: { audioMessage: { ...file('audio/mpeg'), ptt: false, seconds: 180 } } },
    type: 'audio',
    content: '',
    details: { media: { ...media('audio/mpeg'), voice: false, seconds: 180 } },
  },
  {
    name: 'document',
    item: { message: { documentMessage: { ...file('application/pdf'), fileName: 'price.pdf', title: 'price' } } },
    type: 'document',
    content: 'price.pdf',
    details: { media: { ...media('application/pdf'), fileName: 'price.pdf' } },
  },
  {
    name: 'document with caption',
    item: {
      message: {
        documentWithCaptionMessage: {
          message: { documentMessage: { ...file('application/pdf'), fileName: 'price.pdf', caption: 'Our prices' } },
        },
      },
    },
    type: 'document',
    content: 'Our prices',
    details: { media: { ...media('application/pdf'), fileName: 'price.pdf' } },
  },
  {
    name: 'sticker',
    item: { message: { stickerMessage: { ...file('image/webp'), isAnimated: false } } },
    type: 'sticker',
    content: '',
    details: { media: { ...media('image/webp'), animated: false } },
  },
  {
    name: 'animated sticker',
    item: {
      message: {
        lottieStickerMessage: { message: { stickerMessage: { ...file('application/was'), isLottie: true } } },
      },
    },
    type: 'sticker',
    content: '',
    details: { media: { ...media('application/was'), animated: true } },
  },
  {
    name: 'location',
    item: { message: { locationMessage: { degreesLatitude: -23.55, degreesLongitude: -46.63 } } },
    type: 'location',
    content: '',
    details: { location: { latitude: -23.55, longitude: -46.63 } },
  },
  {
    name: 'location with name',
    item: {
      message: {
        locationMessage: {
          degreesLatitude: -23.55,
          degreesLongitude: -46.63,
          name: 'Loja',
          address: 'Rua 1, 10',
          url: 'https://loja.example.com',
        },
      },
    },
    type: 'location',
    content: 'Loja, Rua 1, 10',
    details: {
      location: {
        latitude: -23.55,
        longitude: -46.63,
        name: 'Loja',
        address: 'Rua 1, 10',
        url: 'https://loja.example.com',
      },
    },
  },
  {
    name: 'live location',
    item: { message: { liveLocationMessage: { degreesLatitude: 1.5, degreesLongitude: 2.5, caption: 'On my way' } } },
    type: 'location',
    content: 'On my way',
    details: { location: { latitude: 1.5, longitude: 2.5, live: true } },
  },
  {
    name: 'card',
    item: { message: { contactMessage: { displayName: 'Ana Souza', vcard: VCARD } } },
    type: 'contacts',
    content: 'Ana Souza',
    details: { contacts: [card] },
  },
  {
    name: 'cards',
    item: {
      message: {
        contactsArrayMessage: {
          displayName: '2',
          contacts: [{ displayName: 'Ana Souza', vcard: VCARD }, { displayName: 'Rui' }],
        },
      },
    },
    type: 'contacts',
    content: 'Ana Souza, Rui',
    details: { contacts: [card, { name: 'Rui', phones: [] }] },
  },
  {
    name: 'reaction',
    item: { message: { reactionMessage: { key: target, text: '👍', senderTimestampMs: '1790000000000' } } },
    type: 'reaction',
    content: '👍',
    details: { reaction: { providerMessageId: '3EB0ABOUT', emoji: '👍' } },
  },
  {
    name: 'reaction taken back',
    item: { message: { reactionMessage: { key: target, text: '' } } },
    type: 'reaction',
    content: '',
    details: { reaction: { providerMessageId: '3EB0ABOUT', emoji: null } },
  },
  {
    name: 'button',
    item: {
      message: { buttonsResponseMessage: { selectedButtonId: 'b1', selectedDisplayText: 'Yes', contextInfo: QUOTE } },
    },
    type: 'interactive',
    content: 'Yes',
    details: { choice: { id: 'b1', title: 'Yes' }, context: { quoted } },
  },
  {
    name: 'button of a template',
    item: {
      message: { templateButtonReplyMessage: { selectedId: 'b2', selectedDisplayText: 'No', selectedIndex: 1 } },
    },
    type: 'interactive',
    content: 'No',
    details: { choice: { id: 'b2', title: 'No' } },
  },
  {
    name: 'row of a list',
    item: {
      message: {
        listResponseMessage: { title: 'Mail', description: 'Next day', singleSelectReply: { selectedRowId: 'r1' } },
      },
    },
    type: 'interactive',
    content: 'Mail',
    details: { choice: { id: 'r1', title: 'Mail', description: 'Next day' } },
  },
  {
    name: 'button of a flow',
    item: {
      message: {
        interactiveResponseMessage: {
          body: { text: 'Book' },
          nativeFlowResponseMessage: { name: 'quick_reply', paramsJson: '{"id":"book"}', version: 3 },
        },
      },
    },
    type: 'interactive',
    content: 'Book',
    details: { choice: { id: 'book', title: 'Book' } },
  },
  {
    name: 'form',
    item: {
      message: {
        interactiveResponseMessage: { nativeFlowResponseMessage: { name: 'flow', paramsJson: '{"rating":"4"}' } },
      },
    },
    type: 'interactive',
    content: '',
    details: { form: { name: 'flow', answers: { rating: '4' } } },
  },
  {
    name: 'buttons of another business',
    item: {
      message: {
        buttonsMessage: {
          text: 'Hello',
          contentText: 'Shall we go on?',
          footerText: 'Shop',
          buttons: [{ buttonId: 'y', buttonText: { displayText: 'Yes' }, type: 1 }],
        },
      },
    },
    type: 'interactive',
    content: 'Hello\nShall we go on?\nShop',
    details: { choices: [{ id: 'y', title: 'Yes' }] },
  },
  {
    name: 'list of another business',
    item: {
      message: {
        listMessage: {
          title: 'Menu',
          description: 'What will it be?',
          buttonText: 'Open',
          sections: [{ title: 'Drinks', rows: [{ rowId: 'tea', title: 'Tea', description: 'Green' }] }],
        },
      },
    },
    type: 'interactive',
    content: 'Menu\nWhat will it be?',
    details: { choices: [{ id: 'tea', title: 'Tea', description: 'Green' }] },
  },
  {
    name: 'template of another business',
    item: {
      message: {
        templateMessage: {
          hydratedTemplate: {
            hydratedTitleText: 'Order 7',
            hydratedContentText: 'It is on its way',
            hydratedButtons: [
              { index: 0, urlButton: { displayText: 'Track', url: 'https://example.com/7' } },
              { index: 1, callButton: { displayText: 'Call', phoneNumber: '+551130000000' } },
              { index: 2, quickReplyButton: { displayText: 'Stop', id: 'stop' } },
            ],
          },
        },
      },
    },
    type: 'interactive',
    content: 'Order 7\nIt is on its way',
    details: {
      choices: [
        { title: 'Track', url: 'https://example.com/7' },
        { title: 'Call', phone: '+551130000000' },
        { id: 'stop', title: 'Stop' },
      ],
    },
  },
  {
    name: 'buttons of a flow of another business',
    item: {
      message: {
        viewOnceMessage: {
          message: {
            interactiveMessage: {
              header: { title: 'News' },
              body: { text: 'Read on' },
              nativeFlowMessage: {
                buttons: [{ name: 'cta_url', buttonParamsJson: '{"display_text":"Open","url":"https://example.com"}' }],
              },
            },
          },
        },
      },
    },
    type: 'interactive',
    content: 'News\nRead on',
    details: { choices: [{ id: 'cta_url', title: 'Open', url: 'https://example.com' }] },
  },
  {
    name: 'poll',
    item: {
      message: {
        pollCreationMessageV3: {
          name: 'Which day?',
          options: [{ optionName: 'Monday' }, { optionName: 'Friday' }],
          selectableOptionsCount: 1,
        },
      },
    },
    type: 'interactive',
    content: 'Which day?\n- Monday\n- Friday',
    details: { poll: { question: 'Which day?', options: ['Monday', 'Friday'], multiple: false } },
  },
  {
    name: 'poll in a wrapper of tomorrow',
    item: { message: { pollCreationMessageV4: { message: { pollCreationMessage: { name: 'Now?', options: [] } } } } },
    type: 'interactive',
    content: 'Now?',
    details: { poll: { question: 'Now?' } },
  },
  {
    name: 'result of a poll',
    item: {
      message: {
        pollResultSnapshotMessage: {
          name: 'Which day?',
          pollVotes: [{ optionName: 'Friday', optionVoteCount: START }],
        },
      },
    },
    type: 'interactive',
    content: 'Which day?\nFriday: 1790000000',
    details: { poll: { question: 'Which day?' } },
  },
  {
    name: 'event',
    item: {
      message: {
        eventMessage: {
          name: 'Opening',
          description: 'With music',
          startTime: START,
          location: { degreesLatitude: 1, degreesLongitude: 2, name: 'Loja' },
          joinLink: 'https://call.whatsapp.com/video/1',
        },
      },
    },
    type: 'text',
    content: 'Opening\nWith music',
    details: {
      event: {
        name: 'Opening',
        description: 'With music',
        startsAt: STARTS_AT,
        place: 'Loja',
        url: 'https://call.whatsapp.com/video/1',
      },
    },
  },
  {
    name: 'planned call',
    item: {
      message: { scheduledCallCreationMessage: { title: 'Talk', scheduledTimestampMs: '1790000000000', callType: 1 } },
    },
    type: 'text',
    content: 'Talk',
    details: { event: { name: 'Talk', startsAt: STARTS_AT } },
  },
  {
    name: 'product',
    item: {
      message: {
        productMessage: {
          product: {
            productId: '9876',
            retailerId: 'SKU-1',
            title: 'Lamp',
            description: 'Of brass',
            currencyCode: 'BRL',
            priceAmount1000: PRICE,
            url: 'https://example.com/lamp',
          },
          body: 'Do you have it?',
          businessOwnerJid: '5511940000000@s.whatsapp.net',
        },
      },
    },
    type: 'text',
    content: 'Do you have it?\nLamp\nOf brass',
    details: {
      product: {
        id: '9876',
        retailerId: 'SKU-1',
        title: 'Lamp',
        description: 'Of brass',
        price: 6_494_967.296,
        currency: 'BRL',
        url: 'https://example.com/lamp',
      },
    },
  },
  {
    name: 'order',
    item: {
      message: {
        orderMessage: {
          orderId: '594071395',
          itemCount: 2,
          status: 1,
          message: 'For today, please',
          orderTitle: 'Shop',
          totalAmount1000: '61000',
          totalCurrencyCode: 'BRL',
        },
      },
    },
    type: 'order',
    content: 'Shop\nFor today, please',
    details: { order: { id: '594071395', products: [], count: 2, total: 61, currency: 'BRL' } },
  },
  {
    name: 'order without words',
    item: { message: { orderMessage: { orderId: '594071396', itemCount: 3 } } },
    type: 'order',
    content: '',
    details: { order: { id: '594071396', products: [], count: 3 } },
  },
  {
    name: 'invitation to a group',
    item: {
      message: {
        groupInviteMessage: {
          groupJid: '120363041234567890@g.us',
          inviteCode: 'AbCdEf',
          inviteExpiration: START,
          groupName: 'Neighbours',
        },
      },
    },
    type: 'text',
    content: '',
    details: {
      invite: {
        kind: 'group',
        id: '120363041234567890@g.us',
        name: 'Neighbours',
        code: 'AbCdEf',
        expiresAt: STARTS_AT,
      },
    },
  },
  {
    name: 'invitation to a channel',
    item: {
      message: {
        newsletterAdminInviteMessage: { newsletterJid: '1203@newsletter', newsletterName: 'News', caption: 'Join us' },
      },
    },
    type: 'text',
    content: 'Join us',
    details: { invite: { kind: 'channel', id: '1203@newsletter', name: 'News' } },
  },
  {
    name: 'request of a payment',
    item: {
      message: {
        requestPaymentMessage: {
          currencyCodeIso4217: 'BRL',
          amount1000: '10500',
          noteMessage: { extendedTextMessage: { text: 'For lunch' } },
        },
      },
    },
    type: 'text',
    content: 'For lunch',
    details: { payment: { status: 'requested', amount: 10.5, currency: 'BRL' } },
  },
  {
    name: 'payment',
    item: { message: { sendPaymentMessage: { transactionData: 'x' } } },
    type: 'text',
    content: '',
    details: { payment: { status: 'sent' } },
  },
  {
    name: 'comment',
    item: { message: { commentMessage: { message: { conversation: 'Well said' }, targetMessageKey: target } } },
    type: 'text',
    content: 'Well said',
    details: {},
    about: '3EB0ABOUT',
  },
  {
    name: 'record of a missed call',
    item: { message: { callLogMesssage: { isVideo: true, callOutcome: 'MISSED' } } },
    type: 'system',
    content: '',
    details: { call: { missed: true, video: true } },
  },
  {
    name: 'record of a call',
    item: { message: { callLogMesssage: { isVideo: false, callOutcome: 0, durationSecs: '61' } } },
    type: 'system',
    content: '',
    details: { call: { missed: false, video: false, seconds: 61 } },
  },
  {
    name: 'pin',
    item: { message: { pinInChatMessage: { key: target, type: 1 } } },
    type: 'system',
    content: '',
    details: { system: { kind: 'pinned' } },
    about: '3EB0ABOUT',
  },
  {
    name: 'how long messages stay',
    item: { message: { protocolMessage: { type: 'EPHEMERAL_SETTING', ephemeralExpiration: 86_400 } } },
    type: 'system',
    content: '',
    details: { system: { kind: 'message_lifetime_changed' } },
  },
  {
    name: 'vote',
    item: {
      message: {
        pollUpdateMessage: { pollCreationMessageKey: target, vote: { selectedOptions: ['Monday', 'Friday'] } },
      },
    },
    type: 'interactive',
    content: 'Monday, Friday',
    details: { poll: { selected: ['Monday', 'Friday'] }, context: { quoted: { providerMessageId: '3EB0ABOUT' } } },
    ownId: false,
  },
  {
    name: 'kind of tomorrow, with words',
    item: { message: { hologramMessage: { rays: 7, title: 'Look behind you' } }, messageType: 'hologramMessage' },
    type: 'unsupported',
    content: 'Look behind you',
    details: { unsupported: { kind: 'hologramMessage' } },
  },
  {
    name: 'kind of tomorrow, without words',
    item: { message: { hologramMessage: { rays: 7 } }, messageType: 'hologramMessage' },
    type: 'unsupported',
    content: '',
    details: { unsupported: { kind: 'hologramMessage' } },
  },
];
