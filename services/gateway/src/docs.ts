import swaggerUi from '@fastify/swagger-ui';
import type { Edition as EditionName } from '@recado/contracts';
import { documentOf, type OpenApiDocument, useDocument, zodCompilers } from '@recado/service-kit';
import fastify, { type FastifyInstance } from 'fastify';
import type { GatewayConfig } from './config.ts';
import { aboutEdition, describeRoute, describeWebhook } from './edge/describe.ts';
import type { Edition } from './edge/edition.ts';
import { useCompression } from './edge/headers/compress.ts';
import { CACHE_CONTROL, useSecurityHeaders } from './edge/headers/headers.ts';
import { editions } from './editions/index.ts';

/** The pages load nothing from elsewhere and run no inline script. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** Our name in a speech bubble, instead of Fastify's own. */
const LOGO = {
  type: 'image/svg+xml',
  content: Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 150 40" height="40"><path fill="#25a35a" d="M8 4h20a6 6 0 0 1 6 6v12a6 6 0 0 1-6 6H16l-8 8v-8a6 6 0 0 1-6-6V10a6 6 0 0 1 6-6z"/><path fill="none" stroke="#fff" stroke-width="3" d="m9 16 5 5 5-5m-2 3 2 2 8-9"/><text x="44" y="27" fill="#fff" font-family="sans-serif" font-size="24" font-weight="700">Recado</text></svg>`,
  ),
};

const documentPath = ({ name }: Edition) => `/docs/${name}/openapi.json`;

/** Gives a scope the edition's document, and its pages on the root's paths. */
export async function mountDocs(scope: FastifyInstance, edition: Edition, config: GatewayConfig): Promise<void> {
  await useDocument(scope, aboutEdition(edition));
  // At the start, so that no request waits for it.
  scope.addHook('onReady', async () => void documentOf(scope));
  scope.register(async (pages) => {
    useSecurityHeaders(pages, config);
    await useCompression(pages);
    pages.addHook('onSend', async (_request, reply) => {
      reply.header('content-security-policy', CONTENT_SECURITY_POLICY).header('x-frame-options', 'DENY');
      reply.header('cache-control', CACHE_CONTROL.dynamic);
    });
    pages.get(documentPath(edition), async () => documentOf(scope));
    addPage(pages, `/docs/${edition.name}`, edition.title);
    // The root belongs to saas; its document names `/api-docs`.
    if (edition !== editions.saas) return;
    addPage(pages, '/api-docs', edition.title);
    addPage(pages, '/docs', 'Recado', Object.values(editions));
  });
}

/** Swagger UI from our own disk; with `choice` it offers the documents of several editions. */
function addPage(scope: FastifyInstance, routePrefix: string, title: string, choice?: Edition[]): void {
  const urls = choice?.map((edition) => ({ url: documentPath(edition), name: edition.title }));
  scope.register(async (page) => {
    await page.register(swaggerUi, {
      routePrefix,
      logo: { ...LOGO, href: '/docs', target: '_self' },
      theme: { title, favicon: [{ ...LOGO, filename: 'recado.svg', rel: 'icon', sizes: 'any' }] },
      uiConfig: { deepLinking: true, persistAuthorization: true, ...(urls ? { urls } : {}) },
    });
  });
}

/** Each edition's OpenAPI 3.1 document, with full mounted paths. Needs no server. */
export async function editionDocuments(): Promise<Record<EditionName, OpenApiDocument>> {
  const app = fastify({ schemaController: zodCompilers });
  const scopes: [EditionName, FastifyInstance][] = [];
  for (const edition of Object.values(editions)) {
    app.register(async (scope) => {
      await useDocument(scope, aboutEdition(edition));
      scopes.push([edition.name, scope]);
      const add = (method: string, path: string, described: ReturnType<typeof describeRoute>) =>
        scope.route({ method, url: edition.prefix + path, config: { described }, handler: async () => null });
      for (const route of edition.routes) add(route.method, route.path, describeRoute(edition, route));
      for (const webhook of edition.webhooks ?? []) add('POST', webhook.path, describeWebhook(webhook));
    });
  }
  await app.ready();
  return Object.fromEntries(scopes.map(([name, scope]) => [name, documentOf(scope)])) as Record<
    EditionName,
    OpenApiDocument
  >;
}
