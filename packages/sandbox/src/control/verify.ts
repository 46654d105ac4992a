import { randomInt } from 'node:crypto';
import { request } from 'undici';

export interface Verification {
  ok: boolean;
  status: number | null;
  reason: string | null;
}

/** The GET Meta makes when a webhook is set: the challenge must come back as it went. */
export async function verifyWebhook(number: {
  webhookUrl: string | null;
  verifyToken: string | null;
}): Promise<Verification> {
  if (!number.webhookUrl) return { ok: false, status: null, reason: 'no webhookUrl given' };
  const url = new URL(number.webhookUrl);
  const challenge = String(randomInt(100_000_000, 999_999_999));
  url.searchParams.set('hub.mode', 'subscribe');
  url.searchParams.set('hub.challenge', challenge);
  url.searchParams.set('hub.verify_token', number.verifyToken ?? '');
  try {
    const response = await request(url, { headersTimeout: 10_000, bodyTimeout: 10_000 });
    const body = await response.body.text();
    if (response.statusCode !== 200)
      return { ok: false, status: response.statusCode, reason: `it answered ${response.statusCode}` };
    if (body !== challenge) return { ok: false, status: 200, reason: 'it answered something else' };
    return { ok: true, status: 200, reason: null };
  } catch (error) {
    return { ok: false, status: null, reason: error instanceof Error ? error.message : String(error) };
  }
}
