import { AppError } from '@recado/service-kit';
import { InvalidRequest } from '../../edge/validation.ts';
import { findSentence, type Language } from '../../languages/language.ts';

/**
 * The `error` of a dialect: a sentence for people, the code, and which of the client's events it
 * answers.
 */
export function sayError(texts: Language) {
  return (error: unknown, event: string | null): Record<string, unknown> => {
    const { code, entity } = error instanceof AppError ? error : new AppError('internal', 'Internal error');
    const missing = code === 'not_found' ? findSentence(texts.notFound, entity) : undefined;
    const message = missing ?? texts.errors[code];
    const details = error instanceof InvalidRequest ? { details: error.details } : {};
    return { message, code, event, ...details };
  };
}
