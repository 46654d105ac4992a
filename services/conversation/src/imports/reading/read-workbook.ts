import { type FileRow, type Limits, refuseFile } from './limits.ts';
import { readSheet } from './read-sheet.ts';
import { readXml, type XmlHandlers } from './read-xml.ts';
import { createSharedTexts, type SharedTexts } from './shared-texts.ts';
import { openParts, type Parts } from './unpack.ts';

/** The rows of the first visible sheet of an XLSX file, one at a time. */
export async function* readWorkbook(path: string, limits: Limits): AsyncGenerator<FileRow> {
  const parts = await openParts(path, limits);
  try {
    const sheet = await findSheet(parts, limits);
    const shared = await readShared(parts, limits);
    const dates = await readDateStyles(parts, limits);
    yield* readSheet(parts.read(sheet.path), { shared, dates, since1904: sheet.since1904 }, limits);
  } finally {
    parts.close();
  }
}

/** Reads a part to its end. */
async function readPart(chunks: AsyncIterable<Buffer>, handlers: XmlHandlers, limits: Limits): Promise<void> {
  for await (const _ of readXml(chunks, handlers, [], limits));
}

async function findSheet(parts: Parts, limits: Limits): Promise<{ path: string; since1904: boolean }> {
  let [relation, since1904, target] = ['', false, ''];
  const workbook: XmlHandlers = {
    open(name, { state, date1904, ...rest }) {
      if (name === 'workbookPr') since1904 = date1904 === '1' || date1904 === 'true';
      if (name === 'sheet' && relation === '' && (state ?? 'visible') === 'visible') relation = rest['r:id'] ?? '';
    },
  };
  const relations: XmlHandlers = {
    open(name, { Id, Target = '' }) {
      if (name === 'Relationship' && Id === relation) target = Target;
    },
  };
  await readPart(parts.read('xl/workbook.xml'), workbook, limits);
  await readPart(parts.read('xl/_rels/workbook.xml.rels'), relations, limits);
  const path = target.startsWith('/') ? target.slice(1) : `xl/${target}`;
  // The name of a part only: nothing is read from a path.
  if (relation === '' || !parts.has(path)) refuseFile('import_damaged');
  return { path, since1904 };
}

/** Texts that cells name by their number. The readings of Asian letters (`rPh`) are left out. */
async function readShared(parts: Parts, limits: Limits): Promise<SharedTexts> {
  const texts = createSharedTexts();
  let [text, isText, isReading] = ['', false, false];
  const handlers: XmlHandlers = {
    open(name) {
      if (name === 'si') text = '';
      else if (name === 'rPh') isReading = true;
      isText = name === 't' && !isReading;
    },
    close(name) {
      if (name === 'si') texts.add(text);
      else if (name === 'rPh') isReading = false;
      isText = false;
    },
    text(piece) {
      if (isText) text += piece;
    },
  };
  const part = 'xl/sharedStrings.xml';
  if (parts.has(part)) await readPart(atMost(parts.read(part), limits.sharedBytes), handlers, limits);
  return texts;
}

async function* atMost(chunks: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > maxBytes) refuseFile('import_unpacked');
    yield chunk;
  }
}

/** Numbers of the built-in formats that show a day or a time. */
const isBuiltInDate = (id: number) => (id >= 14 && id <= 22) || (id >= 45 && id <= 47);
const isDateCode = (code: string) => /[dy]/i.test(code.replace(/"[^"]*"|\[[^\]]*\]|\\./g, ''));

/** Which styles of cells show a number as a day. */
async function readDateStyles(parts: Parts, limits: Limits): Promise<Set<number>> {
  const custom = new Set<number>();
  const dates = new Set<number>();
  let [inCells, style] = [false, 0];
  const handlers: XmlHandlers = {
    open(name, { numFmtId, formatCode = '' }) {
      if (name === 'numFmt' && isDateCode(formatCode)) custom.add(Number(numFmtId));
      if (name === 'cellXfs') inCells = true;
      if (name !== 'xf' || !inCells) return;
      const format = Number(numFmtId);
      if (isBuiltInDate(format) || custom.has(format)) dates.add(style);
      style++;
    },
    close(name) {
      if (name === 'cellXfs') inCells = false;
    },
  };
  const part = 'xl/styles.xml';
  if (parts.has(part)) await readPart(parts.read(part), handlers, limits);
  return dates;
}
