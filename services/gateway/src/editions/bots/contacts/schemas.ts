import { isoTime, uuid } from '@recado/contracts';
import { z } from 'zod';
import { pageQuery } from '../common/schemas.ts';

export const contactsQuery = z.object({
  ...pageQuery(10),
  search: z.string().trim().max(120).optional().describe('Nombre, empresa, teléfono, usuario o email'),
});

export const contact = z
  .object({
    id: uuid(),
    phoneNumber: z.string().nullable().describe('null si el cliente no muestra su teléfono'),
    name: z.string().nullable(),
    email: z.string().nullable(),
    tags: z.array(z.string()),
    metadata: z.object({
      source: z.enum(['whatsapp', 'manual']).describe('`whatsapp`: se conoce solo por sus mensajes'),
      lastInteraction: isoTime().nullable(),
    }),
    createdAt: isoTime(),
    updatedAt: isoTime(),
  })
  .meta({ id: 'Contact' });
