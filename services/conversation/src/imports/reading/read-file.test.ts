import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ValidationFailed } from '@recado/service-kit';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { ZipFile } from 'yazl';
import { type FileRow, LIMITS, type Limits } from './limits.ts';
import { readFile } from './read-file.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recado-read-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(bytes: Buffer | string, limits: Limits = LIMITS) {
  const path = join(folder, 'file');
  await writeFile(path, bytes);
  const { rows, ...about } = await readFile(path, limits);
  return { ...about, rows: await listOf(rows) };
}

async function listOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

const cellsOf = (rows: FileRow[]) => rows.map(({ cells }) => cells);

async function refusalOf(bytes: Buffer | string, limits?: Limits): Promise<unknown> {
  try {
    await read(bytes, limits);
  } catch (error) {
    if (error instanceof ValidationFailed) return error.details![0]!.code;
    throw error;
  }
  return null;
}

const utf16be = (text: string) => Buffer.from(text, 'utf16le').swap16();

describe('a CSV file', () => {
  test.each([
    ['UTF-8', Buffer.from('Teléfono,Año\n1,ñ\n'), 'utf-8'],
    ['UTF-8 with a mark', Buffer.from('\uFEFFTeléfono,Año\n1,ñ\n'), 'utf-8'],
    ['UTF-16', Buffer.from('\uFEFFTeléfono,Año\n1,ñ\n', 'utf16le'), 'utf-16le'],
    ['UTF-16 without a mark', Buffer.from('Teléfono,Año\n1,ñ\n', 'utf16le'), 'utf-16le'],
    ['UTF-16 of the other order', utf16be('\uFEFFTeléfono,Año\n1,ñ\n'), 'utf-16be'],
    ['Windows-1252', Buffer.from('Teléfono,Año\n1,ñ\n', 'latin1'), 'windows-1252'],
  ])('in %s is read', async (_, bytes, encoding) => {
    const { rows, ...about } = await read(bytes);
    expect(about).toEqual({ format: 'csv', encoding, separator: ',' });
    expect(cellsOf(rows)).toEqual([
      ['Teléfono', 'Año'],
      ['1', 'ñ'],
    ]);
  });

  it('whose last row alone is no UTF-8 is Windows-1252', async () => {
    const bytes = Buffer.concat([Buffer.from(`${'a'.repeat(40)},b\n`.repeat(2000)), Buffer.from('ñ,b\n', 'latin1')]);
    const { encoding, rows } = await read(bytes);
    expect([encoding, rows.at(-1)?.cells]).toEqual(['windows-1252', ['ñ', 'b']]);
  });

  test.each([
    ['semicolons', 'a;b\n"1;2",x\n', ';'],
    ['tabs', 'a\tb\n1,5\t2\n', '\t'],
    ['bars', 'a|b\n1|2\n', '|'],
    ['commas between decimals', 'a;b;c\n1,5;2,5;3,5\n', ';'],
    ['what Excel is told', 'sep=;\na;b,c,d\n1;2\n', ';'],
    ['nothing', 'phone\n1\n', ','],
  ])('is cut at %s', async (_, text, separator) => {
    expect((await read(text)).separator).toBe(separator);
  });

  it('has cells over lines, quotes in quotes, and rows by their number', async () => {
    const { rows } = await read('a,b\n"x\ny","say ""hi"""\n\n , \n3\n');
    expect(rows).toEqual([
      { row: 1, cells: ['a', 'b'] },
      { row: 2, cells: ['x\ny', 'say "hi"'] },
      { row: 5, cells: ['3'] },
    ]);
  });

  it('that never closes a quote, or has a row of megabytes, is refused', async () => {
    expect(await refusalOf(`a,b\n"x${',y\n'.repeat(200_000)}`)).toBe('import_row_size');
    expect(await refusalOf(`a,b\n${'x'.repeat(2_000_000)}\n`)).toBe('import_row_size');
    expect(await refusalOf(`${'a,'.repeat(1000)}\n`)).toBe('import_columns');
  });
});

const SHEET = '<worksheet><sheetData>';
const END = '</sheetData></worksheet>';

/** A workbook of one sheet. */
function workbook(parts: Record<string, string>): Promise<Buffer> {
  const zip = new ZipFile();
  const all = {
    'xl/workbook.xml':
      '<workbook xmlns:r="r"><sheets><sheet name="x" state="hidden" r:id="rId9"/><sheet name="a" r:id="rId1"/></sheets></workbook>',
    'xl/_rels/workbook.xml.rels':
      '<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>',
    ...parts,
  };
  for (const [name, text] of Object.entries(all)) zip.addBuffer(Buffer.from(text), name);
  zip.end();
  return listOf(zip.outputStream as AsyncIterable<Buffer>).then((chunks) => Buffer.concat(chunks));
}

const sheet = (rows: string, parts: Record<string, string> = {}) =>
  workbook({ 'xl/worksheets/sheet1.xml': `<?xml version="1.0"?>${SHEET}${rows}${END}`, ...parts });

describe('a workbook', () => {
  it('has texts, numbers, days and values of formulas', async () => {
    const bytes = await sheet(
      `<row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1" t="inlineStr"><is><t>Día</t></is></c></row>
       <row r="3"><c r="A3"><v>5.1999888777E10</v></c><c r="B3" t="str"><f>1+1</f><v>dos</v></c>
       <c r="C3" s="1"><v>45975</v></c><c r="D3" t="b"><v>1</v></c><c r="E3" t="e"><v>#N/A</v></c></row>`,
      {
        'xl/sharedStrings.xml': '<sst><si><r><t>Telé</t></r><r><t>fono</t></r><rPh><t>x</t></rPh></si></sst>',
        'xl/styles.xml': '<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>',
      },
    );
    const { rows, ...about } = await read(bytes);
    expect(about).toEqual({ format: 'xlsx', encoding: null, separator: null });
    expect(rows).toEqual([
      { row: 1, cells: ['Teléfono', '', 'Día'] },
      { row: 3, cells: ['51999888777', 'dos', '2025-11-14', 'true', ''] },
    ]);
  });

  it('that defines entities is refused: nothing is expanded or fetched', async () => {
    const bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>';
    const part = `${bomb}${SHEET}<row><c t="inlineStr"><is><t>&b;&c;</t></is></c></row>${END}`;
    expect(await refusalOf(await workbook({ 'xl/worksheets/sheet1.xml': part }))).toBe('import_damaged');
  });

  it('that is a bomb is refused before it fills the memory', async () => {
    const row = `<row><c t="inlineStr"><is><t>${' '.repeat(1000)}</t></is></c></row>`;
    expect(await refusalOf(await sheet(row.repeat(600)), { ...LIMITS, freeBytes: 100_000 })).toBe('import_unpacked');
    const small: Limits = { ...LIMITS, unpackedBytes: 1000 };
    expect(await refusalOf(await sheet(row), small)).toBe('import_unpacked');
  });

  test.each([
    ['a text', `<row><c t="inlineStr"><is><t>${'ab>'.repeat(200_000)}</t></is></c></row>`],
    ['a comment', `<!--${'<a>'.repeat(200_000)}-->`],
    ['attributes', `<row ${Array.from({ length: 50_000 }, (_, i) => `a${i}=">"`).join(' ')}/>`],
    [
      'many texts',
      `<row>${'<c t="inlineStr"><is><t>aaaaaaaaaa</t></is></c>'.repeat(50)}</row>`.replace(/a{10}/g, 'a'.repeat(9000)),
    ],
  ])('with %s of hundreds of kilobytes in a row is refused', async (_, rows) => {
    expect(await refusalOf(await sheet(rows), { ...LIMITS, ratio: 1e6 })).toBe('import_row_size');
  });

  it('with too many columns, or without its parts, is refused', async () => {
    expect(await refusalOf(await sheet('<row><c r="XFD1"><v>1</v></c></row>'))).toBe('import_columns');
    expect(await refusalOf(await workbook({}))).toBe('import_damaged');
    const out = '<Relationships><Relationship Id="rId1" Target="../../../etc/passwd"/></Relationships>';
    expect(await refusalOf(await workbook({ 'xl/_rels/workbook.xml.rels': out }))).toBe('import_damaged');
  });

  it('that is cut off or is no XML is refused', async () => {
    const whole = await sheet('<row><c><v>1</v></c></row>');
    expect(await refusalOf(whole.subarray(0, whole.length - 30))).toBe('import_damaged');
    expect(await refusalOf(await sheet('<row><c></row>'))).toBe('import_damaged');
  });
});
