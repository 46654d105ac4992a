import type { CustomFieldType, LeadStatus } from '@recado/contracts';
import { DateTime } from 'luxon';

/** A cell that cannot be read as its field wants it. */
export class UnreadableCell extends Error {
  readonly code: 'import_number' | 'date' | 'invalid_type';
  constructor(code: UnreadableCell['code']) {
    super(code);
    this.code = code;
  }
}

/** `1.234,56`, `1,234.56`, `$ 1200`, `1 200,5`: what stands last is the decimal sign. */
export function readNumber(cell: string): number {
  const bare = cell.replace(/^[^\d-]+/, '').replace(/[\s%]/g, '');
  const last = Math.max(bare.lastIndexOf(','), bare.lastIndexOf('.'));
  const sign = last < 0 ? '' : bare[last]!;
  const isGroup = sign !== '' && (bare.split(sign).length > 2 || isLoneThousand(bare, last));
  const plain =
    last < 0 || isGroup
      ? bare.replace(/[.,]/g, '')
      : `${bare.slice(0, last).replace(/[.,]/g, '')}.${bare.slice(last + 1)}`;
  if (!/^-?\d{1,15}(?:\.\d*)?$/.test(plain)) throw new UnreadableCell('import_number');
  return Number(plain);
}

/** `1.200` is twelve hundred in Latin America; `0.125` is not. */
const isLoneThousand = (bare: string, last: number): boolean =>
  /^-?[1-9]\d{0,2}[.,]\d{3}$/.test(bare) && bare.length - last === 4;

/** A day or a time, as ISO or with the day first. A day alone begins in the tenant's zone. */
export function readDate(cell: string, zone: string): string {
  const iso = DateTime.fromISO(cell, { zone });
  const read = iso.isValid
    ? iso
    : (['d/M/yyyy', 'd-M-yyyy', 'd.M.yyyy', 'd/M/yy', 'yyyy/M/d', 'd/M/yyyy H:mm', 'd/M/yyyy H:mm:ss']
        .map((format) => DateTime.fromFormat(cell, format, { zone }))
        .find((time) => time.isValid) ?? null);
  if (!read || read.year < 1900 || read.year > 2200) throw new UnreadableCell('date');
  return read.toUTC().toISO()!;
}

const STATUSES: Record<LeadStatus, string> = {
  new: 'new nuevo nueva novo nova',
  contacted: 'contacted contactado contactada contatado contatada',
  qualified: 'qualified calificado calificada qualificado qualificada',
  proposal: 'proposal propuesta proposta negociacion negociacao',
  won: 'won ganado ganada ganho ganha cliente',
  lost: 'lost perdido perdida',
};
const STATUS_OF = new Map(
  Object.entries(STATUSES).flatMap(([status, words]) => words.split(' ').map((word) => [word, status])),
);

const plain = (cell: string): string => cell.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().trim();

/** In Spanish, Portuguese or English. Any other word stays, and the contract refuses it. */
export const readLeadStatus = (cell: string): string => STATUS_OF.get(plain(cell)) ?? cell;

export function readBoolean(cell: string): boolean {
  const word = plain(cell);
  if (['si', 'sim', 'yes', 'true', 'verdadero', 'verdadeiro', '1', 'x', 's', 'y'].includes(word)) return true;
  if (['no', 'nao', 'false', 'falso', '0', 'n'].includes(word)) return false;
  throw new UnreadableCell('invalid_type');
}

/** Several tags in one cell. */
export const readTags = (cell: string): string[] => [
  ...new Set(
    cell
      .split(/[;,|]/)
      .map((tag) => tag.trim())
      .filter(Boolean),
  ),
];

/** A cell as a custom field of this type holds it. Options are found in any case and accents. */
export function readTyped(
  { type, options }: { type: CustomFieldType; options: readonly string[] },
  cell: string,
  zone: string,
): string | number | boolean {
  switch (type) {
    case 'number':
      return readNumber(cell);
    case 'boolean':
      return readBoolean(cell);
    case 'date':
      return DateTime.fromISO(readDate(cell, zone), { zone }).toISODate()!;
    case 'option':
      return options.find((option) => plain(option) === plain(cell)) ?? cell;
    case 'text':
      return cell;
  }
}
