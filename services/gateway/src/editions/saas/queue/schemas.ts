import { z } from 'zod';

export const queueStats = z.object({
  waiting: z.number().int(),
  active: z.number().int(),
  completed: z.number().int().describe('En las últimas 24 horas'),
  failed: z.number().int().describe('En las últimas 24 horas'),
  delayed: z.number().int().describe('Esperan su próximo intento'),
  paused: z.boolean().describe('Ninguna instancia está conectada'),
  total: z.number().int().describe('En espera, activos y aplazados'),
  resting: z
    .array(z.object({ instanceId: z.string(), until: z.string(), reason: z.string() }))
    .describe('Instancias cuyo proveedor no responde: se prueba un mensaje cada vez hasta que responda'),
});

export const retried = z.object({
  retried: z.number().int(),
  skipped: z.number().int().describe('Los que no se pudieron reenviar'),
});
