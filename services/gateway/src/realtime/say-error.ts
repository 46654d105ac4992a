import { AppError } from '@recado/service-kit';
import type { Language } from '../languages/language.ts';

/**
 * The `error` of a dialect: a sentence for people, the code, and which of the client's events it
 * answers.
 */
export function sayError(language: Language) {
  return (error: unknown, event: string | null): Record<string, unknown> => {
    const { code, entity } = error instanceof AppError ? error : new AppError('internal', 'Internal error');
    const message = (code === 'not_found' && entity && language.notFound[entity]) || language.errors[code];
    return { message, code, event };
  };
}
