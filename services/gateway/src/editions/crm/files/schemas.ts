import { isoTime, uuid } from '@recado/contracts';
import { z } from 'zod';

/** The form beside its file. */
export const fileForm = z.strictObject({
  related_entity_type: z
    .string()
    .regex(/^[a-z_]{1,40}$/)
    .optional(),
  related_entity_id: z.string().min(1).max(64).optional(),
});

export const file = z
  .object({
    id: uuid(),
    filename: z.string(),
    original_filename: z.string(),
    mime_type: z.string().describe('Según el contenido'),
    size_bytes: z.number().int(),
    file_path: z.string().nullable().describe('Enlace firmado, sin token; vale entre una y dos horas'),
    thumbnail_path: z.string().nullable(),
    playback_path: z.string().nullable().describe('Una nota de voz como MP3, para todo navegador'),
    width: z.number().int().nullable(),
    height: z.number().int().nullable(),
    status: z.enum(['ready', 'fetching', 'failed']),
    error: z.string().nullable().describe('Por qué no se pudo obtener de WhatsApp'),
    related_entity_type: z.string().nullable(),
    related_entity_id: z.string().nullable(),
    created_at: isoTime(),
  })
  .meta({ id: 'File' });
