import { TooManyRequests, Unauthorized, ValidationFailed } from '@recado/service-kit';
import type { Checked } from './check.ts';

/**
 * The code why a check failed, as the audit log has it. @param wrongCode what a wrong code is
 * called there
 */
export const reasonOf = (checked: Checked, wrongCode: 'validation_failed' | 'invalid_credentials'): string | null => {
  if (checked.verdict === 'right') return null;
  return checked.verdict === 'locked' ? 'too_many_requests' : wrongCode;
};

/**
 * For a logged-in user.
 * @throws ValidationFailed on `code`, TooManyRequests
 */
export function refuseCode(checked: Checked): void {
  if (checked.verdict === 'locked') throw locked(checked.seconds);
  if (checked.verdict === 'wrong') {
    throw new ValidationFailed([{ field: 'code', message: 'Wrong code', code: 'wrong_code' }]);
  }
}

/**
 * For a log-in.
 * @throws Unauthorized `invalid_credentials`, TooManyRequests
 */
export function refuseLogin(checked: Checked): void {
  if (checked.verdict === 'locked') throw locked(checked.seconds);
  if (checked.verdict === 'wrong') throw new Unauthorized('Wrong code', 'invalid_credentials');
}

const locked = (seconds: number) => new TooManyRequests(seconds, 'Too many wrong codes');
