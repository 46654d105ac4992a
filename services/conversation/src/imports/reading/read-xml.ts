import { SaxesParser } from 'saxes';
import { type Limits, refuseFile } from './limits.ts';

export interface XmlHandlers {
  open(name: string, attributes: Record<string, string>): void;
  close?(name: string): void;
  text?(text: string): void;
}

type Parser = SaxesParser<{ xmlns: false; position: false }>;

/**
 * Feeds a part of a workbook to handlers. They may fill a list of their own, which is given out
 * between two pieces. No entities are defined and nothing is fetched: a DOCTYPE is refused.
 */
export async function* readXml<T>(
  chunks: AsyncIterable<Buffer>,
  handlers: XmlHandlers,
  found: T[],
  { rowBytes }: Limits,
): AsyncGenerator<T> {
  // The parser keeps what it reads until a tag ends: a text, a comment, all attributes.
  const kept = { length: 0 };
  const parser = parserOf(handlers, () => {
    kept.length = 0;
  });
  const decoder = new TextDecoder('utf-8');
  for await (const chunk of chunks) {
    const text = decoder.decode(chunk, { stream: true });
    kept.length += text.length;
    parser.write(text);
    if (kept.length > rowBytes) refuseFile('import_row_size');
    if (found.length === 0) continue;
    yield* found;
    found.length = 0;
  }
  parser.write(decoder.decode());
  parser.close();
  yield* found;
}

function parserOf({ open, close, text }: XmlHandlers, onTag: () => void): Parser {
  const parser: Parser = new SaxesParser({ xmlns: false, position: false });
  parser.on('doctype', () => refuseFile('import_damaged'));
  parser.on('opentag', ({ name, attributes }) => {
    onTag();
    open(localName(name), attributes);
  });
  parser.on('closetag', ({ name }) => {
    onTag();
    close?.(localName(name));
  });
  if (text) {
    parser.on('text', text);
    parser.on('cdata', text);
  }
  parser.on('error', () => refuseFile('import_damaged'));
  return parser;
}

/** Some programs write `x:row` for `row`. */
const localName = (name: string): string => name.slice(name.indexOf(':') + 1);
