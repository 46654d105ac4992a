import type { FastifyInstance } from 'fastify';
import type { SandboxParts } from '../parts.ts';
import { GraphError } from './errors.ts';
import { type Fields, invalid } from './fields.ts';
import type { MetaNumber } from './numbers.ts';
import { registrationOf } from './verification.ts';

/** `POST /oauth/access_token`: the code of Embedded Signup for the number's token, once. */
export function signupRoutes(parts: SandboxParts, app: FastifyInstance): void {
  app.post('/:version(^v\\d+\\.\\d+$)/oauth/access_token', async (request) => {
    const { client_id: appId, client_secret: secret, code, grant_type: grant } = (request.body ?? {}) as Fields;
    if (typeof appId !== 'string' || appId === '') throw oauth('Missing client_id parameter.');
    if (grant !== 'authorization_code') throw oauth('Invalid grant_type parameter.');
    const number = parts.numbers.list().find((one) => one.signupCode && one.signupCode === code);
    if (!number) throw oauth('This authorization code has been used or has expired.');
    if (secret !== number.appSecret) throw oauth('Error validating client secret.', 1);
    parts.numbers.put({ ...number, signupCode: null });
    return { access_token: number.accessToken, token_type: 'bearer' };
  });
}

const oauth = (message: string, code = 100): GraphError => new GraphError(code, { status: 400, message });

/** `POST /:id/register` with the PIN of its two-step verification. */
export function registerNumber(parts: SandboxParts, number: MetaNumber, body: unknown): { success: true } {
  const { messaging_product: product, pin } = (body ?? {}) as Fields;
  if (product !== 'whatsapp') throw invalid('The parameter messaging_product is required.');
  if (typeof pin !== 'string' || !/^\d{6}$/.test(pin)) throw invalid('Param pin must be 6 characters long.');
  const known = registrationOf(number);
  if (known.status === 'NOT_VERIFIED') {
    throw new GraphError(133006, { details: 'Phone number needs to be verified before registering' });
  }
  if (number.registeredPin && number.registeredPin !== pin) {
    throw new GraphError(133005, { status: 400, details: 'Two-step verification PIN mismatch' });
  }
  parts.numbers.put({ ...number, registeredPin: pin, registration: { ...known, registered: true } });
  return { success: true };
}
