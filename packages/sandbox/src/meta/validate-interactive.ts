import {
  badValue,
  type Fields,
  invalid,
  isFields,
  mayText,
  needFields,
  needLabel,
  needList,
  needOneOf,
  needText,
  needUnique,
  needWebUrl,
  needWhole,
} from './fields.ts';
import { checkMediaObject, type HasMedia } from './validate-media.ts';
import { checkOrderDetails, checkOrderStatus } from './validate-order.ts';
import { checkCatalog, checkProduct, checkProductList } from './validate-products.ts';

type HeaderType = 'text' | 'image' | 'video' | 'document';

interface Rules {
  /** Kinds of headers it may have. */
  headers?: readonly HeaderType[];
  needsHeader?: true;
  /** Its body may be left out. */
  bare?: true;
  noFooter?: true;
  action(action: Fields, hasMedia: HasMedia): void;
}

const ANY_HEADER = ['text', 'image', 'video', 'document'] as const;

/** Meta's page of each kind of interactive message. */
const KINDS: Record<string, Rules> = {
  button: { headers: ANY_HEADER, action: (action) => checkButtons(action) },
  list: { headers: ['text'], action: checkList },
  cta_url: { headers: ANY_HEADER, action: (action) => checkLink(action) },
  flow: { headers: ANY_HEADER, action: checkFlow },
  product: { bare: true, action: (action) => checkProduct(action) },
  product_list: { headers: ['text'], needsHeader: true, action: checkProductList },
  catalog_message: { action: checkCatalog },
  location_request_message: { noFooter: true, action: (action) => needName(action, 'send_location') },
  address_message: { headers: ['text'], action: checkAddress },
  call_permission_request: {
    bare: true,
    noFooter: true,
    action: (action) => needName(action, 'call_permission_request'),
  },
  voice_call: { headers: ANY_HEADER, action: checkCall },
  carousel: { noFooter: true, action: checkCarousel },
  order_details: { headers: ['image'], action: checkOrderDetails },
  order_status: { action: checkOrderStatus },
};

/** Checks an `interactive` object as Meta does; returns the body's text. Throws GraphError. */
export function validateInteractive(interactive: Fields, hasMedia: HasMedia): string {
  const given = needFields(interactive, 'interactive', ['type', 'header', 'body', 'footer', 'action']);
  const type = needOneOf(given.type, "interactive['type']", Object.keys(KINDS));
  const rules = KINDS[type]!;
  checkHeader(given.header, rules, hasMedia);
  checkFooter(given.footer, rules);
  const text = rules.bare && given.body === undefined ? '' : checkBody(given.body, "interactive['body']", 1024);
  rules.action(needObject(given.action, "interactive['action']"), hasMedia);
  return text;
}

function checkBody(value: unknown, name: string, max: number): string {
  const body = needFields(value, name, ['text']);
  return needLabel(body.text, `${name}['text']`, 'Body text', max);
}

function checkFooter(value: unknown, { noFooter }: Rules): void {
  if (value === undefined) return;
  if (noFooter) throw invalid('Unexpected key "footer" on param "interactive".');
  const footer = needFields(value, "interactive['footer']", ['text']);
  needLabel(footer.text, "interactive['footer']['text']", 'Footer text', 60);
}

function checkHeader(value: unknown, { headers = [], needsHeader }: Rules, hasMedia: HasMedia): void {
  const at = "interactive['header']";
  if (value === undefined && !needsHeader) return;
  const header = needFields(value, at, ['type', 'text', 'sub_text', 'image', 'video', 'document']);
  if (headers.length === 0) throw invalid('Unexpected key "header" on param "interactive".');
  const type = needOneOf(header.type, `${at}['type']`, headers) as HeaderType;
  for (const other of ANY_HEADER) {
    if (other !== type && header[other] !== undefined) throw invalid(`Unexpected key "${other}" on param "${at}".`);
  }
  if (type === 'text') needLabel(header.text, `${at}['text']`, 'Header text', 60);
  else checkMediaObject(type, `${at}['${type}']`, header[type], hasMedia, { caption: false });
}

function needObject(value: unknown, name: string): Fields {
  if (!isFields(value)) return needFields(value, name, []);
  return value;
}

function needName(action: Fields, name: string, ...keys: string[]): void {
  needFields(action, "interactive['action']", ['name', ...keys]);
  needOneOf(action.name, "interactive['action']['name']", [name]);
}

function checkButtons(action: Fields, at = "interactive['action']"): void {
  needFields(action, at, ['buttons']);
  const { buttons } = action;
  if (!Array.isArray(buttons) || buttons.length < 1 || buttons.length > 3) {
    throw badValue('Invalid buttons count. Min allowed buttons: 1, Max allowed buttons: 3');
  }
  const replies = buttons.map((button, index) => {
    const name = `${at}['buttons'][${index}]`;
    const given = needFields(button, name, ['type', 'reply']);
    needOneOf(given.type, `${name}['type']`, ['reply']);
    const reply = needFields(given.reply, `${name}['reply']`, ['id', 'title']);
    return {
      id: needLabel(reply.id, `${name}['reply']['id']`, 'Button id', 256),
      title: needLabel(reply.title, `${name}['reply']['title']`, 'Button title', 20),
    };
  });
  needUnique(
    replies.map(({ id }) => id),
    'button id',
  );
  needUnique(
    replies.map(({ title }) => title),
    'button title',
  );
}

function checkList(action: Fields): void {
  needFields(action, "interactive['action']", ['button', 'sections']);
  needLabel(action.button, "interactive['action']['button']", 'Button label', 20);
  const { sections } = action;
  if (!Array.isArray(sections) || sections.length < 1 || sections.length > 10) {
    throw badValue('Invalid sections count. Min allowed sections: 1, Max allowed sections: 10');
  }
  const rows = sections.flatMap((section, index) => checkSection(section, index, sections.length > 1));
  if (rows.length > 10) throw badValue(`Total row count exceed max allowed count: 10 (got ${rows.length})`);
  needUnique(rows, 'row id');
}

/** Returns the ids of its rows. */
function checkSection(given: unknown, index: number, needsTitle: boolean): string[] {
  const at = `interactive['action']['sections'][${index}]`;
  const section = needFields(given, at, ['title', 'rows']);
  if (needsTitle || section.title !== undefined) needLabel(section.title, `${at}['title']`, 'Section title', 24);
  return needList(section.rows, `${at}['rows']`, [1, 1000]).map((one, r) => {
    const rowAt = `${at}['rows'][${r}]`;
    const row = needFields(one, rowAt, ['id', 'title', 'description']);
    needLabel(row.title, `${rowAt}['title']`, 'Row title', 24);
    if (row.description !== undefined) {
      needLabel(row.description, `${rowAt}['description']`, 'Row description', 72);
    }
    return needLabel(row.id, `${rowAt}['id']`, 'Row id', 200);
  });
}

function checkLink(action: Fields, at = "interactive['action']"): void {
  needFields(action, at, ['name', 'parameters']);
  needOneOf(action.name, `${at}['name']`, ['cta_url']);
  const parameters = needFields(action.parameters, `${at}['parameters']`, ['display_text', 'url']);
  needLabel(parameters.display_text, `${at}['parameters']['display_text']`, 'Button text', 20);
  needWebUrl(parameters.url, `${at}['parameters']['url']`);
}

const FLOW_KEYS = [
  'flow_message_version',
  'flow_id',
  'flow_name',
  'flow_cta',
  'flow_token',
  'flow_action',
  'flow_action_payload',
  'mode',
] as const;

function checkFlow(action: Fields): void {
  needName(action, 'flow', 'parameters');
  const at = "interactive['action']['parameters']";
  const flow = needFields(action.parameters, at, FLOW_KEYS);
  needOneOf(flow.flow_message_version, `${at}['flow_message_version']`, ['3']);
  if ((flow.flow_id === undefined) === (flow.flow_name === undefined)) {
    throw badValue('Exactly one of flow_id and flow_name must be present.');
  }
  if (flow.flow_id !== undefined && !/^\d{1,20}$/.test(String(flow.flow_id))) {
    throw badValue(`Flow with id ${String(flow.flow_id)} does not exist.`);
  }
  mayText(flow.flow_name, `${at}['flow_name']`, 200);
  needLabel(flow.flow_cta, `${at}['flow_cta']`, 'Flow CTA', 20);
  mayText(flow.flow_token, `${at}['flow_token']`, 1024);
  if (flow.mode !== undefined) needOneOf(flow.mode, `${at}['mode']`, ['draft', 'published']);
  const how =
    flow.flow_action === undefined
      ? 'navigate'
      : needOneOf(flow.flow_action, `${at}['flow_action']`, ['navigate', 'data_exchange']);
  if (flow.flow_action_payload === undefined) return;
  if (how === 'data_exchange') throw badValue('flow_action_payload is only allowed with flow_action navigate.');
  const payload = needFields(flow.flow_action_payload, `${at}['flow_action_payload']`, ['screen', 'data']);
  needText(payload.screen, `${at}['flow_action_payload']['screen']`, 256);
  if (payload.data !== undefined && (!isFields(payload.data) || Object.keys(payload.data).length === 0)) {
    throw badValue('flow_action_payload data must be a non-empty object.');
  }
}

function checkAddress(action: Fields): void {
  needName(action, 'address_message', 'parameters');
  const at = "interactive['action']['parameters']";
  const parameters = needFields(action.parameters, at, ['country', 'values', 'saved_addresses', 'validation_errors']);
  // Only these have address messages.
  needOneOf(parameters.country, `${at}['country']`, ['IN', 'SG']);
}

function checkCall(action: Fields): void {
  needName(action, 'voice_call', 'parameters');
  if (action.parameters === undefined) return;
  const at = "interactive['action']['parameters']";
  const call = needFields(action.parameters, at, ['display_text', 'ttl_minutes', 'payload']);
  if (call.display_text !== undefined) needLabel(call.display_text, `${at}['display_text']`, 'Button text', 20);
  if (call.ttl_minutes !== undefined) needWhole(call.ttl_minutes, `${at}['ttl_minutes']`, 1, 43_200);
  mayText(call.payload, `${at}['payload']`, 512);
}

function checkCarousel(action: Fields, hasMedia: HasMedia): void {
  needFields(action, "interactive['action']", ['cards']);
  const cards = needList(action.cards, "interactive['action']['cards']", [2, 10]).map((given, index) => {
    const at = `interactive['action']['cards'][${index}]`;
    const card = needFields(given, at, ['card_index', 'type', 'header', 'body', 'action']);
    needWhole(card.card_index, `${at}['card_index']`, 0, 9);
    const type = needOneOf(card.type, `${at}['type']`, ['cta_url', 'button', 'product']);
    if (type !== 'product') checkCardHeader(card.header, `${at}['header']`, hasMedia);
    if (card.body !== undefined) checkBody(card.body, `${at}['body']`, 160);
    const cardAction = needObject(card.action, `${at}['action']`);
    if (type === 'cta_url') checkLink(cardAction, `${at}['action']`);
    else if (type === 'button') checkButtons(cardAction, `${at}['action']`);
    else checkProduct(cardAction, `${at}['action']`);
    return { index: String(card.card_index), type };
  });
  needUnique(
    cards.map(({ index }) => index),
    'card index',
  );
  if (new Set(cards.map(({ type }) => type)).size > 1) throw badValue('All cards must have the same type.');
}

function checkCardHeader(value: unknown, at: string, hasMedia: HasMedia): void {
  const header = needFields(value, at, ['type', 'image', 'video']);
  const type = needOneOf(header.type, `${at}['type']`, ['image', 'video']) as 'image' | 'video';
  checkMediaObject(type, `${at}['${type}']`, header[type], hasMedia, { caption: false });
}
