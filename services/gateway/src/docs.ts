import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { Edition as EditionName } from '@recado/contracts';
import { buildOpenApi, type OpenApiDocument, type OpenApiRoute } from '@recado/service-kit';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { AnyEditionRoute, Edition, EditionRoute } from './edge/edition.ts';
import { isEditionName } from './edge/hosts.ts';
import { TENANT_SLUG_HEADER, wantsTenantSlug } from './edge/tenant-slug.ts';
import { editions } from './editions/index.ts';

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
    },
    errorSchema: edition.errorSchema,
    routes: [...edition.routes.map((route) => toOpenApi(edition, route)), ...webhookRoutes(edition)],
  });
  for (const route of edition.routes) {
    useContentType(document, edition, route);
    if (wantsTenantSlug(edition, route)) addTenantSlug(document, edition, route);
  }
  for (const { path } of edition.webhooks ?? []) {
    useContentType(document, edition, { method: 'POST', path, contentType: 'text/plain' });
  }
  return document;
}

function toOpenApi(edition: Edition, route: Omit<EditionRoute, 'handle'>): OpenApiRoute {
  const { method, path, tag, summary, description, permission, params, query, body, responses, auth } = route;
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
      // Either with a token or without.
      ...(auth === 'optional' ? { security: [{ bearer: [] }, {}] } : {}),
    },
  };
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

function addTenantSlug(document: OpenApiDocument, edition: Edition, { method, path }: AnyEditionRoute): void {
  const operation = document.paths[(edition.prefix + path).replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()];
  if (!operation) return;
  const header = { name: TENANT_SLUG_HEADER, in: 'header', required: true, schema: { type: 'string' } };
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

/** Serves `/docs`, `/docs/<edition>`, their documents and Swagger UI from our own disk, and `/api-docs`. */
export function mountDocs(app: FastifyInstance, log: Logger): void {
  const documents = editionDocuments();
  const texts = new Map(Object.entries(documents).map(([name, document]) => [name, JSON.stringify(document)]));
  const assets = findSwaggerUi();

  app.register(async (scope) => {
    scope.addHook('onRequest', (_request, reply, done) => {
      reply.header('x-content-type-options', 'nosniff').header('content-security-policy', CONTENT_SECURITY_POLICY);
      reply.header('referrer-policy', 'no-referrer');
      done();
    });
    if (assets) {
      await scope.register(fastifyStatic, {
        root: assets,
        prefix: '/docs/assets/',
        index: false,
        decorateReply: false,
        cacheControl: true,
        maxAge: '1d',
        allowedPath: (path) => /^\/swagger-ui(?:-bundle\.js|\.css)$|^\/favicon-32x32\.png$/.test(path),
      });
    } else log.warn('swagger-ui-dist was not found: the docs pages link to the documents only');

    const page = (reply: FastifyReply, html: string) => reply.type('text/html; charset=utf-8').send(html);
    scope.get('/docs', (_request, reply) => page(reply, listPage()));
    scope.get('/docs/', (_request, reply) => reply.redirect('/docs'));
    scope.get('/api-docs', (_request, reply) => page(reply, editionPage(editions.saas, assets !== null)));
    scope.get<{ Params: { edition: string } }>('/docs/:edition', (request, reply) => {
      const { edition } = request.params;
      if (!isEditionName(edition)) return reply.callNotFound();
      return page(reply, editionPage(editions[edition], assets !== null));
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

/**
 * The folder of swagger-ui-dist, or null. In development it lies beside this package; a bundle in `dist/gateway/` finds it
 * through the workspace, or beside itself in an image.
 */
function findSwaggerUi(): string | null {
  const from = [
    import.meta.url,
    new URL('../../services/gateway/package.json', import.meta.url),
    pathToFileURL('services/gateway/package.json'),
  ];
  for (const base of from) {
    try {
      return dirname(createRequire(base).resolve('swagger-ui-dist/package.json'));
    } catch {
      // Not reachable from there; the next place may know it.
    }
  }
  return null;
}

const head = (title: string) =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title>`;

function editionPage({ name, title }: Edition, withUi: boolean): string {
  if (!withUi) {
    return `${head(title)}</head><body><h1>${title}</h1><p><a href="/docs/${name}/openapi.json">openapi.json</a></p></body></html>`;
  }
  return `${head(title)}<link rel="icon" href="/docs/assets/favicon-32x32.png"><link rel="stylesheet" href="/docs/assets/swagger-ui.css"></head><body><div id="swagger-ui"></div><script src="/docs/assets/swagger-ui-bundle.js"></script><script src="/docs/${name}/page.js"></script></body></html>`;
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
