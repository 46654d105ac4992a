import { z } from 'zod';
import { PERMISSION_NAMES } from '../../permissions.ts';
import { isoTime, text, uuid, walked, walkQuery } from '../../primitives.ts';
import { route } from '../../route.ts';
import { ok } from './common.ts';

/** A key of a machine. The key itself is shown once, when it is made. */
export const apiKey = z
  .object({
    id: uuid(),
    name: z.string(),
    prefix: z.string().describe('The first characters, to tell keys apart'),
    permissions: z.array(z.enum(PERMISSION_NAMES)),
    expiresAt: isoTime().nullable(),
    lastUsedAt: isoTime().nullable(),
    lastUsedIp: z.string().nullable(),
    createdBy: uuid().nullable(),
    createdAt: isoTime(),
    revokedAt: isoTime().nullable(),
  })
  .meta({ id: 'ApiKey' });
export type ApiKey = z.infer<typeof apiKey>;

export const apiKeyRoutes = {
  createApiKey: route({
    method: 'POST',
    path: '/api-keys',
    access: 'api_keys.manage',
    once: true,
    body: z.strictObject({
      name: text(80),
      permissions: z.array(z.enum(PERMISSION_NAMES)).min(1).max(200),
      expiresAt: isoTime().nullable().default(null).describe('In the future, ten years at most'),
    }),
    responses: { 201: z.object({ apiKey, key: z.string().describe('Shown this once') }) },
    audit: 'api_key.create',
    live: true,
    summary: 'Make a key for a machine (api_keys.manage); permissions the caller lacks: 403; at most 100 live ones',
  }),
  listApiKeys: route({
    method: 'GET',
    path: '/api-keys',
    access: 'api_keys.manage',
    query: z.strictObject({ ...walkQuery, revoked: z.enum(['true', 'false']).optional() }),
    responses: { 200: walked(apiKey) },
    summary: "The tenant's keys, latest first (api_keys.manage)",
  }),
  getApiKey: route({
    method: 'GET',
    path: '/api-keys/:apiKeyId',
    access: 'api_keys.manage',
    callers: ['conversation'],
    params: z.strictObject({ apiKeyId: uuid() }),
    responses: { 200: apiKey },
    summary: 'One key, also of one that ended (api_keys.manage)',
  }),
  revokeApiKey: route({
    method: 'DELETE',
    path: '/api-keys/:apiKeyId',
    access: 'api_keys.manage',
    params: z.strictObject({ apiKeyId: uuid() }),
    responses: ok,
    audit: 'api_key.revoke',
    live: true,
    summary: 'End a key at once (api_keys.manage); twice is fine',
  }),
  authenticateApiKey: route({
    method: 'POST',
    path: '/api-keys/authenticate',
    access: 'anyone',
    once: { none: 'reads' },
    body: z.strictObject({ key: z.string().min(1).max(256), ip: z.string().max(64).optional() }),
    responses: {
      200: z.object({
        apiKeyId: uuid(),
        tenantId: uuid(),
        permissions: z.array(z.string()),
        expiresAt: isoTime().nullable(),
      }),
    },
    audit: { none: 'reads; the last use is noted at most once a minute' },
    idempotent: true,
    summary: 'Whose key this is, for the gateway; unknown, revoked or expired, or of a suspended tenant: 401',
  }),
};
