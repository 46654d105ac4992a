import type { CustomFieldType, FieldError } from '@recado/contracts';

export interface FieldDefinition {
  key: string;
  type: CustomFieldType;
  options: readonly string[];
}

/** What is wrong with values of defined fields; a field without a definition takes anything. */
export function customFieldErrors(
  definitions: readonly FieldDefinition[],
  given: Readonly<Record<string, unknown>>,
): FieldError[] {
  const byKey = new Map(definitions.map((one) => [one.key, one]));
  return Object.entries(given).flatMap(([key, value]) => {
    const definition = byKey.get(key);
    const wrong = definition === undefined || value === null ? null : wrongOf(definition, value);
    return wrong ? [{ field: `customFields.${key}`, ...wrong }] : [];
  });
}

function wrongOf({ type, options }: FieldDefinition, value: unknown): Omit<FieldError, 'field'> | null {
  switch (type) {
    case 'text':
      return typeof value === 'string' ? null : notA('string');
    case 'number':
      return typeof value === 'number' ? null : notA('number');
    case 'boolean':
      return typeof value === 'boolean' ? null : notA('boolean');
    case 'date':
      return typeof value === 'string' && isDay(value) ? null : { message: 'Not a day of the calendar', code: 'date' };
    case 'option':
      return typeof value === 'string' && options.includes(value)
        ? null
        : { message: `One of: ${options.join(', ')}`, code: 'invalid_value', params: { values: [...options] } };
  }
}

const notA = (expected: string): Omit<FieldError, 'field'> => ({
  message: `Expected ${expected}`,
  code: 'invalid_type',
  params: { expected },
});

/** `2026-02-30` is none. */
function isDay(value: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  const day = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(value);
}
