import { FIELD_CODES } from '@recado/contracts';
import { type AppError, Conflict, Unavailable, Unprocessable, ValidationFailed } from '@recado/service-kit';
import { findError, readableError } from '../../providers/errors.ts';
import type { Outcome, Provider } from '../../providers/provider.ts';

/** The channel's provider knows no templates. */
export const withoutTemplates = () =>
  new ValidationFailed([
    { field: 'channelId', code: 'template_unsupported', message: FIELD_CODES.template_unsupported },
  ]);

/** Every way in which a call about a template may fail. */
export type Failure = Exclude<Outcome<unknown>, { kind: 'ok' }>;

/**
 * How a failed call is answered: by the field that is wrong (`about`, when the refusal names none),
 * or as a provider not reached.
 */
export function toAppError(provider: Provider, failure: Failure, about = 'components'): AppError {
  if (failure.kind === 'denied') return new Unavailable(provider.name, { httpStatus: failure.httpStatus });
  if (failure.kind !== 'refused') return new Unavailable(provider.name, { reason: failure.reason });
  const { refusal } = failure;
  const { message } = readableError(provider.errors, refusal.code, refusal.said);
  const kind = findError(provider.errors, refusal.code)?.kind ?? refusal.otherwise;
  if (kind === 'retry' || kind === 'throttled') return new Unavailable(provider.name, refusal);
  if (kind === 'credentials' || kind === 'stop') return new Unprocessable('channel_not_connected', message);
  const problem = provider.templates?.problemOf(refusal) ?? null;
  if (problem === 'taken') return new Conflict(message, 'template');
  const { field, code } = problem ?? { field: about, code: 'template_refused' as const };
  return new ValidationFailed([{ field, code, message, params: { said: refusal.said } }]);
}

/** What the provider said, for the row that is read later. */
export function describeFailure(provider: Provider, failure: Failure): string {
  if (failure.kind === 'refused') {
    return readableError(provider.errors, failure.refusal.code, failure.refusal.said).message;
  }
  return failure.kind === 'denied' ? `HTTP ${failure.httpStatus}` : failure.reason;
}
