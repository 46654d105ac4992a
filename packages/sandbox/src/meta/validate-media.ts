import { type Fields, invalid, mayBoolean, mayText, missing, needFields } from './fields.ts';

/** Tells whether an id was uploaded for the number. */
export type HasMedia = (id: string) => boolean;
export type MediaType = 'audio' | 'document' | 'image' | 'sticker' | 'video';

export const mediaTypes: ReadonlySet<string> = new Set<MediaType>(['audio', 'document', 'image', 'sticker', 'video']);
const CAPTIONED: ReadonlySet<MediaType> = new Set(['document', 'image', 'video']);

/** Checks a file of a message, or of a header, which has no caption. Returns the caption. */
export function checkMediaObject(
  type: MediaType,
  name: string,
  given: unknown,
  hasMedia: HasMedia,
  { caption: mayCaption = true } = {},
): string | null {
  const keys = [
    'id',
    'link',
    ...(mayCaption && CAPTIONED.has(type) ? ['caption'] : []),
    ...(type === 'document' ? ['filename'] : []),
    ...(type === 'audio' ? ['voice'] : []),
  ];
  const media: Fields = needFields(given, name, keys);
  const { id, link } = media;
  if (id === undefined && link === undefined) throw missing(`Either id or link must be present in ${name}.`);
  if (id !== undefined && link !== undefined) throw invalid(`Only one of id and link may be present in ${name}.`);
  if (id !== undefined && (typeof id !== 'string' || !hasMedia(id))) {
    throw invalid(`Param ${name}['id'] is not a valid whatsapp business account media attachment ID`);
  }
  if (link !== undefined && (typeof link !== 'string' || !URL.canParse(link) || !/^https?:/i.test(link))) {
    throw invalid(`Param ${name}['link'] is not a valid URI.`);
  }
  if (type === 'document') mayText(media.filename, `${name}['filename']`, 240);
  mayBoolean(media.voice, `${name}['voice']`);
  return mayText(media.caption, `${name}['caption']`, 1024);
}
