import { GraphError } from './errors.ts';

export type Fields = Record<string, unknown>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function invalid(message: string): GraphError {
  return new GraphError(100, { message: `(#100) ${message}`, details: message });
}
export const missing = (details: string): GraphError => new GraphError(131008, { details });
export const badValue = (details: string): GraphError => new GraphError(131009, { details });

/** A text that must be there and not be longer than `max` characters. */
export function needText(value: unknown, name: string, max: number): string {
  if (value === undefined || value === null || value === '') throw missing(`The parameter ${name} is required.`);
  if (typeof value !== 'string') throw invalid(`Param ${name} must be a string.`);
  if (value.length > max) throw invalid(`Param ${name} must be at most ${max} characters long.`);
  return value;
}

/** A text that may be left out. */
export const mayText = (value: unknown, name: string, max: number): string | null =>
  value === undefined || value === null ? null : needText(value, name, max);
