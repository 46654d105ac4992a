import type { MessageDetails } from '@recado/contracts';
import { type Json, linesOf, numberOfJson, textOf, type WebContent, wholeAmount } from './web-message.ts';

/** A product of a catalogue, in WhatsApp Web's own names, which both servers pass on. */
export const productOf = (item: Json): MessageDetails['product'] => ({
  id: textOf(item.productId),
  retailerId: textOf(item.retailerId),
  title: textOf(item.title),
  description: textOf(item.description),
  price: wholeAmount(item.salePriceAmount1000) ?? wholeAmount(item.priceAmount1000),
  currency: textOf(item.currencyCode),
  url: textOf(item.url),
});

/** An order by a customer. Which products it holds is not told. */
export const order = (part: Json): WebContent => ({
  type: 'order',
  content: linesOf(part.orderTitle, part.message),
  details: {
    order: {
      id: textOf(part.orderId),
      products: [],
      count: numberOfJson(part.itemCount),
      total: wholeAmount(part.totalAmount1000),
      currency: textOf(part.totalCurrencyCode),
    },
  },
});
