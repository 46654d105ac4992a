import { describe, expect, it } from 'vitest';
import { readMetaPayload } from './payload.ts';

const now = new Date('2026-11-29T12:00:00.000Z');
const OWN = '15550783881';
const metadata = { display_phone_number: OWN, phone_number_id: '106540352242922' };
const TIME = '1760000000';
const AT = '2025-10-09T08:53:20.000Z';
const TEXT = { id: 'wamid.1', timestamp: TIME, type: 'text', text: { body: 'Hola' } };

/** One change as Meta tells it. */
function read(field: string, value: object, entry: object = {}) {
  const changes = [{ field, value: { messaging_product: 'whatsapp', metadata, ...value } }];
  return readMetaPayload({ object: 'whatsapp_business_account', entry: [{ id: '1', ...entry, changes }] }, now);
}
const news = (field: string, value: object) => read(field, value).news[0]!;

/** Examples of Meta's pages of each field. */
describe('coexistence', () => {
  it('an echo is an outbound message to its customer', () => {
    const echo = { ...TEXT, from: OWN, to: '16505551234', to_user_id: 'US.1' };
    const quoting = { ...echo, id: 'wamid.2', context: { id: 'wamid.0' } };
    const revoke = { ...echo, type: 'revoke', revoke: { original_message_id: 'wamid.0' } };
    expect(news('smb_message_echoes', { message_echoes: [echo, quoting, revoke] })).toMatchObject({
      messages: [],
      synced: [
        {
          ...{ providerMessageId: 'wamid.1', direction: 'outbound', origin: 'phone', status: 'sent', sentTime: AT },
          ...{ type: 'text', content: 'Hola', details: null },
          peer: { waId: '16505551234', phone: '+16505551234', userId: 'US.1' },
        },
        { details: { context: { quoted: { providerMessageId: 'wamid.0' } } }, replyToProviderMessageId: 'wamid.0' },
        { details: { change: { kind: 'deleted', providerMessageId: 'wamid.0' } } },
      ],
    });
  });

  it('history tells both sides of a thread, and that it was refused', () => {
    const thread = {
      id: '16505551234',
      messages: [
        { ...TEXT, from: '16505551234', history_context: { status: 'READ' } },
        { ...TEXT, id: 'wamid.2', from: OWN, to: '16505551234', history_context: { status: 'DELIVERED' } },
      ],
    };
    const history = [{ metadata: { phase: 1, chunk_order: 1, progress: 55 }, threads: [thread] }];
    const peer = { waId: '16505551234' };
    expect(news('history', { history }).synced).toMatchObject([
      { direction: 'inbound', status: null, peer, origin: 'history', content: 'Hola', details: null },
      { direction: 'outbound', status: 'delivered', peer, origin: 'history' },
    ]);
    const errors = [{ code: 2593109, title: 'History sync is turned off', message: 'Off' }];
    expect(news('history', { history: [{ errors }] }).reports).toMatchObject([{ kind: 'history', code: '2593109' }]);
  });

  it('the address book names people', () => {
    const contact = { full_name: 'Pablo Morales', first_name: 'Pablo', phone_number: '16505551234' };
    const one = { type: 'contact', contact, action: 'add', metadata: { timestamp: TIME } };
    const told = read('smb_app_state_sync', { state_sync: [one, { ...one, action: 'remove' }] });
    expect(told.news[0]!.contacts).toMatchObject([
      { at: AT, contact: { waId: '16505551234', phone: '+16505551234', name: 'Pablo Morales' } },
    ]);
    expect(told.ignored).toEqual(['contact']);
  });
});

it('preferences say who wants no marketing', () => {
  const one = {
    wa_id: '16505551234',
    detail: 'User requested to stop',
    category: 'marketing_messages',
    timestamp: TIME,
  };
  const user_preferences = [
    { ...one, value: 'stop' },
    { ...one, value: 'resume' },
  ];
  const contact = { waId: '16505551234' };
  expect(news('user_preferences', { user_preferences }).contacts).toMatchObject([
    { contact, marketing: 'stop', at: AT, reason: 'User requested to stop' },
    { contact, marketing: 'resume' },
  ]);
});

it('a call that ended is a message, of either side', () => {
  const call = { id: 'wacid.1', from: '16505551234', to: OWN, event: 'terminate', timestamp: TIME };
  const calls = [
    { ...call, direction: 'USER_INITIATED', status: 'FAILED' },
    { ...call, id: 'wacid.2', direction: 'USER_INITIATED', status: 'COMPLETED', duration: 42 },
    { ...call, id: 'wacid.3', from: OWN, to: '16505551234', direction: 'BUSINESS_INITIATED', status: 'COMPLETED' },
    { ...call, event: 'connect' },
  ];
  const { messages, synced } = news('calls', { calls });
  const from = { waId: '16505551234' };
  expect(messages).toMatchObject([
    { providerMessageId: 'wacid.1', type: 'system', from, details: { call: { missed: true, byUs: false } } },
    { providerMessageId: 'wacid.2', from, details: { call: { missed: false, seconds: 42 } } },
  ]);
  expect(synced).toMatchObject([{ direction: 'outbound', peer: from, details: { call: { byUs: true } } }]);
});

it('errors without a message are the number’s own', () => {
  const errors = [{ code: 130429, title: 'Rate limit hit', error_data: { details: 'Too many' } }];
  expect(news('messages', { errors })).toMatchObject({
    messages: [],
    reports: [{ kind: 'error', code: '130429', severity: 'error', text: 'Too many' }],
  });
});

describe('a report on a number or its account', () => {
  const phone = '16505551111';
  it.each<[string, object, object]>([
    [
      'phone_number_quality_update',
      { display_phone_number: phone, event: 'FLAGGED', current_limit: 'TIER_10K', old_limit: 'TIER_100K' },
      { kind: 'quality', code: 'FLAGGED', severity: 'warning', quality: 'RED', messagingLimit: 'TIER_10K' },
    ],
    [
      'phone_number_quality_update',
      { display_phone_number: phone, event: 'UPGRADE' },
      { code: 'UPGRADE', severity: 'info' },
    ],
    [
      'phone_number_name_update',
      { display_phone_number: phone, decision: 'REJECTED', rejection_reason: 'NAME_FORMAT' },
      { kind: 'name', code: 'REJECTED', text: 'NAME_FORMAT' },
    ],
    [
      'account_update',
      { phone_number: phone, event: 'DISABLED_UPDATE', ban_info: { waba_ban_state: 'DISABLE', waba_ban_date: '2026' } },
      { kind: 'account', code: 'DISABLE', severity: 'error', stops: true },
    ],
    ['account_update', { event: 'DISABLED_UPDATE', ban_info: { waba_ban_state: 'REINSTATE' } }, { stops: false }],
    [
      'account_update',
      { event: 'ACCOUNT_VIOLATION', violation_info: { violation_type: 'SCAM' } },
      { severity: 'error', text: 'SCAM' },
    ],
    [
      'account_update',
      { event: 'ACCOUNT_RESTRICTION', restriction_info: [{ restriction_type: 'RESTRICTED_BIZ_INITIATED_MESSAGING' }] },
      { code: 'ACCOUNT_RESTRICTION', text: 'RESTRICTED_BIZ_INITIATED_MESSAGING' },
    ],
    [
      'account_alerts',
      { entity_type: 'WABA', alert_severity: 'CRITICAL', alert_type: 'OBA_REJECTED', alert_description: 'Rejected' },
      { kind: 'alert', code: 'OBA_REJECTED', severity: 'error', text: 'Rejected' },
    ],
    [
      'account_alerts',
      {
        entity_type: 'BUSINESS',
        alert_info: { alert_severity: 'WARNING', alert_type: 'X', alert_description: 'More' },
      },
      { kind: 'alert', code: 'X', severity: 'warning', text: 'More' },
    ],
    ['account_review_update', { decision: 'APPROVED' }, { kind: 'review', code: 'APPROVED', severity: 'info' }],
    [
      'business_capability_update',
      { max_daily_conversation_per_phone: 250, max_phone_numbers_per_business: 2 },
      { kind: 'limits', messagingLimit: '250' },
    ],
    [
      'account_update',
      { event: 'PARTNER_ADDED', waba_info: { waba_id: '1', owner_business_id: '2' } },
      { code: 'PARTNER_ADDED', severity: 'info', text: null },
    ],
    [
      'account_update',
      { event: 'VOLUME_BASED_PRICING_TIER_UPDATE', volume_tier_info: { tier: '25:50', region: 'India' } },
      { severity: 'info', text: 'VOLUME_BASED_PRICING_TIER_UPDATE (tier: 25:50, region: India)' },
    ],
    ['account_update', { event: 'ACCOUNT_OFFBOARDED' }, { stops: true }],
    ['account_update', { event: 'ACCOUNT_RECONNECTED' }, { stops: false, severity: 'info' }],
    [
      'a field of tomorrow',
      { event: 'dawn', details: { light: 'red' } },
      {
        kind: 'a field of tomorrow',
        code: 'dawn',
        severity: 'info',
        text: 'a field of tomorrow (light: red)',
        raw: { event: 'dawn', details: { light: 'red' } },
      },
    ],
    ['security', { display_phone_number: phone, event: 'PIN_CHANGED' }, { kind: 'security', code: 'PIN_CHANGED' }],
  ])('%s', (field, value, expected) => {
    const { reports, news: none } = read(field, { metadata: undefined, ...value }, { time: 1_760_000_000 });
    expect(none).toEqual([]);
    const named = JSON.stringify(value).includes(phone) ? phone : null;
    expect(reports).toMatchObject([{ accountId: '1', phone: named, report: { at: AT, ...expected } }]);
  });
});

it('a field of tomorrow that names a number is its report', () => {
  const groups = [{ group_id: 'g', type: 'group_suspend', timestamp: TIME }];
  const told = read('group_weather_update', { groups });
  expect(told).toMatchObject({
    news: [{ providerId: metadata.phone_number_id, reports: [{ text: 'group_weather_update (type: group_suspend)' }] }],
    ignored: [],
  });
});

describe('a payment', () => {
  const status = {
    id: 'wamid.order',
    recipient_id: '16505551234',
    type: 'payment',
    timestamp: TIME,
    payment: {
      reference_id: 'ref-7',
      amount: { value: 21_000, offset: 100 },
      currency: 'INR',
      transaction: { id: 'order_1', type: 'razorpay', status: 'success' },
    },
  };

  it.each(['captured', 'pending', 'failed', 'canceled'])('that is %s is a notice about its order', (word) => {
    const { messages, statuses } = news('messages', { statuses: [{ ...status, status: word }] });
    // It says nothing of the message's own way.
    expect(statuses).toEqual([]);
    expect(messages).toMatchObject([
      {
        type: 'system',
        from: { waId: '16505551234' },
        replyToProviderMessageId: 'wamid.order',
        details: {
          payment: { status: word, referenceId: 'ref-7', amount: 210, currency: 'INR', method: 'razorpay' },
          raw: { payment: { transaction: { id: 'order_1', status: 'success' } } },
        },
        sentTime: AT,
      },
    ]);
  });
});

describe('a new business-scoped id', () => {
  const ids = { previous: 'US.1', current: 'US.2' };

  it('of its own field is the notice of a chat', () => {
    const update = { wa_id: '16505551234', detail: 'Updated', user_id: ids, timestamp: TIME };
    const contacts = [{ wa_id: '16505551234', profile: { name: 'Ana' } }];
    expect(news('user_id_update', { contacts, user_id_update: [update] }).messages).toMatchObject([
      {
        type: 'system',
        content: 'Updated',
        from: { waId: '16505551234', userId: 'US.1', name: 'Ana' },
        details: { system: { kind: 'user_changed_user_id', userId: 'US.2', previousUserId: 'US.1' } },
        sentTime: AT,
      },
    ]);
    const broken = read('user_id_update', { user_id_update: [{ wa_id: '1', user_id: { current: 'US.2' } }] });
    expect(broken.ignored).toEqual(['user_id']);
  });

  it.each([
    [{ type: 'user_changed_user_id', previous_user_id: 'US.1', user_id: 'US.2' }, { userId: 'US.1' }],
    [{ type: 'user_changed_user_id', user_id: 'US.2' }, { userId: 'US.2' }],
    [{ type: 'user_changed_number', customer: '16505551234', wa_id: '16505550000' }, { waId: '16505551234' }],
  ])('in a notice without sender is about the one it names', (system, from) => {
    const notice = { id: 'wamid.1', timestamp: TIME, type: 'system', system };
    expect(news('messages', { messages: [notice] }).messages).toMatchObject([{ from }]);
  });
});

it('a customer who signs up by a link wants marketing messages', () => {
  const preference = { wa_id: '16505551234', category: 'marketing_messages', value: 'signup', timestamp: TIME };
  expect(news('user_preferences', { user_preferences: [preference] }).contacts).toMatchObject([
    { marketing: 'resume' },
  ]);
});

it('a message is read the same with numbers for texts, and with milliseconds', () => {
  const numbers = { from: 16_505_551_234, id: 7, timestamp: 1_760_000_000_000, type: 'text', text: { body: 42 } };
  const contacts = [
    { wa_id: 1, profile: { name: 'Rui' } },
    { wa_id: 16_505_551_234, profile: { name: 'Ana' } },
  ];
  expect(news('messages', { contacts, messages: [numbers] }).messages).toMatchObject([
    { providerMessageId: '7', content: '42', from: { waId: '16505551234', name: 'Ana' }, sentTime: AT, details: null },
  ]);
});

it('a change that names neither its field nor its number is the message of the number of the path', () => {
  const value = { messages: [{ ...TEXT, from: '16505551234' }] };
  const payload = { object: 'whatsapp_business_account', entry: [{ changes: [{ value }] }] };
  const told = readMetaPayload(payload, now, '106540352242922');
  expect(told).toMatchObject({
    news: [{ providerId: '106540352242922', messages: [{ content: 'Hola' }] }],
    ignored: [],
  });
  expect(readMetaPayload(payload, now)).toMatchObject({ news: [], ignored: ['no_number'] });
});

it('the recording of a call is a notice with its file', () => {
  const audio = {
    id: '1002764438271669',
    mime_type: 'audio/ogg; codecs=opus',
    sha256: 'x',
    url: 'https://example.com',
  };
  const call = { id: 'wacid.1', from: '16505551234', timestamp: TIME, event: 'call_recording_available' };
  const calls = [{ ...call, call_recording: { type: 'audio', audio } }];
  expect(news('calls', { calls }).messages).toMatchObject([
    {
      providerMessageId: 'wacid.1:call_recording_available',
      type: 'system',
      from: { waId: '16505551234' },
      details: { system: { kind: 'call_recording_available' }, media: { id: audio.id, type: audio.mime_type } },
      sentTime: AT,
    },
  ]);
});
