import type { MessageDetails } from '@recado/contracts';
import { addressIn, isObject, type Json, numberOfJson, objectOf, textOf } from '../web-message.ts';
import { readContent } from './content.ts';
import { bareId } from './ids.ts';

/** More often than this WhatsApp calls a message "forwarded many times". */
const OFTEN = 4;

/** Quote, forwarding, people named and the ad. */
export function readContext(event: Json): Pick<MessageDetails, 'context' | 'referral'> {
  const [context, referral] = [contextOf(event), referralOf(event)];
  return { ...(context && { context }), ...(referral && { referral }) };
}

function contextOf(event: Json): MessageDetails['context'] {
  const quotedId = bareId(event.quotedStanzaID) ?? bareId(event.quotedMsgId);
  const forwarded = event.isForwarded === true;
  const named = (Array.isArray(event.mentionedJidList) ? event.mentionedJidList : []).flatMap(
    (one) => addressIn(one) ?? [],
  );
  if (quotedId === null && !forwarded && named.length === 0) return undefined;
  const often = event.isFrequentlyForwarded === true || (numberOfJson(event.forwardingScore) ?? 0) > OFTEN;
  return {
    ...(quotedId !== null && { quoted: quoteOf(quotedId, event) }),
    ...(forwarded && { forwarded }),
    ...(forwarded && often && { frequentlyForwarded: true }),
    ...(named.length > 0 && { mentions: named }),
  };
}

function quoteOf(providerMessageId: string, { quotedMsg, quotedMsgObj, quotedParticipant }: Json) {
  const quoted = [quotedMsg, quotedMsgObj].find(isObject) ?? {};
  const text = readContent(quoted, providerMessageId)?.content || undefined;
  return { providerMessageId, from: addressIn(quotedParticipant), text };
}

function referralOf({ ctwaContext }: Json): MessageDetails['referral'] {
  const ad = objectOf(ctwaContext);
  if (!(textOf(ad.sourceUrl) ?? textOf(ad.sourceId))) return undefined;
  return {
    sourceUrl: textOf(ad.sourceUrl),
    sourceId: textOf(ad.sourceId),
    headline: textOf(ad.title),
    body: textOf(ad.description),
    imageUrl: textOf(ad.originalImageUrl),
    videoUrl: textOf(ad.mediaUrl),
    thumbnailUrl: textOf(ad.thumbnailUrl),
    welcomeText: textOf(ad.greetingMessageBody),
  };
}
