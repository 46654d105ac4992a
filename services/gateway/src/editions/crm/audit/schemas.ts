import { isoTime, uuid } from '@recado/contracts';
import { z } from 'zod';
import { dayOrTime, pageQuery, person } from '../common/schemas.ts';
import { FIELD } from '../texts.ts';

const filters = {
  user_id: uuid().optional(),
  action: z.string().trim().max(64).optional().describe('`chat.transfer`, `user.update`, `session.create` …'),
  entity_type: z.string().trim().max(64).optional().describe('`Chat`, `User`, `WhatsappNumber` …'),
  entity_id: z.string().trim().max(64).optional(),
  from_date: dayOrTime.optional().describe('Una fecha sola empieza en la zona horaria del tenant'),
  to_date: dayOrTime.optional().describe('Inclusive'),
};

export const auditQuery = z.object({ ...filters, ...pageQuery(50) });
export const auditExportQuery = z.object({
  format: z.enum(['csv'], { error: FIELD.notCsv }).default('csv'),
  ...filters,
});

export type AuditFilters = Omit<z.output<typeof auditExportQuery>, 'format'>;

export const auditLog = z
  .object({
    id: uuid(),
    user: person.nullable().describe('null: lo hizo un servicio, una clave de API o alguien sin sesión; ver `actor`'),
    actor: z.object({
      kind: z.enum(['user', 'api_key', 'service', 'anonymous']),
      api_key_id: uuid().nullable(),
      service: z.string().nullable(),
    }),
    action: z.string(),
    entity_type: z.string(),
    entity_id: z.string().nullable(),
    changes: z.record(z.string(), z.object({ from: z.unknown(), to: z.unknown() })).nullable(),
    ip_address: z.string().nullable(),
    user_agent: z.string().nullable(),
    success: z.boolean(),
    reason: z.string().nullable().describe('Por qué falló'),
    created_at: isoTime(),
  })
  .meta({ id: 'AuditLog' });
