import type { MessageDetails, ProviderError } from '@recado/contracts';
import { cleanId } from '../../webhooks/clean.ts';
import type { Fields } from './fields.ts';

type Part<K extends keyof MessageDetails> = NonNullable<MessageDetails[K]>;

export function contextOf(context: Fields): Part<'context'> {
  const id = context.string('id');
  const from = context.id('from');
  const product = context.object('referred_product');
  const mentions = context.strings('mentions');
  return {
    ...(id ? { quoted: { providerMessageId: cleanId(id), from } } : {}),
    forwarded: context.boolean('forwarded'),
    frequentlyForwarded: context.boolean('frequently_forwarded'),
    ...(mentions && { mentions }),
    ...(product ? { product: { catalogId: product.id('catalog_id'), id: product.id('product_retailer_id') } } : {}),
  };
}

export const referralOf = (referral: Fields): Part<'referral'> => ({
  sourceUrl: referral.string('source_url'),
  sourceId: referral.id('source_id'),
  sourceType: referral.string('source_type'),
  headline: referral.string('headline'),
  body: referral.string('body'),
  mediaType: referral.string('media_type'),
  imageUrl: referral.string('image_url'),
  videoUrl: referral.string('video_url'),
  thumbnailUrl: referral.string('thumbnail_url'),
  ctwaClid: referral.string('ctwa_clid'),
  welcomeText: referral.object('welcome_message')?.string('text'),
});

export const identityOf = (identity: Fields): Part<'identity'> => ({
  acknowledged: identity.boolean('acknowledged'),
  createdAt: identity.time('created_timestamp'),
  hash: identity.string('hash'),
});

export const systemOf = (system: Fields): Part<'system'> => ({
  kind: system.string('type'),
  // `new_wa_id` up to version 11.
  waId: bounded(system.id('wa_id') ?? system.id('new_wa_id')),
  previousWaId: bounded(system.id('customer')),
  userId: bounded(system.string('user_id')),
  parentUserId: bounded(system.string('parent_user_id')),
  previousUserId: bounded(system.string('previous_user_id')),
  previousParentUserId: bounded(system.string('previous_parent_user_id')),
});

/** An id that may become a person's address: indexes hold those. */
const bounded = (id: string | undefined): string | undefined => id && cleanId(id);

export const orderOf = (order: Fields): Part<'order'> => ({
  catalogId: order.id('catalog_id'),
  products: (order.objects('product_items') ?? []).map((item) => ({
    id: item.id('product_retailer_id'),
    quantity: item.number('quantity'),
    price: item.number('item_price'),
    currency: item.string('currency'),
  })),
});

export const contactsOf = (cards: Fields[]): Part<'contacts'> =>
  cards.map((card) => {
    const name = card.object('name');
    const org = card.object('org');
    return {
      name: name?.string('formatted_name'),
      firstName: name?.string('first_name'),
      middleName: name?.string('middle_name'),
      lastName: name?.string('last_name'),
      prefix: name?.string('prefix'),
      suffix: name?.string('suffix'),
      birthday: card.string('birthday'),
      phones: card.objects('phones')?.map((one) => ({
        phone: one.id('phone'),
        waId: one.id('wa_id'),
        userId: one.string('user_id'),
        type: one.string('type'),
      })),
      emails: card.objects('emails')?.map((one) => ({ email: one.string('email'), type: one.string('type') })),
      urls: card.objects('urls')?.map((one) => ({ url: one.string('url'), type: one.string('type') })),
      addresses: card.objects('addresses')?.map((one) => ({
        street: one.string('street'),
        city: one.string('city'),
        state: one.string('state'),
        zip: one.id('zip'),
        country: one.string('country'),
        countryCode: one.string('country_code'),
        type: one.string('type'),
      })),
      organization: org && {
        company: org.string('company'),
        department: org.string('department'),
        title: org.string('title'),
      },
    };
  });

/** The errors that an item lists; undefined when it lists none. */
export function errorsOf(item: Fields): ProviderError[] | undefined {
  const errors = item.objects('errors');
  if (!errors || errors.length === 0) return undefined;
  return errors.map((error) => ({
    code: error.id('code'),
    title: error.string('title'),
    message: error.string('message'),
    // Beside the code in versions before 15.
    details: error.object('error_data')?.string('details') ?? error.string('details'),
    href: error.string('href'),
  }));
}
