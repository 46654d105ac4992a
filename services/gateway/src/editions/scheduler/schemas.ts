import { email, factorCode, isoTime, uuid } from '@recado/contracts';
import { z } from 'zod';
import { cursorField, nextCursorField } from '../../edge/cursors.ts';

export const idParams = z.strictObject({ id: uuid() });

/** Query of every list of this edition. */
export const pageQuery = {
  page: z.coerce.number().int().min(1).max(10_000).default(1),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: cursorField('es'),
};

/** The document speaks of paginated lists and shows none: the block bots.md and inbox.md show. */
export const paged = <S extends z.ZodType>(item: S) =>
  z.object({
    data: z.array(item),
    pagination: z.object({
      page: z.number().int(),
      limit: z.number().int(),
      total: z.number().int(),
      pages: z.number().int(),
      next_cursor: nextCursorField('es'),
    }),
  });

export const loginBody = z.strictObject({
  email: email(),
  password: z.string().min(1).max(256),
  code: factorCode()
    .optional()
    .describe('Segundo factor, si el usuario lo activó: seis dígitos o un código de respaldo'),
});

const person = z
  .object({ id: uuid(), email: z.string(), name: z.string(), role: z.enum(['admin', 'user']) })
  .meta({ id: 'Person' });

/** The document shows no body for it; OAuth's names, as FastAPI has them. */
export const token = z
  .object({
    access_token: z.string(),
    token_type: z.literal('bearer'),
    expires_in: z.number().int().describe('Segundos'),
  })
  .meta({ id: 'Token' });

export const session = token.extend({ user: person }).meta({ id: 'Session' });

export const me = person
  .extend({ organization: z.object({ id: uuid(), name: z.string(), timezone: z.string() }), created_at: isoTime() })
  .meta({ id: 'Me' });

/** Of what has nothing more to say. */
export const done = z.object({ message: z.string() });

export const notification = z
  .object({
    id: uuid(),
    type: z.enum(['success', 'error', 'warning', 'info']),
    title: z.string(),
    message: z.string(),
    is_read: z.boolean(),
    related_entity_type: z.string().nullable().describe('message, group, contact, channel, conversation, task, backup'),
    related_entity_id: z.string().nullable(),
    created_at: isoTime(),
  })
  .meta({ id: 'Notification' });

export const notificationsQuery = z.object({ is_read: z.enum(['true', 'false']).optional(), ...pageQuery });

export const unreadCount = z.object({ count: z.number().int() });

const state = z.enum(['ok', 'error']);

/** With 503 `detail` says so in the words of every error. */
export const health = z
  .object({
    status: z.enum(['ok', 'degraded', 'error']),
    timestamp: isoTime(),
    uptime_seconds: z.number().int().describe('De este gateway'),
    services: z.object({ api: state, db: state, whatsapp: state, redis: state }),
    detail: z.string().optional().describe('Solo con 503'),
  })
  .meta({ id: 'Health' });

export const dependencyHealth = z
  .object({ status: state, timestamp: isoTime(), detail: z.string().optional().describe('Solo con 503') })
  .meta({ id: 'DependencyHealth' });
