import type { MessageDetails } from '@recado/contracts';
import { findSentence, type Language } from './language.ts';

/** Details whose file says in an edition's words why it is not here. */
export function withMediaReason<D extends Pick<MessageDetails, 'media'>>(
  { mediaFailures }: Pick<Language, 'mediaFailures'>,
  details: D,
): D {
  const failure = details.media?.failure;
  const message = failure && findSentence(mediaFailures, failure.code);
  return message ? { ...details, media: { ...details.media, failure: { ...failure, message } } } : details;
}
