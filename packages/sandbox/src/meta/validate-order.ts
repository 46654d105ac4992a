import { badValue, type Fields, mayText, needFields, needList, needOneOf, needText, needWhole } from './fields.ts';

const ACTION = "interactive['action']";
const PARAMETERS = `${ACTION}['parameters']`;
const ORDER = `${PARAMETERS}['order']`;
const REFERENCE = /^[A-Za-z0-9_.-]{1,35}$/;

function checkReference(value: unknown): void {
  const reference = needText(value, `${PARAMETERS}['reference_id']`, 35);
  if (!REFERENCE.test(reference)) {
    throw badValue('reference_id may only have letters, digits, underscores, dashes and dots.');
  }
}

const DETAIL_KEYS = [
  'reference_id',
  'type',
  'beneficiaries',
  'payment_type',
  'payment_configuration',
  'payment_settings',
  'currency',
  'total_amount',
  'order',
] as const;
const ORDER_KEYS = ['status', 'catalog_id', 'expiration', 'items', 'subtotal', 'tax', 'shipping', 'discount'] as const;
const ITEM_KEYS = [
  'retailer_id',
  'name',
  'image',
  'amount',
  'sale_amount',
  'quantity',
  'country_of_origin',
  'importer_name',
  'importer_address',
] as const;

/** An order to review and pay: its sums must agree. */
export function checkOrderDetails(action: Fields): void {
  needFields(action, ACTION, ['name', 'parameters']);
  needOneOf(action.name, `${ACTION}['name']`, ['review_and_pay']);
  const given = needFields(action.parameters, PARAMETERS, DETAIL_KEYS);
  checkReference(given.reference_id);
  needOneOf(given.type, `${PARAMETERS}['type']`, ['digital-goods', 'physical-goods']);
  needOneOf(given.currency, `${PARAMETERS}['currency']`, ['INR', 'BRL', 'SGD']);
  if (given.payment_settings !== undefined)
    needList(given.payment_settings, `${PARAMETERS}['payment_settings']`, [1, 10]);
  const total = amountOf(given.total_amount, `${PARAMETERS}['total_amount']`);
  const order = needFields(given.order, ORDER, ORDER_KEYS);
  needOneOf(order.status, `${ORDER}['status']`, ['pending']);
  checkExpiration(order.expiration);
  const items = needList(order.items, `${ORDER}['items']`, [1, 999]).map(costOfItem);
  const subtotal = amountOf(order.subtotal, `${ORDER}['subtotal']`);
  const sum = items.reduce((all, one) => all + one, 0);
  if (sum !== subtotal) throw badValue(`Order subtotal ${subtotal} does not match the sum of its items ${sum}`);
  const part = (name: 'tax' | 'shipping' | 'discount') =>
    order[name] === undefined ? 0 : amountOf(order[name], `${ORDER}['${name}']`, DESCRIBED[name]);
  const tax = amountOf(order.tax, `${ORDER}['tax']`, DESCRIBED.tax);
  const expected = subtotal + tax + part('shipping') - part('discount');
  if (expected !== total) throw badValue(`Order total ${total} does not match its parts ${expected}`);
}

const DESCRIBED = {
  tax: ['description'],
  shipping: ['description'],
  discount: ['description', 'discount_program_name'],
} as const;

function costOfItem(given: unknown, index: number): number {
  const at = `${ORDER}['items'][${index}]`;
  const item = needFields(given, at, ITEM_KEYS);
  needText(item.name, `${at}['name']`, 60);
  mayText(item.retailer_id, `${at}['retailer_id']`, 100);
  const amount = amountOf(item.amount, `${at}['amount']`);
  const sale = item.sale_amount === undefined ? amount : amountOf(item.sale_amount, `${at}['sale_amount']`);
  if (sale > amount) throw badValue(`The sale amount of item ${index} is above its amount`);
  return sale * needWhole(item.quantity, `${at}['quantity']`, 1, 999);
}

/** Money in hundredths: `{ value, offset: 100 }`. */
function amountOf(given: unknown, name: string, more: readonly string[] = []): number {
  const amount = needFields(given, name, ['value', 'offset', ...more]);
  if (needWhole(amount.offset, `${name}['offset']`, 1) !== 100) throw badValue(`Param ${name}['offset'] must be 100.`);
  if (more.includes('description')) mayText(amount.description, `${name}['description']`, 60);
  return needWhole(amount.value, `${name}['value']`, 0);
}

function checkExpiration(given: unknown): void {
  if (given === undefined) return;
  const at = `${ORDER}['expiration']`;
  const expiration = needFields(given, at, ['timestamp', 'description']);
  const seconds = Number(needText(expiration.timestamp, `${at}['timestamp']`, 20));
  if (!(seconds * 1000 >= Date.now() + 300_000)) throw badValue('Order expiration must be 300 seconds away or more.');
  needText(expiration.description, `${at}['description']`, 120);
}

const STATUSES = ['pending', 'processing', 'partially_shipped', 'shipped', 'completed', 'canceled'] as const;

/** What became of an order. */
export function checkOrderStatus(action: Fields): void {
  needFields(action, ACTION, ['name', 'parameters']);
  needOneOf(action.name, `${ACTION}['name']`, ['review_order']);
  const given = needFields(action.parameters, PARAMETERS, ['reference_id', 'order', 'payment']);
  checkReference(given.reference_id);
  const order = needFields(given.order, ORDER, ['status', 'description']);
  needOneOf(order.status, `${ORDER}['status']`, STATUSES);
  mayText(order.description, `${ORDER}['description']`, 120);
  if (given.payment === undefined) return;
  const at = `${PARAMETERS}['payment']`;
  const payment = needFields(given.payment, at, ['status', 'timestamp']);
  needOneOf(payment.status, `${at}['status']`, ['pending', 'captured', 'failed']);
  if (payment.timestamp !== undefined) needWhole(payment.timestamp, `${at}['timestamp']`, 1);
}
