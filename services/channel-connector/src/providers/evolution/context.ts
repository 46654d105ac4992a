import type { MessageDetails } from '@recado/contracts';
import { isObject, type Json, messageId, numberOfJson, objectOf, textOf } from '../web-message.ts';
import { readContent } from './content.ts';
import type { Unwrapped } from './unwrap.ts';

/** More often than this WhatsApp calls a message "forwarded many times". */
const OFTEN = 4;

/** Where Evolution puts it or WhatsApp does. */
export function contextInfoOf(data: Json, { part, message }: Unwrapped): Json {
  return [data.contextInfo, part.contextInfo, message.contextInfo].find(isObject) ?? {};
}

/** Quote, forwarding, people named and the ad. */
export function readContext(info: Json): Pick<MessageDetails, 'context' | 'referral'> {
  const [context, referral] = [contextOf(info), referralOf(info)];
  return { ...(context && { context }), ...(referral && { referral }) };
}

function contextOf(info: Json): MessageDetails['context'] {
  const quotedId = messageId(info.stanzaId);
  const forwarded = info.isForwarded === true;
  const named = Array.isArray(info.mentionedJid) ? info.mentionedJid.filter((one) => typeof one === 'string') : [];
  if (quotedId === null && !forwarded && named.length === 0) return undefined;
  return {
    ...(quotedId !== null && { quoted: quoteOf(quotedId, info) }),
    ...(forwarded && { forwarded }),
    ...(forwarded && (numberOfJson(info.forwardingScore) ?? 0) > OFTEN && { frequentlyForwarded: true }),
    ...(named.length > 0 && { mentions: named }),
  };
}

function quoteOf(providerMessageId: string, info: Json) {
  const text = readContent(objectOf(info.quotedMessage), providerMessageId)?.content || undefined;
  return { providerMessageId, from: textOf(info.participant), text };
}

function referralOf({ externalAdReply }: Json): MessageDetails['referral'] {
  const ad = objectOf(externalAdReply);
  if (!(textOf(ad.sourceUrl) ?? textOf(ad.sourceId) ?? textOf(ad.ctwaClid))) return undefined;
  return {
    sourceUrl: textOf(ad.sourceUrl),
    sourceId: textOf(ad.sourceId),
    sourceType: textOf(ad.sourceType),
    headline: textOf(ad.title),
    body: textOf(ad.body),
    imageUrl: textOf(ad.originalImageUrl),
    thumbnailUrl: textOf(ad.thumbnailUrl),
    ctwaClid: textOf(ad.ctwaClid),
    welcomeText: textOf(ad.greetingMessageBody),
  };
}
