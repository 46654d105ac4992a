import { z } from 'zod';
import { PLAN_NAMES } from '../../plans.ts';
import { isoTime, pageQuery, slug, text, uuid } from '../../primitives.ts';
import { route } from '../../route.ts';

export const TENANT_STATUSES = ['active', 'suspended'] as const;

export const tenant = z
  .object({
    id: uuid(),
    slug: slug(),
    name: z.string(),
    plan: z.enum(PLAN_NAMES),
    status: z.enum(TENANT_STATUSES),
    timezone: z.string().describe('IANA name; decides days and business hours'),
    country: z
      .string()
      .nullable()
      .default(null)
      .describe('ISO 3166 alpha-2: where phones without a country code are read. Of the time zone unless it was set'),
    language: z.string(),
    settings: z.record(z.string(), z.unknown()),
    limits: z.object({
      maxUsers: z.number().nullable(),
      maxChannels: z.number().nullable(),
      maxMessages: z.number().nullable(),
      maxConversations: z.number().nullable(),
    }),
    unprovedUntil: isoTime()
      .nullable()
      .default(null)
      .describe('Until when the e-mail must be proved, else the company is removed; null: proved'),
    createdAt: isoTime(),
  })
  .meta({ id: 'Tenant' });
export type Tenant = z.infer<typeof tenant>;

export const tenantRoutes = {
  getTenant: route({
    method: 'GET',
    path: '/tenant',
    access: 'anyone',
    callers: ['ai-responder', 'channel-connector', 'conversation'],
    responses: { 200: tenant },
    summary: "The caller's tenant",
  }),
  updateTenant: route({
    method: 'PATCH',
    path: '/tenant',
    access: 'tenant.update',
    body: z.strictObject({
      name: text(120).optional(),
      timezone: z.string().max(64).optional().describe('IANA name'),
      country: z
        .string()
        .max(8)
        .toUpperCase()
        .nullable()
        .optional()
        .describe('ISO 3166 alpha-2; null: that of the time zone'),
      language: z.enum(['es', 'pt', 'en']).optional(),
      settings: z
        .record(z.string().max(64), z.unknown())
        .optional()
        .describe('Merged key by key; null removes a key; 16 KiB at most'),
    }),
    responses: { 200: tenant },
    audit: 'tenant.update',
    live: true,
    summary: 'Change the tenant (tenant.update)',
  }),
  listTenants: route({
    method: 'GET',
    path: '/tenants',
    access: 'service',
    callers: ['operator'],
    query: z.strictObject({ ...pageQuery, search: z.string().max(120).optional() }),
    responses: { 200: z.object({ items: z.array(tenant), total: z.number().int() }) },
    summary: 'Every tenant, for the operator: takes a service caller',
  }),
  setTenantStatus: route({
    method: 'PATCH',
    path: '/tenants/:tenantId',
    access: 'service',
    callers: ['operator'],
    params: z.strictObject({ tenantId: uuid() }),
    body: z.strictObject({ plan: z.enum(PLAN_NAMES).optional(), status: z.enum(TENANT_STATUSES).optional() }),
    responses: { 200: tenant },
    audit: 'tenant.govern',
    live: { none: 'only the operator, who has no session' },
    summary: 'Plan and suspension, for the operator: takes a service caller. A suspended tenant’s sessions end',
  }),
};
