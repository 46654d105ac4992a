import { generateKeyPairSync } from 'node:crypto';
import { defineApi, route } from '@recado/contracts';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import {
  buildHttp,
  type Caller,
  createInternalTokens,
  createLogger,
  type HttpOptions,
  type Logger,
  publicKeyText,
  serve,
  serviceCaller,
} from '../src/index.ts';

const KEYS = new Map(['gateway', 'things', 'tester'].map((name) => [name, generateKeyPairSync('ed25519').privateKey]));
const PUBLIC_KEYS = JSON.stringify(Object.fromEntries([...KEYS].map(([name, key]) => [name, publicKeyText(key)])));
export const keysOf = (name: string, publicKeys = PUBLIC_KEYS) => ({
  RECADO_INTERNAL_KEY: KEYS.get(name)!.export({ type: 'pkcs8', format: 'pem' }).toString(),
  RECADO_INTERNAL_PUBLIC_KEYS: publicKeys,
});
export const tokensOf = (name: string) => createInternalTokens(name, keysOf(name));
export const TENANT = '01900000-0000-7000-8000-000000000001';
export const caller: Caller = {
  ...serviceCaller('gateway', TENANT),
  role: 'agent',
  userId: 'u1',
  permissions: ['chats.read'],
};
export const auth = (who: Caller = caller) => ({
  authorization: `Bearer ${tokensOf(who.service).sign(who, 'things')}`,
});

/** A logger whose lines are kept. */
export function memoryLogger(format: 'json' | 'pretty' = 'json'): { log: Logger; lines: string[]; text(): string } {
  const lines: string[] = [];
  const stream = { write: (line: string) => void lines.push(line) };
  return { log: createLogger({ name: 'test', level: 'trace', format, stream }), lines, text: () => lines.join('') };
}

export const thing = z.object({ id: z.string(), name: z.string() }).meta({ id: 'Thing' });

export const thingsApi = defineApi({
  getThing: route({
    method: 'GET',
    path: '/things/:id',
    access: 'anyone',
    params: z.strictObject({ id: z.string().max(40) }),
    responses: { 200: thing },
    summary: 'One thing',
  }),
  listThings: route({
    method: 'GET',
    path: '/things',
    access: 'anyone',
    query: z.strictObject({
      tags: z.array(z.string()).optional(),
      ids: z.preprocess((v) => (typeof v === 'string' ? v.split(',') : v), z.array(z.string())).optional(),
      limit: z.coerce.number().int().min(1).max(100).default(20),
    }),
    responses: { 200: z.object({ tags: z.array(z.string()), ids: z.array(z.string()), limit: z.number() }) },
    summary: 'Things',
  }),
  createThing: route({
    method: 'POST',
    path: '/things',
    access: 'anyone',
    body: z.strictObject({
      name: z.string().min(1).max(20),
      size: z.number().optional(),
      parts: z.array(z.strictObject({ label: z.string() })).default([]),
    }),
    responses: { 201: thing },
    summary: 'Make one',
  }),
  touchThing: route({
    method: 'POST',
    path: '/things/:id/touch',
    access: 'anyone',
    params: z.strictObject({ id: z.string() }),
    responses: { 204: z.null() },
    summary: 'Touch',
    idempotent: true,
  }),
  open: route({
    method: 'GET',
    path: '/open',
    responses: { 200: z.object({ ok: z.boolean() }) },
    summary: 'Open',
    auth: 'none',
  }),
});

/** An app with the routes above; `touch` decides what touching does. */
export function buildThings(options: Partial<HttpOptions> = {}, touch: () => unknown = () => {}): FastifyInstance {
  const log = options.log ?? memoryLogger().log;
  const app = buildHttp({ name: 'things', log, tokens: tokensOf('things'), validateResponses: true, ...options });
  app.register(async (scope) => serveThings(scope, touch));
  return app;
}

function serveThings(app: FastifyInstance, touch: () => unknown): void {
  serve(app, thingsApi.getThing, async ({ params }) => ({ id: params.id, name: 'one' }));
  serve(app, thingsApi.listThings, async ({ query }) => ({
    tags: query.tags ?? [],
    ids: query.ids ?? [],
    limit: query.limit,
  }));
  serve(app, thingsApi.createThing, async ({ body }) => ({ id: 't1', name: body.name }));
  serve(app, thingsApi.touchThing, async () => {
    await touch();
  });
  serve(app, thingsApi.open, async () => ({ ok: true }));
}
