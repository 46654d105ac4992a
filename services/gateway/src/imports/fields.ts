import { CUSTOM_FIELD, IMPORT_FIELDS } from '@recado/contracts';

const OWN_FIELD = 'custom_fields.';
const snakeCase = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const FIELD_OF = new Map(IMPORT_FIELDS.map((field) => [snakeCase(field), field]));

/** A field of a contact as forms call it: `first_name`. Keys of the tenant stay as they are. */
export const importFieldName = (field: string): string =>
  field.startsWith(CUSTOM_FIELD) ? OWN_FIELD + field.slice(CUSTOM_FIELD.length) : snakeCase(field);

/** The other way. What is no field stays, and conversation refuses it. */
const importFieldOf = (name: string): string =>
  name.startsWith(OWN_FIELD) ? CUSTOM_FIELD + name.slice(OWN_FIELD.length) : (FIELD_OF.get(name) ?? name);

/** Header → field, as conversation knows it. */
export const mappingOf = (given: Record<string, string | null> | undefined) =>
  given &&
  Object.fromEntries(
    Object.entries(given).map(([header, name]) => [header, name === null ? null : importFieldOf(name)]),
  );
