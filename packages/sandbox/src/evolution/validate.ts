import { badRequest } from './errors.ts';

export type Body = Record<string, unknown>;

export const isBody = (value: unknown): value is Body =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

type Type = 'string' | 'number' | 'boolean' | 'array' | 'object';
interface Field {
  type: Type;
  required?: true;
  /** Evolution's own sentence for a wrong value. */
  description?: string;
  oneOf?: readonly string[];
}
export type Shape = Record<string, Field>;

const typeOf = (value: unknown): string => (Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value);

/** Refuses with every fault at once, in the words of Evolution's JSON schema library. */
export function checkBody(body: unknown, shape: Shape): Body {
  const fields = isBody(body) ? body : {};
  const faults: string[] = [];
  for (const [name, { required, type, description, oneOf }] of Object.entries(shape)) {
    const value = fields[name];
    if (value === undefined) {
      if (required) faults.push(`instance requires property "${name}"`);
    } else if (typeOf(value) !== type) faults.push(description ?? `${name} is not of a type(s) ${type}`);
    else if (oneOf && !oneOf.includes(String(value)))
      faults.push(description ?? `${name} is not one of enum values: ${oneOf.join(',')}`);
  }
  if (faults.length > 0) throw badRequest(...[faults]);
  return fields;
}

export const text = (value: unknown): string => (typeof value === 'string' ? value : '');

// Without groups: a file of 100 MB must not fill the stack.
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

export const isBase64 = (value: string): boolean => value !== '' && value.length % 4 === 0 && BASE64.test(value);
export const isUrl = (value: string): boolean => /^https?:\/\/[^\s/]+\.[^\s]+/.test(value);
