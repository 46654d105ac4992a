import { readChannelReason } from '@recado/contracts';
import { fillSentence, type Language } from './language.ts';

/** A number's reason in the edition's words. A provider's own words stay as they are. */
export function reasonOf<T extends string | null | undefined>(texts: Pick<Language, 'reasons'>, text: T): T | string {
  const read = text ? readChannelReason(text) : null;
  if (!read) return text;
  const sentence = fillSentence(texts.reasons[read.reason], read.values);
  return read.said ? `${sentence} (${read.said})` : sentence;
}
