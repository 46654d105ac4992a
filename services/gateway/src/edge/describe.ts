import type { Described, DocumentOptions } from '@recado/service-kit';
import { z } from 'zod';
import { takesKey } from '../idempotency/key.ts';
import type { AnyEditionRoute, Edition, WebhookRoute } from './edition.ts';
import { TENANT_SLUG_HEADER, wantsTenantSlug } from './tenant-slug.ts';

/** What every document says, in the language of its edition. */
const WORDS = {
  es: {
    bearer: 'El token de acceso de cualquier edición: lo da el login',
    apiKey: 'La clave de un programa; también vale como bearer',
    permission: 'Permiso',
    key: 'La misma clave con el mismo cuerpo repite la respuesta durante 24 horas, y nada se hace dos veces',
    slug: 'El identificador de la empresa, como lo da el login',
  },
  'pt-BR': {
    bearer: 'O token de acesso de qualquer edição: o login o dá',
    apiKey: 'A chave de um programa; também vale como bearer',
    permission: 'Permissão',
    key: 'A mesma chave com o mesmo corpo repete a resposta por 24 horas, e nada é feito duas vezes',
    slug: 'O identificador da empresa, como o login o dá',
  },
} as const;
const wordsOf = ({ texts }: Edition) => WORDS[texts.tag];

/** The part of an edition's document about itself. */
export function aboutEdition(edition: Edition): DocumentOptions {
  const { title, version, description, errorSchema } = edition;
  const { bearer, apiKey } = wordsOf(edition);
  return {
    title,
    version,
    description,
    securitySchemes: {
      bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: bearer },
      apiKey: { type: 'apiKey', in: 'header', name: 'X-Api-Key', description: apiKey },
    },
    errorSchema,
  };
}

export function describeRoute(edition: Edition, route: AnyEditionRoute): Described {
  const { params, query, upload, body = upload, responses, summary, description, permission, tag, contentType } = route;
  const notes = [description, permission && `${wordsOf(edition).permission}: \`${permission}\``]
    .filter(Boolean)
    .join('\n\n');
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
  const words = wordsOf(edition);
  return {
    properties: {
      ...(slug ? { [TENANT_SLUG_HEADER]: { type: 'string', description: words.slug } } : {}),
      ...(key ? { 'Idempotency-Key': { type: 'string', minLength: 1, maxLength: 255, description: words.key } } : {}),
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
