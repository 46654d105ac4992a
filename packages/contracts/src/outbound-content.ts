import { z } from 'zod';
import { withCode } from './errors.ts';
import { emoji, text, uuid } from './primitives.ts';

/** Our id of the message that this one answers. */
const quoting = { replyTo: uuid().optional() };

export const webUrl = () => z.url({ protocol: /^https?$/ }).max(2048);

/** A stored file of the tenant, or a link that the provider fetches itself. */
const mediaSource = z
  .strictObject({ fileId: uuid().optional(), url: webUrl().optional() })
  .refine(({ fileId, url }) => (fileId === undefined) !== (url === undefined), withCode('one_of'));

const caption = z.string().max(65_536).optional();
const fileName = z.string().min(1).max(1000).optional();

/** An optional text. The provider's own limits are in its capabilities. */
const some = (max = 1000) => z.string().min(1).max(max).optional();

const contactCard = z.strictObject({
  /** As the card shows it. */
  name: text(1000),
  firstName: some(),
  middleName: some(),
  lastName: some(),
  prefix: some(),
  suffix: some(),
  birthday: some(),
  phones: z
    .array(z.strictObject({ phone: text(100), waId: some(100), type: some(100) }))
    .max(20)
    .optional(),
  emails: z
    .array(z.strictObject({ email: text(1000), type: some(100) }))
    .max(20)
    .optional(),
  urls: z
    .array(z.strictObject({ url: text(2048), type: some(100) }))
    .max(20)
    .optional(),
  addresses: z
    .array(
      z.strictObject({
        street: some(),
        city: some(),
        state: some(),
        zip: some(),
        country: some(),
        countryCode: some(),
        type: some(100),
      }),
    )
    .max(20)
    .optional(),
  organization: z.strictObject({ company: some(), department: some(), title: some() }).optional(),
});

/** Above an interactive message: words, or a file. */
const header = z
  .strictObject({
    text: text(1000).optional(),
    file: z.strictObject({ kind: z.enum(['image', 'video', 'document']), media: mediaSource, fileName }).optional(),
  })
  .refine(({ text: words, file }) => (words === undefined) !== (file === undefined), withCode('one_of'));

const words = { header: header.optional(), body: text(65_536), footer: text(1000).optional() };

const interactiveParts = {
  buttons: {
    ...words,
    buttons: z
      .array(z.strictObject({ id: text(1000), title: text(1000) }))
      .min(1)
      .max(20),
  },
  list: {
    ...words,
    /** Opens the list. */
    button: text(1000),
    sections: z
      .array(
        z.strictObject({
          title: text(1000).optional(),
          rows: z
            .array(z.strictObject({ id: text(1000), title: text(1000), description: text(1000).optional() }))
            .min(1)
            .max(100),
        }),
      )
      .min(1)
      .max(100),
  },
  /** One button that opens a page. */
  link: { ...words, button: text(1000), url: webUrl() },
};

/** A value of a template: text, or what the provider formats itself. Its name, when it has one. */
const templateParameter = z.record(z.string(), z.unknown());

const templateParts = {
  name: text(512),
  language: text(20),
  /** Values of the body by their place (`1`, `2` …) or name. */
  params: z.record(z.string().max(64), z.string().max(65_536)).optional(),
  /** Values of all parts, as the provider's API writes them. Not with `params`. */
  components: z
    .array(
      z.looseObject({
        type: z.enum(['header', 'body', 'button', 'carousel', 'limited_time_offer', 'order_status']),
        sub_type: z.string().max(64).optional(),
        index: z.union([z.number().int(), z.string().max(8)]).optional(),
        parameters: z.array(templateParameter).max(100).optional(),
      }),
    )
    .max(50)
    .optional(),
};

const mediaParts = { media: mediaSource, ...quoting };

/**
 * What we send, the same for every provider. Kinds and fields are only added. Lengths here only
 * keep requests small: the provider's limits are checked before a message is queued.
 */
export const outboundContent = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('text'), body: text(65_536), previewUrl: z.boolean().optional(), ...quoting }),
    z.strictObject({ kind: z.literal('image'), ...mediaParts, caption }),
    z.strictObject({ kind: z.literal('video'), ...mediaParts, caption }),
    /** `voice`: shown as recorded in the chat. */
    z.strictObject({ kind: z.literal('audio'), ...mediaParts, voice: z.boolean().optional() }),
    z.strictObject({ kind: z.literal('document'), ...mediaParts, caption, fileName }),
    z.strictObject({ kind: z.literal('sticker'), ...mediaParts }),
    z.strictObject({
      kind: z.literal('location'),
      latitude: z.number().min(-90).max(90),
      longitude: z.number().min(-180).max(180),
      name: some(),
      address: some(),
      ...quoting,
    }),
    z.strictObject({ kind: z.literal('contacts'), contacts: z.array(contactCard).min(1).max(100), ...quoting }),
    /** Without an emoji it takes the earlier one back. `messageId` is ours. */
    z.strictObject({ kind: z.literal('reaction'), messageId: uuid(), emoji: emoji().nullable() }),
    z.strictObject({ kind: z.literal('buttons'), ...interactiveParts.buttons, ...quoting }),
    z.strictObject({ kind: z.literal('list'), ...interactiveParts.list, ...quoting }),
    z.strictObject({ kind: z.literal('link'), ...interactiveParts.link, ...quoting }),
    z
      .strictObject({ kind: z.literal('template'), ...templateParts, ...quoting })
      .refine(({ params, components }) => params === undefined || components === undefined, {
        ...withCode('unknown'),
        path: ['components'],
      }),
  ])
  .meta({ id: 'OutboundContent' });
export type OutboundContent = z.infer<typeof outboundContent>;

export const OUTBOUND_KINDS = [
  'text',
  'image',
  'video',
  'audio',
  'document',
  'sticker',
  'location',
  'contacts',
  'reaction',
  'buttons',
  'list',
  'link',
  'template',
] as const satisfies readonly OutboundContent['kind'][];
export type OutboundKind = (typeof OUTBOUND_KINDS)[number];

/** What messages show of an interactive message of ours: `content` has its body. */
export const sentInteractive = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('buttons'), ...interactiveParts.buttons }).omit({ body: true }),
  z.object({ kind: z.literal('list'), ...interactiveParts.list }).omit({ body: true }),
  z.object({ kind: z.literal('link'), ...interactiveParts.link }).omit({ body: true }),
]);

/** What messages show of a template that was sent. */
export const sentTemplate = z.object(templateParts);

/** The message that an outbound one quotes or reacts to. */
export const aboutMessage = z.object({
  messageId: uuid(),
  providerMessageId: z.string(),
  /** We wrote it. */
  fromMe: z.boolean(),
  /** Its words, which some providers show in the quote. */
  text: z.string(),
  /** Who spoke, in a group: providers name the message with its author there. */
  from: z.object({ waId: z.string().optional(), userId: z.string().optional() }).optional(),
});
export type AboutMessage = z.infer<typeof aboutMessage>;

/** Where a message goes: a person, by one address at least, or a group. */
export const recipientAddress = z.object({
  waId: z.string().max(64).nullable(),
  phone: z.string().max(32).nullable(),
  userId: z.string().max(256).nullable(),
  group: z.string().max(256).optional().describe('The chat of many; then there is none of the others'),
});
export type RecipientAddress = z.infer<typeof recipientAddress>;
