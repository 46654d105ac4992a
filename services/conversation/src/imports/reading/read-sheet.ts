import { cleanText, type FileRow, type Limits, refuseFile } from './limits.ts';
import { readXml } from './read-xml.ts';
import type { SharedTexts } from './shared-texts.ts';

export interface SheetContext {
  shared: SharedTexts;
  /** Styles that show a number as a day. */
  dates: ReadonlySet<number>;
  since1904: boolean;
}

/** Excel's own limit. */
const LAST_ROW = 1_048_576;

/** Rows of one sheet. A formula counts as the value that the spreadsheet last had for it. */
export function readSheet(
  chunks: AsyncIterable<Buffer>,
  context: SheetContext,
  limits: Limits,
): AsyncGenerator<FileRow> {
  const found: FileRow[] = [];
  const now = { row: 0, column: 0, type: '', style: 0, value: '', isValue: false, bytes: 0, cells: [] as string[] };
  return readXml(
    chunks,
    {
      open(name, attributes) {
        if (name === 'row') {
          const given = Number(attributes.r);
          Object.assign(now, { row: given > now.row && given <= LAST_ROW ? given : now.row + 1, column: -1, bytes: 0 });
          now.cells = [];
        } else if (name === 'c') {
          now.column = attributes.r ? columnOf(attributes.r) : now.column + 1;
          now.type = attributes.t ?? 'n';
          now.style = Number(attributes.s ?? 0);
          now.value = '';
        } else now.isValue = name === 'v' || name === 't';
      },
      text(text) {
        if (!now.isValue) return;
        now.bytes += text.length;
        if (now.bytes > limits.rowBytes) refuseFile('import_row_size');
        now.value += text;
      },
      close(name) {
        now.isValue = false;
        if (name === 'c') {
          if (now.value === '') return;
          if (now.column >= limits.columns || now.column < 0) refuseFile('import_columns', { maximum: limits.columns });
          const text = cleanText(textOf(now, context));
          now.bytes += now.type === 's' ? text.length : 0;
          if (now.bytes > limits.rowBytes) refuseFile('import_row_size');
          while (now.cells.length < now.column) now.cells.push('');
          now.cells[now.column] = text;
        } else if (name === 'row' && now.cells.some((cell) => cell !== '')) {
          found.push({ row: now.row, cells: now.cells });
        }
      },
    },
    found,
    limits,
  );
}

/** `AB12` is column 27. */
function columnOf(reference: string): number {
  let column = 0;
  for (const letter of reference) {
    const digit = letter.charCodeAt(0) - 64;
    if (digit < 1 || digit > 26) break;
    column = column * 26 + digit;
    if (column > 100_000) break;
  }
  return column - 1;
}

function textOf({ type, style, value }: { type: string; style: number; value: string }, context: SheetContext): string {
  switch (type) {
    case 's':
      return context.shared.at(Number(value));
    case 'b':
      return value === '1' ? 'true' : 'false';
    // An error, such as #N/A, is no value.
    case 'e':
      return '';
    case 'n':
      return numberOf(value, context.dates.has(style), context.since1904);
    default:
      return value;
  }
}

const DAY_MS = 86_400_000;

/** A phone in a cell of numbers is `5.1999888777E10` in the file. */
function numberOf(value: string, isDate: boolean, since1904: boolean): string {
  const number = Number(value);
  if (!Number.isFinite(number)) return value;
  if (!isDate) return Number.isSafeInteger(number) ? String(number) : value;
  const days = number + (since1904 ? 1462 : 0);
  const ms = Math.round((days - 25_569) * DAY_MS);
  if (days < 1 || days > 2_958_466) return value;
  const iso = new Date(ms).toISOString();
  return Number.isInteger(days) ? iso.slice(0, 10) : iso;
}
