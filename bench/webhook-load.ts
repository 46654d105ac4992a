import { type MetaNumber, signedTextWebhook } from '../tests/support/meta-webhook.ts';
import { type LoadResult, requestBytes, runLoad } from './load.ts';

/**
 * Signed webhooks made beforehand, each used once: a repeat would be absorbed by the unique key and
 * cost less than the real thing. Signing 40,000 takes about a second, outside the measurement.
 */
export function webhookSource(number: MetaNumber, path: string, count: number, customers = 500) {
  const requests: Buffer[] = [];
  for (let i = 0; i < count; i++) {
    const { body, signature } = signedTextWebhook(number, {
      from: `573177${String(i % customers).padStart(6, '0')}`,
      name: `Cliente ${i % customers}`,
      text: 'Hola, necesito información sobre los precios de los productos que vi en la página, gracias de antemano.',
    });
    requests.push(
      requestBytes(
        'POST',
        path,
        { 'Content-Type': 'application/json', 'X-Hub-Signature-256': signature, 'User-Agent': 'facebookexternalua' },
        body,
      ),
    );
  }
  let next = 0;
  return {
    next: () => requests[next++] ?? null,
    left: () => Math.max(0, requests.length - next),
  };
}

/** Exactly so many signed webhooks, as fast as they are answered. */
export const webhookCount = (url: string, number: MetaNumber, count: number): Promise<LoadResult> =>
  webhookLoad(url, number, { seconds: 600, prepared: count, all: true });

/**
 * Load of signed webhooks on one URL; fails loudly when an answer is not 200, for then it measured
 * something else.
 */
export async function webhookLoad(
  url: string,
  number: MetaNumber,
  options: { seconds: number; rate?: number; connections?: number; prepared: number; all?: boolean },
): Promise<LoadResult> {
  const { hostname, port, pathname } = new URL(url);
  const source = webhookSource(number, pathname, options.prepared);
  const result = await runLoad({
    host: hostname,
    port: Number(port),
    connections: options.connections ?? 64,
    seconds: options.seconds,
    next: source.next,
    ...(options.rate ? { rate: options.rate } : {}),
  });
  const bad = Object.entries(result.statuses).filter(([status]) => status !== '200');
  if (bad.length > 0) throw new Error(`Webhooks were not all accepted: ${JSON.stringify(result.statuses)}`);
  if (source.left() === 0 && !options.all) throw new Error(`Ran out of prepared webhooks (${options.prepared})`);
  return result;
}
