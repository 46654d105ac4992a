import { z } from 'zod';
import { isoTime } from './primitives.ts';

const text = () => z.string().optional();
const flag = () => z.boolean().optional();
const number = () => z.number().optional();
/** What this version does not know, in the provider's words. */
const raw = () => z.record(z.string(), z.unknown());

/** An error in a provider's words. */
const providerError = z.object({
  code: text(),
  title: text(),
  message: text(),
  details: text(),
  href: text(),
});
export type ProviderError = z.infer<typeof providerError>;

const contactCard = z.object({
  /** As the card shows it. */
  name: text(),
  firstName: text(),
  middleName: text(),
  lastName: text(),
  prefix: text(),
  suffix: text(),
  birthday: text(),
  phones: z.array(z.object({ phone: text(), waId: text(), userId: text(), type: text() })).optional(),
  emails: z.array(z.object({ email: text(), type: text() })).optional(),
  urls: z.array(z.object({ url: text(), type: text() })).optional(),
  addresses: z
    .array(
      z.object({
        street: text(),
        city: text(),
        state: text(),
        zip: text(),
        country: text(),
        countryCode: text(),
        type: text(),
      }),
    )
    .optional(),
  organization: z.object({ company: text(), department: text(), title: text() }).optional(),
  /** The card's own text, from providers that give it whole. */
  vcard: text(),
});

/**
 * What a message carries besides its text, the same for every provider. A part that is absent was
 * not told. Parts and fields are only added.
 */
export const messageDetails = z
  .object({
    media: z
      .object({
        id: text().describe("The provider's"),
        url: text().describe("The provider's; lives for minutes and needs its credentials"),
        type: text().describe('MIME type'),
        sha256: text(),
        fileName: text(),
        size: number().describe('Bytes'),
        voice: flag().describe('Recorded in the chat'),
        animated: flag(),
      })
      .optional(),
    location: z
      .object({ latitude: z.number(), longitude: z.number(), name: text(), address: text(), url: text() })
      .optional(),
    contacts: z.array(contactCard).optional(),
    order: z
      .object({
        id: text(),
        catalogId: text(),
        products: z.array(
          z.object({ id: text(), name: text(), quantity: number(), price: number(), currency: text() }),
        ),
        total: number(),
        currency: text(),
      })
      .optional(),
    form: z.object({ name: text(), answers: raw().optional() }).optional().describe('A form that was filled in'),
    choice: z
      .object({ id: text(), title: text(), description: text() })
      .optional()
      .describe('A button or a row of a list'),
    callPermission: z
      .object({ answer: z.string(), permanent: flag(), expiresAt: isoTime().optional(), source: text() })
      .optional(),
    reaction: z
      .object({ providerMessageId: z.string(), emoji: z.string().nullable().describe('null takes it back') })
      .optional(),
    context: z
      .object({
        quoted: z
          .object({ providerMessageId: z.string(), from: text().describe('Its author, in the provider’s words') })
          .optional(),
        forwarded: flag(),
        frequentlyForwarded: flag().describe('More than five times'),
        product: z.object({ catalogId: text(), id: text() }).optional().describe('The product it is about'),
      })
      .optional(),
    referral: z
      .object({
        sourceUrl: text(),
        sourceId: text(),
        sourceType: text().describe('ad, post'),
        headline: text(),
        body: text(),
        mediaType: text(),
        imageUrl: text(),
        videoUrl: text(),
        thumbnailUrl: text(),
        ctwaClid: text().describe("The click's id"),
        welcomeText: text(),
      })
      .optional()
      .describe('The ad or post that brought the customer'),
    system: z
      .object({
        kind: text(),
        waId: text().describe('The new one'),
        previousWaId: text(),
        userId: text(),
        parentUserId: text(),
        previousUserId: text(),
        previousParentUserId: text(),
      })
      .optional(),
    identity: z
      .object({ acknowledged: flag(), createdAt: isoTime().optional(), hash: text() })
      .optional()
      .describe("The key of the sender's device"),
    /** This message says what became of an earlier one. */
    change: z.object({ kind: z.enum(['edited', 'deleted']), providerMessageId: z.string() }).optional(),
    group: z.object({ id: z.string() }).optional(),
    unsupported: z
      .object({ kind: text() })
      .optional()
      .describe('A kind this version does not know; `metadata` has all of it'),
    errors: z.array(providerError).optional(),
    raw: raw().optional().describe('Fields that this version does not know, where they stood'),
  })
  .meta({ id: 'MessageDetails' });
export type MessageDetails = z.infer<typeof messageDetails>;

/** What a status tells besides itself. */
export const statusDetails = z
  .object({
    pricing: z.object({ billable: flag(), model: text(), type: text(), category: text() }).optional(),
    conversation: z
      .object({ id: text(), origin: text(), expiresAt: isoTime().optional() })
      .optional()
      .describe("The provider's conversation, which it bills by"),
    errors: z.array(providerError).optional(),
    raw: raw().optional(),
  })
  .meta({ id: 'StatusDetails' });
export type StatusDetails = z.infer<typeof statusDetails>;
