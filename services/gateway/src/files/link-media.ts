import type { FileVariant, Message, MessageDetails } from '@recado/contracts';
import type { CallContext } from '@recado/service-kit';
import type { RealtimeEvent } from '../realtime/types.ts';
import type { MediaLinks } from './links.ts';

type Shown = Pick<Message, 'details'>;

/** The details of a message with links to its file, once that is here. */
export function linkDetails<D extends MessageDetails | null | undefined>(
  details: D,
  tenantId: string,
  links: MediaLinks,
): D {
  const media = details?.media;
  if (!media?.fileId || media.state !== 'ready') return details;
  const { fileId, fileName, thumbnail, playback } = media;
  const name = fileName ?? fileId;
  const linkOf = (variant: FileVariant) => links.make({ tenantId, fileId, variant }, name);
  const linked = {
    ...media,
    link: linkOf('original'),
    ...(thumbnail && { thumbnailLink: linkOf('thumbnail') }),
    ...(playback && { playbackLink: linkOf('playback') }),
  };
  return { ...details, media: linked };
}

/** An event with links in the message that it shows. */
export function linkEvent(event: RealtimeEvent, links: MediaLinks): RealtimeEvent {
  const { tenantId } = event;
  if (event.name === 'message.created') {
    const { message } = event.data;
    if (!message.details?.media) return event;
    const linked = { ...message, details: linkDetails(message.details, tenantId, links) };
    return { ...event, data: { ...event.data, message: linked } };
  }
  if (event.name !== 'message.updated' || !event.data.change?.details?.media) return event;
  const { change } = event.data;
  const linked = { ...change, details: linkDetails(change.details, tenantId, links) };
  return { ...event, data: { ...event.data, change: linked } };
}

type Calls = Record<string, unknown>;
type Call = (input: never, context?: CallContext) => Promise<unknown>;

/** A client whose answers have links in their messages: `message`, or those of `items`. */
export function linkAnswers<C extends object>(client: C, links: MediaLinks): C {
  const linked = Object.entries(client as Calls).map(([name, call]) => [
    name,
    name === 'close'
      ? call
      : async (input: never, context?: CallContext) =>
          linkAnswer(await (call as Call)(input, context), context?.caller?.tenantId ?? '', links),
  ]);
  return Object.fromEntries(linked) as C;
}

function linkAnswer(answer: unknown, tenantId: string, links: MediaLinks): unknown {
  const { message, items } = (answer ?? {}) as { message?: Shown; items?: Shown[] };
  const withLinks = (one: Shown) =>
    one.details?.media ? { ...one, details: linkDetails(one.details, tenantId, links) } : one;
  if (typeof message === 'object') return { ...(answer as object), message: withLinks(message) };
  if (!items?.some(({ details }) => details?.media)) return answer;
  return { ...(answer as object), items: items.map(withLinks) };
}
