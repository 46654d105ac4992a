import { connectorApi } from '@recado/contracts';
import { serve } from '@recado/service-kit';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { submitTemplate, updateTemplate } from './change.ts';
import { checkTemplateMessage, previewTemplate } from './check.ts';
import { createTemplate } from './create.ts';
import { getTemplate, listTemplates, listUsable } from './list.ts';
import { orderReading } from './order.ts';
import { removeTemplate } from './remove.ts';

export function templateRoutes(app: FastifyInstance, deps: Deps): void {
  const { db } = deps;

  serve(app, connectorApi.listTemplates, async ({ caller, query }) => listTemplates(db, caller.tenantId, query));

  serve(app, connectorApi.getTemplate, async ({ caller, params }) =>
    getTemplate(db, caller.tenantId, params.templateId),
  );

  serve(app, connectorApi.createTemplate, async ({ origin, body }) => createTemplate(deps, origin, body));

  serve(app, connectorApi.updateTemplate, async ({ origin, params, body }) =>
    updateTemplate(deps, origin, params.templateId, body),
  );

  serve(app, connectorApi.submitTemplate, async ({ origin, params }) =>
    submitTemplate(deps, origin, params.templateId),
  );

  serve(app, connectorApi.deleteTemplate, async ({ origin, params }) =>
    removeTemplate(deps, origin, params.templateId),
  );

  serve(app, connectorApi.syncTemplates, async ({ caller, body }) => ({
    queued: await orderReading(deps, caller.tenantId, body.channelId),
  }));

  serve(app, connectorApi.previewTemplate, async ({ caller, params, body }) =>
    previewTemplate(deps, caller.tenantId, params.templateId, body),
  );

  serve(app, connectorApi.checkTemplateMessage, async ({ caller, params, body }) =>
    checkTemplateMessage(deps, caller.tenantId, params.channelId, body),
  );

  serve(app, connectorApi.listUsableTemplates, async ({ caller, params, query }) =>
    listUsable(db, caller.tenantId, params.channelId, query.limit),
  );
}
