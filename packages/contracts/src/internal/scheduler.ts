import { z } from 'zod';
import { isoTime, uuid } from '../primitives.ts';
import { defineApi, route } from '../route.ts';

export const timer = z
  .object({
    id: uuid(),
    owner: z.string().describe('The service that ordered it'),
    key: z.string().describe("Unique per tenant and owner; a second order with it moves the timer that hasn't fired"),
    fireAt: isoTime(),
    state: z.enum(['armed', 'fired', 'cancelled']),
    firedAt: isoTime().nullable(),
    payload: z.record(z.string(), z.unknown()),
    createdAt: isoTime(),
  })
  .meta({ id: 'Timer' });
export type Timer = z.infer<typeof timer>;

export const schedulerApi = defineApi({
  listTimers: route({
    method: 'GET',
    path: '/timers',
    access: 'anyone',
    query: z.strictObject({
      state: z.enum(['armed', 'fired', 'cancelled']).optional(),
      owner: z.string().max(64).optional(),
      limit: z.coerce.number().int().min(1).max(100).default(50),
      cursor: z.string().max(512).optional(),
    }),
    responses: { 200: z.object({ items: z.array(timer), nextCursor: z.string().nullable() }) },
    summary: "The tenant's timers, the next to fire first",
  }),
});
