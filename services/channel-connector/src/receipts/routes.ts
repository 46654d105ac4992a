import { connectorApi } from '@recado/contracts';
import { serve } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';

export function receiptRoutes(app: FastifyInstance, { typing }: Deps): void {
  serve(app, connectorApi.showTyping, async ({ caller, params, body }) => {
    const { providerMessageId, to: recipient } = body;
    return { shown: await typing.show(caller.tenantId, params.channelId, { providerMessageId, recipient }) };
  });
}
