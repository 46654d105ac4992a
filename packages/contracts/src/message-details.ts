import { z } from 'zod';
import { sentInteractive, sentTemplate } from './outbound-content.ts';
import { isoTime, uuid } from './primitives.ts';

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

/** A product of a catalogue. */
const product = z.object({
  id: text(),
  /** The seller's own id. */
  retailerId: text(),
  title: text(),
  description: text(),
  price: number(),
  currency: text(),
  url: text(),
});

/** Money that was asked for or paid. `status`: in the provider's words. */
const payment = z.object({ status: text(), referenceId: text(), amount: number(), currency: text(), method: text() });

/** A question with options; of a vote what was chosen, and nothing when it was taken back. */
const poll = z.object({
  question: text(),
  options: z.array(z.string()).optional(),
  multiple: flag(),
  selected: z.array(z.string()).optional(),
  /** Whose vote it is, in the provider's words. */
  voter: text(),
});

const calendarEvent = z.object({
  name: text(),
  description: text(),
  startsAt: isoTime().optional(),
  endsAt: isoTime().optional(),
  place: text(),
  url: text(),
  canceled: flag(),
});

/** To a group or a channel of WhatsApp. */
const invite = z.object({
  kind: z.enum(['group', 'channel']),
  id: text(),
  name: text(),
  code: text(),
  expiresAt: isoTime().optional(),
});

/** Why a file could not be had. */
export const MEDIA_FAILURES = ['expired', 'refused', 'too_large', 'storage_full', 'mismatch', 'unreachable'] as const;

/** What we know of a file ourselves, once it is here. */
const ownMedia = {
  /** A stored file, received or sent. */
  fileId: uuid().optional(),
  /** `erased`: with its owner, or by a person. */
  state: z.enum(['fetching', 'ready', 'failed', 'erased']).optional(),
  /** Pixels. */
  width: number(),
  height: number(),
  thumbnail: flag(),
  /** There is a copy that every browser plays. */
  playback: flag(),
  failure: z.object({ code: z.string(), message: z.string() }).optional(),
  /** Links that work without a token for one to two hours. The gateway makes them. */
  link: text(),
  thumbnailLink: text(),
  playbackLink: text(),
};

/** What became of a message's file: these take the place of what its provider told. */
export const messageFile = z.object({
  fileId: uuid(),
  state: z.enum(['ready', 'failed', 'erased']),
  type: text().describe('By its content'),
  size: number(),
  width: number(),
  height: number(),
  thumbnail: flag(),
  playback: flag(),
  failure: z.object({ code: z.enum(MEDIA_FAILURES), message: z.string() }).optional(),
});
export type MessageFile = z.infer<typeof messageFile>;

/** The message that another is about. `messageId` is ours: threads know it, events do not. */
const about = { providerMessageId: z.string(), messageId: uuid().optional() };

/**
 * What a message carries besides its text, the same for every provider. A part that is absent was
 * not told. Parts and fields are only added.
 */
export const messageDetails = z
  .object({
    media: z
      .object({
        /** The provider's. */
        id: text(),
        /** The provider's, for minutes and with its credentials. Of ours: the link. */
        url: text(),
        /** MIME type. */
        type: text(),
        sha256: text(),
        fileName: text(),
        /** Bytes. */
        size: number(),
        /** Recorded in the chat. */
        voice: flag(),
        animated: flag(),
        /** The customer's phone shows it once. */
        viewOnce: flag(),
        /** Of a sound or a video. */
        seconds: number(),
        ...ownMedia,
      })
      .optional(),
    location: z
      .object({
        latitude: z.number(),
        longitude: z.number(),
        name: text(),
        address: text(),
        url: text(),
        /** It moves with the sender; this is where it began. */
        live: flag(),
      })
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
        /** Where the products themselves were not told. */
        count: number(),
      })
      .optional(),
    product: product.optional(),
    payment: payment.optional(),
    poll: poll.optional(),
    event: calendarEvent.optional(),
    invite: invite.optional(),
    /** What a message of others, or one typed on the phone, offers to choose from. */
    choices: z
      .array(z.object({ id: text(), title: text(), description: text(), url: text(), phone: text() }))
      .optional(),
    /** A form that was filled in. */
    form: z.object({ name: text(), text: text(), answers: raw().optional() }).optional(),
    /** Buttons, a list or a link that we sent. */
    interactive: sentInteractive.optional(),
    /** A template that we sent. */
    template: sentTemplate.optional(),
    /** The page that a text links to is shown in it. */
    previewUrl: flag(),
    /** The survey after a chat that it answers; a comment gives no score. */
    survey: z.object({ id: uuid(), score: number() }).optional(),
    /** A button or a row of a list. */
    choice: z.object({ id: text(), title: text(), description: text() }).optional(),
    callPermission: z
      .object({ answer: z.string(), permanent: flag(), expiresAt: isoTime().optional(), source: text() })
      .optional(),
    /** Without an emoji it takes the earlier one back. */
    reaction: z.object({ ...about, emoji: z.string().nullable() }).optional(),
    context: z
      .object({
        /** `from`: its author, in the provider's words; `text`: its words, where they were told. */
        quoted: z.object({ ...about, from: text(), text: text() }).optional(),
        forwarded: flag(),
        /** More than five times. */
        frequentlyForwarded: flag(),
        /** The product it is about. */
        product: z.object({ catalogId: text(), id: text() }).optional(),
        /** Addresses of people whom it names. */
        mentions: z.array(z.string()).optional(),
      })
      .optional(),
    /** The ad or post that brought the customer. */
    referral: z
      .object({
        sourceUrl: text(),
        sourceId: text(),
        sourceType: text(),
        headline: text(),
        body: text(),
        mediaType: text(),
        imageUrl: text(),
        videoUrl: text(),
        thumbnailUrl: text(),
        /** The click's id. */
        ctwaClid: text(),
        welcomeText: text(),
      })
      .optional(),
    system: z
      .object({
        kind: text(),
        /** The new one. */
        waId: text(),
        previousWaId: text(),
        userId: text(),
        parentUserId: text(),
        previousUserId: text(),
        previousParentUserId: text(),
      })
      .optional(),
    /** The key of the sender's device. */
    identity: z.object({ acknowledged: flag(), createdAt: isoTime().optional(), hash: text() }).optional(),
    /** This message says what became of an earlier one. It is applied to that one. */
    change: z
      .object({
        kind: z.enum(['edited', 'deleted']),
        providerMessageId: z.string(),
        /** Who made it, as conversation keeps it of the event's sender: in a group, who spoke. */
        by: z.object({ waId: text(), phone: text(), userId: text() }).optional(),
        /** Its provider did not tell who made it: the customer, or either side. */
        untold: z.enum(['customer', 'either']).optional(),
        /** Only phones can read the new words. */
        unreadable: flag(),
      })
      .optional(),
    /** Its writer changed it, the last time at `at`; a deleted one has no words any more. */
    changed: z
      .object({
        kind: z.enum(['edited', 'deleted']),
        at: isoTime(),
        unreadable: flag().describe('The words are those before the edit: only phones can read the new ones'),
      })
      .optional(),
    /** The reactions that it has now, one of each person: threads know them, events do not. */
    reactions: z.array(z.object({ emoji: z.string(), by: z.enum(['contact', 'us']), at: isoTime() })).optional(),
    /** The chat of many in which it was written, and by whom. */
    group: z
      .object({
        id: z.string(),
        name: text(),
        from: z.object({ name: text(), phone: text(), waId: text(), userId: text() }).optional(),
        /** The channel lets the AI answer there. */
        answeredByAi: flag(),
      })
      .optional(),
    /** A call instead of words. */
    call: z
      .object({ id: text(), missed: z.boolean(), byUs: flag(), video: flag(), seconds: number(), answer: text() })
      .optional(),
    /** A kind that this version does not know. `metadata` has all of it. */
    unsupported: z.object({ kind: text() }).optional(),
    errors: z.array(providerError).optional(),
    /** Fields that this version does not know, where they stood. */
    raw: raw().optional(),
  })
  .meta({ id: 'MessageDetails' });
export type MessageDetails = z.infer<typeof messageDetails>;

/**
 * Whether a message stands beside the others: a reaction or a notice of the provider. It opens no
 * chat and no reply window, is not unread, and is not the last message of a list. A call is one.
 */
export const standsBeside = (message: { type: string; details?: MessageDetails | null | undefined }): boolean =>
  message.type === 'reaction' || (message.type === 'system' && !message.details?.call);

/** The details that people see: what no version understood yet is for programs alone. */
export const shownDetails = messageDetails.omit({ raw: true });

/** What a status tells besides itself. */
export const statusDetails = z
  .object({
    pricing: z.object({ billable: flag(), model: text(), type: text(), category: text() }).optional(),
    /** The provider's conversation, by which it may bill. */
    conversation: z.object({ id: text(), origin: text(), expiresAt: isoTime().optional() }).optional(),
    /** The customer listened to a voice message: more than read. */
    played: flag(),
    /** In a group, whose receipt it is. */
    participant: z.object({ waId: text(), userId: text() }).optional(),
    errors: z.array(providerError).optional(),
    raw: raw().optional(),
  })
  .meta({ id: 'StatusDetails' });
export type StatusDetails = z.infer<typeof statusDetails>;
