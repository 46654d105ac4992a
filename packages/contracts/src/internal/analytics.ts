import { z } from 'zod';
import { auditData } from '../audit.ts';
import { cursor, isoTime, matching, uuid } from '../primitives.ts';
import { defineApi, route } from '../route.ts';

export const realtime = z
  .object({
    day: z.string().describe("YYYY-MM-DD in the tenant's time zone"),
    timezone: z.string(),
    messagesSentToday: z.number().int(),
    messagesReceivedToday: z.number().int(),
    failedMessagesToday: z.number().int(),
    aiMessagesToday: z.number().int(),
    conversationsOpenedToday: z.number().int(),
    activeConversations: z.number().int(),
    messagesLastHour: z.number().int(),
    updatedAt: isoTime(),
  })
  .meta({ id: 'RealtimeMetrics' });
export type RealtimeMetrics = z.infer<typeof realtime>;

export const auditRecord = auditData.extend({ id: uuid() }).meta({ id: 'AuditRecord' });
export type AuditRecord = z.infer<typeof auditRecord>;

const day = () => matching('date', /^\d{4}-\d{2}-\d{2}$/);

export const analyticsApi = defineApi({
  getRealtime: route({
    method: 'GET',
    path: '/realtime',
    access: 'analytics.read',
    responses: { 200: realtime },
    summary: "The day's counts so far",
  }),
  listDailyCounts: route({
    method: 'GET',
    path: '/daily-counts',
    access: 'analytics.read',
    query: z.strictObject({ from: day(), to: day().describe('Inclusive; 366 days at most') }),
    responses: {
      200: z.object({
        timezone: z.string(),
        items: z.array(z.object({ day: day(), metric: z.string(), value: z.number().int() })),
      }),
    },
    summary: "Counts by day in the tenant's time zone: messages_received, messages_sent …; days without any are absent",
  }),
  listAudit: route({
    method: 'GET',
    path: '/audit-log',
    access: 'audit.read',
    query: z.strictObject({
      userId: uuid().optional(),
      action: z.string().max(64).optional(),
      entityType: z.string().max(64).optional(),
      entityId: z.string().max(64).optional(),
      success: z.stringbool().optional(),
      from: isoTime().optional().describe('Inclusive'),
      to: isoTime().optional().describe('Exclusive'),
      limit: z.coerce.number().int().min(1).max(1000).default(50),
      page: z.coerce
        .number()
        .int()
        .min(1)
        .max(10_000)
        .optional()
        .describe('For documents that count pages; at most 100,000 rows deep'),
      cursor: cursor(),
      count: z.stringbool().default(false),
    }),
    responses: {
      200: z.object({
        items: z.array(auditRecord),
        total: z.number().int().nullable(),
        nextCursor: z.string().nullable(),
      }),
    },
    summary: 'Who changed what, latest first (audit.read)',
  }),
});
