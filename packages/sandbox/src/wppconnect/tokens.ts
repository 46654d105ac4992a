import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';

/** Looks like the bcrypt hash that WPPConnect gives: another one each time, all of them good. */
export function makeToken(secret: string, session: string, unique: string): string {
  const salt = createHash('sha256').update(unique).digest('hex').slice(0, 22);
  return `$2b$10$${salt}${proof(secret, session, salt)}`;
}

/** The session that the request may use, or what it is answered with 401. */
export function authorise(request: FastifyRequest, secret: string): { session: string } | { refusal: object } {
  const [session = '', inPath] = (request.params as { session: string }).session.split(':');
  const header = request.headers.authorization;
  const token = inPath ?? header?.split(' ')[1];
  if (!token) return { refusal: { message: 'Token is not present. Check your header and try again' } };
  const given = /^\$2b\$10\$([0-9a-f]{22})([0-9a-f]{31})$/.exec(token);
  const good = given ? proof(secret, session, given[1]!) : '';
  if (good === '' || !timingSafeEqual(Buffer.from(given![2]!), Buffer.from(good))) {
    return { refusal: { error: 'Check that the Session and Token are correct' } };
  }
  return { session };
}

const proof = (secret: string, session: string, salt: string): string =>
  createHmac('sha256', secret).update(`${salt}/${session}`).digest('hex').slice(0, 31);
