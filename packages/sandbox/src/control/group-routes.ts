import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { tellGroupChange as tellEvolution } from '../evolution/groups.ts';
import type { Group } from '../groups.ts';
import { tellGroupChange as tellMeta } from '../meta/groups.ts';
import type { SandboxParts } from '../parts.ts';
import { tellGroupChange as tellWppconnect } from '../wppconnect/groups.ts';
import { ControlError, parse } from './errors.ts';

const digits = z.string().regex(/^\d{5,25}$/, 'digits only');
const person = z.strictObject({
  phone: digits,
  lid: digits.optional(),
  name: z.string().max(200).optional(),
  admin: z.boolean().optional(),
});
const groupSchema = z.strictObject({
  provider: z.enum(['meta', 'evolution', 'wppconnect']),
  /** The number's id, or the name of the instance or session. */
  number: z.string().min(1).max(200),
  id: z.string().min(1).max(200),
  name: z.string().min(1).max(200),
  people: z.array(person).max(1024).default([]),
  /** False: the provider tells nothing, and only answers when it is asked. */
  tell: z.boolean().default(true),
});
export type GroupInput = z.input<typeof groupSchema>;

/** `POST /_control/groups`: a group as it is now. What changed is told by events. */
export function groupRoutes(parts: SandboxParts, app: FastifyInstance): void {
  const tellers = { meta: tellMeta, evolution: tellEvolution, wppconnect: tellWppconnect };
  app.post('/groups', async (request, reply) => {
    const { provider, number, tell, ...after } = parse(groupSchema, request.body);
    const place = { provider, number };
    const before = parts.groups.find(place, after.id);
    parts.groups.put(place, after);
    const missing = (from: Group['people'], others: Group['people']) =>
      from.filter(({ phone }) => !others.some((one) => one.phone === phone));
    const people = before?.people ?? [];
    const change = { before, after, joined: missing(after.people, people), left: missing(people, after.people) };
    if (tell && !tellers[provider](parts, number, change)) {
      throw new ControlError(404, 'not_found', `${provider} knows no ${number}.`);
    }
    return reply.status(204).send();
  });
}
