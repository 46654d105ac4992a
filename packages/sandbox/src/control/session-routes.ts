import type { FastifyInstance, FastifyRequest } from 'fastify';
import { evolutionHandle, evolutionViews } from '../evolution/control.ts';
import type { WebProvider } from '../ledger/rows.ts';
import type { WebhookEnd } from '../meta/webhooks.ts';
import type { SandboxParts } from '../parts.ts';
import type { SessionHandle } from '../whatsapp-web/session-handle.ts';
import { wppconnectHandle, wppconnectViews } from '../wppconnect/control.ts';
import { ControlError, parse } from './errors.ts';
import * as schemas from './session-schemas.ts';

const handles: Record<WebProvider, (parts: SandboxParts, name: string) => SessionHandle | null> = {
  evolution: evolutionHandle,
  wppconnect: wppconnectHandle,
};

/** `/_control/sessions/…`: the phones behind Evolution's instances and WPPConnect's sessions. */
export function sessionRoutes(parts: SandboxParts, app: FastifyInstance): void {
  const path = '/sessions/:provider/:name';
  const handleOf = (request: FastifyRequest): SessionHandle => {
    const { provider, name } = parse(schemas.sessionParamsSchema, request.params);
    const handle = handles[provider](parts, name);
    if (!handle) throw new ControlError(404, 'not_found', `${provider} knows no ${name}.`);
    return handle;
  };
  app.get('/sessions', async () => ({ items: [...evolutionViews(parts), ...wppconnectViews(parts)] }));
  app.get(path, async (request) => handleOf(request).view());
  app.post(`${path}/scan`, async (request) => {
    const handle = handleOf(request);
    if (!handle.scan(parse(schemas.scanSchema, request.body))) {
      throw new ControlError(409, 'no_qr', 'There is no QR code to scan.');
    }
    return handle.view();
  });
  app.post(`${path}/disconnect`, async (request) => {
    const handle = handleOf(request);
    handle.disconnect(parse(schemas.disconnectSchema, request.body).reason);
    return handle.view();
  });
  app.post(`${path}/customer-messages`, async (request, reply) => {
    const handle = handleOf(request);
    const message = parse(schemas.sessionMessageSchema, request.body);
    if (parts.events.pending() >= parts.maxPending) {
      throw new ControlError(429, 'too_many_pending', 'Too many webhooks wait for their receiver.');
    }
    const { id, deliveries } = handle.say(message);
    return reply
      .status(message.wait ? 200 : 202)
      .send({ id, deliveries: message.wait ? await ends(deliveries) : null });
  });
  app.post(`${path}/events`, async (request, reply) => {
    const handle = handleOf(request);
    const { event, data, wait } = parse(schemas.sessionEventSchema, request.body);
    const delivery = handle.tell(event, data);
    return reply.status(wait ? 200 : 202).send({ delivery: wait ? await delivery : null });
  });
}

/** How the posts went; those that no webhook wanted are left out. */
async function ends(deliveries: (Promise<WebhookEnd> | null)[]): Promise<WebhookEnd[]> {
  return (await Promise.all(deliveries)).filter((end) => end !== null);
}
