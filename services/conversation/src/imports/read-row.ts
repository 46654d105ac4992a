import { CUSTOM_FIELD, conversationApi, FIELD_CODES, type ImportError, type ImportField } from '@recado/contracts';
import { fieldErrors } from '@recado/service-kit';
import { type Country, namesCountry, readPhone } from '@recado/service-kit/phone';
import type { UpsertRow } from '../contacts/upsert.ts';
import { customFieldErrors, type FieldDefinition } from '../custom-fields/rules.ts';
import { readBoolean, readDate, readLeadStatus, readNumber, readTags, readTyped, UnreadableCell } from './values.ts';

type Problem = Omit<ImportError, 'row'>;
export type ReadRow = { contact: UpsertRow } | { errors: Problem[] };

export interface RowContext {
  /** Which field each column fills. */
  mapping: readonly (string | null)[];
  /** In which phones without a country code are read. */
  country: Country | null;
  timezone: string;
  /** The tenant's own fields that have a type, by their keys. */
  fields: ReadonlyMap<string, FieldDefinition>;
}

const contract = conversationApi.createContact.body;

/** A row as a contact, or everything that is wrong with it. An empty cell changes nothing. */
export function readRow(cells: readonly string[], context: RowContext): ReadRow {
  const errors: Problem[] = [];
  const given: Record<string, unknown> = {};
  const custom: Record<string, unknown> = {};
  for (const [column, field] of context.mapping.entries()) {
    const cell = withoutEscape(cells[column] ?? '');
    if (field === null || cell === '') continue;
    if (field.startsWith(CUSTOM_FIELD)) {
      const key = field.slice(CUSTOM_FIELD.length);
      custom[key] = readCustom(key, cell, context, errors);
    } else if (field === 'phone') given.phone = phoneOf(cell, context.country, errors);
    else given[field] = readValue(field as ImportField, cell, context, errors);
  }
  if (Object.keys(custom).length > 0) given.customFields = custom;
  const parsed = contract.safeParse(given);
  if (parsed.success && errors.length === 0) return { contact: parsed.data };
  const known = new Set(errors.map(({ field }) => field));
  for (const { field, code = 'invalid_value', params } of parsed.success ? [] : fieldErrors(parsed.error, given)) {
    // A value that could not be read is missing too.
    if (!known.has(field)) errors.push({ field, ...wordedBy(code, params) });
    known.add(field);
  }
  return { errors };
}

/** What a sentence of the error is made of: the pattern of a format is no part of it. */
function wordedBy(code: string, params: Record<string, unknown> = {}): Pick<Problem, 'code' | 'params'> {
  const { format } = params;
  if (code === 'invalid_format' && typeof format === 'string' && Object.hasOwn(FIELD_CODES, format)) {
    return { code: format, params: null };
  }
  return { code, params: Object.keys(params).length > 0 ? params : null };
}

/** Undoes what an export does to a cell that a spreadsheet would run. */
const withoutEscape = (cell: string): string => (/^'[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell);

function phoneOf(cell: string, country: Country | null, errors: Problem[]): string | undefined {
  const { phone } = readPhone(cell, country);
  if (phone !== null) return phone;
  const isLocal = country !== null && /^[\d\s().+-]+$/.test(cell) && !namesCountry(cell);
  errors.push({ field: 'phone', code: isLocal ? 'phone_country' : 'phone', params: null });
  return undefined;
}

/** A cell as its field's type wants it; one without a definition holds any text. */
function readCustom(key: string, cell: string, { fields, timezone }: RowContext, errors: Problem[]): unknown {
  const definition = fields.get(key);
  if (!definition) return cell;
  const field = CUSTOM_FIELD + key;
  try {
    const value = readTyped(definition, cell, timezone);
    const [wrong] = customFieldErrors([definition], { [key]: value });
    if (!wrong) return value;
    errors.push({ field, code: wrong.code ?? 'invalid_value', params: wrong.params ?? null });
  } catch (error) {
    if (!(error instanceof UnreadableCell)) throw error;
    errors.push({ field, code: error.code, params: error.code === 'invalid_type' ? { expected: 'boolean' } : null });
  }
  return undefined;
}

function readValue(field: ImportField, cell: string, { timezone }: RowContext, errors: Problem[]): unknown {
  try {
    switch (field) {
      case 'tags':
        return readTags(cell);
      case 'leadStatus':
        return readLeadStatus(cell);
      case 'leadScore':
      case 'ltv':
      case 'totalPurchases':
        return readNumber(cell);
      case 'lastPurchaseAt':
        return readDate(cell, timezone);
      case 'optIn':
        return readBoolean(cell);
      default:
        return cell;
    }
  } catch (error) {
    if (!(error instanceof UnreadableCell)) throw error;
    const params = error.code === 'invalid_type' ? { expected: 'boolean' } : null;
    errors.push({ field, code: error.code, params });
    return undefined;
  }
}
