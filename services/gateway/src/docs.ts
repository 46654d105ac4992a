import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { Edition as EditionName } from '@recado/contracts';
import { buildOpenApi, type OpenApiDocument, type OpenApiRoute } from '@recado/service-kit';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { GatewayConfig } from './config.ts';
import { useCompression } from './edge/compress.ts';
import type { AnyEditionRoute, Edition, EditionRoute } from './edge/edition.ts';
import { CACHE_CONTROL, useSecurityHeaders } from './edge/headers.ts';
import { isEditionName } from './edge/hosts.ts';
import { TENANT_SLUG_HEADER, wantsTenantSlug } from './edge/tenant-slug.ts';
import { editions } from './editions/index.ts';
import { takesKey } from './idempotency/key.ts';

/** Each edition's OpenAPI 3.1 document, with full mounted paths. Needs no server. */
export function editionDocuments(): Record<EditionName, OpenApiDocument> {
  return Object.fromEntries(
    Object.values(editions).map((edition) => [edition.name, editionDocument(edition)]),
  ) as Record<EditionName, OpenApiDocument>;
}

function editionDocument(edition: Edition): OpenApiDocument {
  const document = buildOpenApi({
    title: edition.title,
    version: edition.version,
    description: edition.description,
    securitySchemes: {
      bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'Access token of any edition' },
      apiKey: { type: 'apiKey', in: 'header', name: 'X-Api-Key', description: 'Key of a machine; as bearer too' },
    },
    errorSchema: edition.errorSchema,
    routes: [...edition.routes.map((route) => toOpenApi(edition, route)), ...webhookRoutes(edition)],
  });
  for (const route of edition.routes) {
    useContentType(document, edition, route);
    if (wantsTenantSlug(edition, route)) addHeader(document, edition, route, TENANT_SLUG);
    if (takesKey(route)) addHeader(document, edition, route, IDEMPOTENCY_KEY);
  }
  for (const { path } of edition.webhooks ?? []) {
    useContentType(document, edition, { method: 'POST', path, contentType: 'text/plain' });
  }
  return document;
}

function toOpenApi(edition: Edition, route: Omit<EditionRoute, 'handle'>): OpenApiRoute {
  const { method, path, tag, summary, description, permission, params, query, body, responses, auth, person } = route;
  const notes = [description, permission && `Permission: \`${permission}\``].filter(Boolean).join('\n\n');
  return {
    method,
    path: edition.prefix + path,
    contract: {
      params,
      query,
      body,
      responses,
      summary,
      description: notes || undefined,
      tags: [tag],
      auth: auth === 'none' ? 'none' : 'bearer',
      security: securityOf({ auth, person }),
    },
  };
}

/** What opens a route: a person's token, a machine's key, for some nothing at all. */
function securityOf({ auth, person }: Pick<EditionRoute, 'auth' | 'person'>): Record<string, string[]>[] {
  if (auth === 'none') return [];
  const ways: Record<string, string[]>[] = [{ bearer: [] }];
  if (!person) ways.push({ apiKey: [] });
  if (auth === 'optional') ways.push({});
  return ways;
}

function webhookRoutes(edition: Edition): OpenApiRoute[] {
  return (edition.webhooks ?? []).map(({ path, summary }) => ({
    method: 'POST',
    path: edition.prefix + path,
    contract: {
      summary,
      tags: ['Webhooks'],
      auth: 'none',
      body: z.looseObject({ object: z.string(), entry: z.array(z.unknown()) }),
      responses: { 200: z.literal('EVENT_RECEIVED') },
    },
  }));
}

const TENANT_SLUG = { name: TENANT_SLUG_HEADER, in: 'header', required: true, schema: { type: 'string' } };
const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};

function addHeader(
  document: OpenApiDocument,
  edition: Edition,
  { method, path }: AnyEditionRoute,
  header: Record<string, unknown>,
): void {
  const operation = document.paths[(edition.prefix + path).replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()];
  if (!operation) return;
  operation.parameters = [...((operation.parameters as unknown[] | undefined) ?? []), header];
}

type Answer = { content?: Record<string, unknown> };

function useContentType(
  document: OpenApiDocument,
  edition: Edition,
  { method, path, contentType }: Pick<EditionRoute, 'method' | 'path' | 'contentType'>,
): void {
  if (!contentType) return;
  const operation = document.paths[(edition.prefix + path).replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()];
  for (const [status, answer] of Object.entries((operation?.responses ?? {}) as Record<string, Answer>)) {
    if (status === 'default' || !answer.content) continue;
    answer.content = { [contentType.split(';', 1)[0]!]: Object.values(answer.content)[0] };
  }
}

/** The pages load nothing from elsewhere and run no inline script. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/**
 * Serves `/docs`, `/docs/<edition>`, their documents and Swagger UI from our own disk, and
 * `/api-docs`.
 */
export function mountDocs(app: FastifyInstance, config: GatewayConfig, log: Logger): void {
  const documents = editionDocuments();
  const texts = new Map(Object.entries(documents).map(([name, document]) => [name, JSON.stringify(document)]));
  const assets = findSwaggerUi();

  app.register(async (scope) => {
    useSecurityHeaders(scope, config);
    useCompression(scope);
    scope.addHook('onRequest', (_request, reply, done) => {
      reply.header('content-security-policy', CONTENT_SECURITY_POLICY).header('x-frame-options', 'DENY');
      reply.header('cache-control', CACHE_CONTROL.dynamic);
      done();
    });
    if (assets) {
      await scope.register(fastifyStatic, {
        root: assets.folder,
        prefix: assets.prefix,
        index: false,
        decorateReply: false,
        // Its version is in the path, so what is there never changes.
        setHeaders: (reply) => void reply.header('cache-control', CACHE_CONTROL.static),
        cacheControl: false,
        allowedPath: (path) => /^\/swagger-ui(?:-bundle\.js|\.css)$|^\/favicon-32x32\.png$/.test(path),
      });
    } else log.warn('swagger-ui-dist was not found: the docs pages link to the documents only');

    const page = (reply: FastifyReply, html: string) => reply.type('text/html; charset=utf-8').send(html);
    scope.get('/docs', (_request, reply) => page(reply, listPage()));
    scope.get('/docs/', (_request, reply) => reply.redirect('/docs'));
    scope.get('/api-docs', (_request, reply) => page(reply, editionPage(editions.saas, assets)));
    scope.get<{ Params: { edition: string } }>('/docs/:edition', (request, reply) => {
      const { edition } = request.params;
      if (!isEditionName(edition)) return reply.callNotFound();
      return page(reply, editionPage(editions[edition], assets));
    });
    scope.get<{ Params: { edition: string } }>('/docs/:edition/openapi.json', (request, reply) => {
      const text = texts.get(request.params.edition);
      return text ? reply.type('application/json; charset=utf-8').send(text) : reply.callNotFound();
    });
    scope.get<{ Params: { edition: string } }>('/docs/:edition/page.js', (request, reply) => {
      const { edition } = request.params;
      if (!isEditionName(edition)) return reply.callNotFound();
      return reply.type('text/javascript; charset=utf-8').send(pageScript(edition));
    });
  });
}

interface Assets {
  folder: string;
  /** Where they are served. */
  prefix: string;
}

/**
 * Where swagger-ui-dist is, or null. In development it lies beside this package; a bundle in
 * `dist/gateway/` finds it through the workspace, or beside itself in an image.
 */
function findSwaggerUi(): Assets | null {
  const from = [
    import.meta.url,
    new URL('../../services/gateway/package.json', import.meta.url),
    pathToFileURL('services/gateway/package.json'),
  ];
  for (const base of from) {
    try {
      const file = createRequire(base).resolve('swagger-ui-dist/package.json');
      const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
      return { folder: dirname(file), prefix: `/docs/assets/${version}/` };
    } catch {
      // Not reachable from there; the next place may know it.
    }
  }
  return null;
}

const head = (title: string) =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title>`;

function editionPage({ name, title }: Edition, assets: Assets | null): string {
  if (!assets) {
    return `${head(title)}</head><body><h1>${title}</h1><p><a href="/docs/${name}/openapi.json">openapi.json</a></p></body></html>`;
  }
  return `${head(title)}<link rel="icon" href="${assets.prefix}favicon-32x32.png"><link rel="stylesheet" href="${assets.prefix}swagger-ui.css"></head><body><div id="swagger-ui"></div><script src="${assets.prefix}swagger-ui-bundle.js"></script><script src="/docs/${name}/page.js"></script></body></html>`;
}

const pageScript = (name: EditionName) =>
  `SwaggerUIBundle({ url: '/docs/${name}/openapi.json', dom_id: '#swagger-ui', deepLinking: true, persistAuthorization: true, validatorUrl: null });\n`;

function listPage(): string {
  const rows = Object.values(editions).map(
    ({ name, title, prefix }) =>
      `<li><a href="/docs/${name}">${title}</a> (<code>${name}</code>, <code>${prefix}</code>) · <a href="/docs/${name}/openapi.json">openapi.json</a></li>`,
  );
  return `${head('Recado')}</head><body><h1>Recado</h1><p>One mesh, five editions:</p><ul>${rows.join('')}</ul></body></html>`;
}
