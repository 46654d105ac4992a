import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeStatuses, encodeFrames, FRAMES_CONTENT_TYPE, FRAMES_PATH, type WebhookFrame } from '@recado/contracts';
import { internalToken } from '@recado/testkit';
import { URL_SECRET_HEADER } from '../src/providers/url-secret.ts';
import type { RunningConnector } from '../src/service.ts';

export const APP_SECRET = 'the app secret of tests';

/** The gateway's paths for unsigned webhooks. */
const UNSIGNED: Record<string, string> = {
  '/api/v1/whatsapp/webhook/': 'evolution',
  '/v1/webhooks/whatsapp/wppconnect/': 'wppconnect',
};

/** `/<channel>` is for signed webhooks; unsigned ones come as to the gateway. */
function frameOf({ url = '/', headers }: IncomingMessage, body: Buffer): WebhookFrame {
  const { pathname, searchParams } = new URL(url, 'http://edge');
  for (const [path, provider] of Object.entries(UNSIGNED)) {
    if (!pathname.startsWith(path)) continue;
    const secret = searchParams.get('secret') ?? '';
    return { provider, channelId: pathname.slice(path.length), headers: { [URL_SECRET_HEADER]: secret }, body };
  }
  const first = decodeURIComponent(pathname.slice(1));
  const signature = headers['x-hub-signature-256'];
  return {
    provider: 'meta',
    channelId: first || null,
    headers: signed(typeof signature === 'string' ? signature : null),
    body,
  };
}

/** A server in the gateway's place: it passes webhooks on as frames. */
export async function startEdge() {
  let target: RunningConnector | null = null;
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      const [status] = target
        ? await postFrames(target, [frameOf(request, Buffer.concat(chunks))]).catch(() => [503])
        : [503];
      response.writeHead(status!).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    to: (connector: RunningConnector | null) => {
      target = connector;
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Posts frames to the connector's route; the statuses of all. */
export async function postFrames(connector: RunningConnector, frames: WebhookFrame[]): Promise<number[]> {
  const response = await connector.app.inject({
    method: 'POST',
    url: FRAMES_PATH,
    headers: {
      authorization: `Bearer ${internalToken({ role: 'service', userId: null })}`,
      'content-type': FRAMES_CONTENT_TYPE,
    },
    payload: Buffer.from(encodeFrames(frames)),
  });
  if (response.statusCode !== 200) throw new Error(`Frames: ${response.statusCode} ${response.body}`);
  return decodeStatuses(response.rawPayload);
}

/** A signed frame of a body. */
export function frame(channelId: string | null, body: unknown, secret: string | null = APP_SECRET): WebhookFrame {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const digest = secret === null ? null : `sha256=${createHmac('sha256', secret).update(bytes).digest('hex')}`;
  return { provider: 'meta', channelId, headers: signed(digest), body: bytes };
}

/** The headers of a webhook with this signature. */
export const signed = (signature: string | null): Record<string, string> =>
  signature === null ? {} : { 'x-hub-signature-256': signature };

/** A payload about one number. */
export function payload(phoneNumberId: string, ...values: Record<string, unknown>[]) {
  const metadata = { display_phone_number: '5511', phone_number_id: phoneNumberId };
  return {
    object: 'whatsapp_business_account',
    entry: [
      {
        id: '2000001',
        changes: values.map((value) => ({
          field: 'messages',
          value: { messaging_product: 'whatsapp', metadata, ...value },
        })),
      },
    ],
  };
}

export function textMessage(id: string, body = 'Hi', from = '5511911112222') {
  return { id, from, timestamp: String(Math.floor(Date.now() / 1000)), type: 'text', text: { body } };
}
