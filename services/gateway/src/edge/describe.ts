import type { Described, DocumentOptions } from '@recado/service-kit';
import { z } from 'zod';
import { takesKey } from '../idempotency/key.ts';
import type { AnyEditionRoute, Edition, WebhookRoute } from './edition.ts';
import { TENANT_SLUG_HEADER, wantsTenantSlug } from './tenant-slug.ts';

/** The part of an edition's document about itself. */
export const aboutEdition = ({ title, version, description, errorSchema }: Edition): DocumentOptions => ({
  title,
  version,
  description,
  securitySchemes: {
    bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'Access token of any edition' },
    apiKey: { type: 'apiKey', in: 'header', name: 'X-Api-Key', description: 'Key of a machine; as bearer too' },
  },
  errorSchema,
});

export function describeRoute(edition: Edition, route: AnyEditionRoute): Described {
  const { params, query, upload, body = upload, responses, summary, description, permission, tag, contentType } = route;
  const notes = [description, permission && `Permission: \`${permission}\``].filter(Boolean).join('\n\n');
  return {
    params,
    query,
    body,
    responses,
    summary,
    description: notes || undefined,
    tags: [tag],
    security: securityOf(route),
    headers: headersOf(edition, route),
    contentType,
    ...(upload ? { consumes: 'multipart/form-data' } : {}),
  };
}

/** Which credentials open a route: a person's token, a machine's key, or none. */
function securityOf({ auth, person }: AnyEditionRoute): Record<string, string[]>[] {
  if (auth === 'none') return [];
  const ways: Record<string, string[]>[] = [{ bearer: [] }];
  if (!person) ways.push({ apiKey: [] });
  if (auth === 'optional') ways.push({});
  return ways;
}

function headersOf(edition: Edition, route: AnyEditionRoute): Described['headers'] {
  const slug = wantsTenantSlug(edition, route);
  const key = takesKey(route);
  if (!slug && !key) return undefined;
  return {
    properties: {
      ...(slug ? { [TENANT_SLUG_HEADER]: { type: 'string' } } : {}),
      ...(key ? { 'Idempotency-Key': { type: 'string', minLength: 1, maxLength: 255 } } : {}),
    },
    required: slug ? [TENANT_SLUG_HEADER] : [],
  };
}

export const describeWebhook = ({ summary, proof }: WebhookRoute): Described => ({
  summary,
  tags: ['Webhooks'],
  security: [],
  body: proof.query
    ? z.looseObject({ event: z.string() })
    : z.looseObject({ object: z.string(), entry: z.array(z.unknown()) }),
  ...(proof.query ? { query: z.object({ [proof.query]: z.string() }) } : {}),
  responses: { 200: z.literal('EVENT_RECEIVED') },
  contentType: 'text/plain',
});
