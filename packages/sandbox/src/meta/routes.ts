import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { SandboxParts } from '../parts.ts';
import { GraphError, graphErrorBody, noSuchObject } from './errors.ts';
import { finishUpload, startUpload } from './example-routes.ts';
import { APP_ID } from './example-uploads.ts';
import { type Fields, invalid, isFields } from './fields.ts';
import { groupView } from './groups.ts';
import { addAnswerHeaders } from './headers.ts';
import { healthView } from './health.ts';
import { checkUpload } from './media.ts';
import { sendMessage } from './messages.ts';
import { readMultipart } from './multipart.ts';
import type { MetaNumber } from './numbers.ts';
import { registerNumber, signupRoutes } from './signup.ts';
import { createTemplate, deleteTemplates, editTemplate, getTemplate, listTemplates } from './template-routes.ts';
import { registrationOf, registrationView, requestCode, verifyCode } from './verification.ts';

type Handler = (request: FastifyRequest, reply: FastifyReply, numbers: MetaNumber[], id: string) => unknown;

const UPLOAD_MAX = 101 * 1024 * 1024;

/** The Graph API: every version answers alike. */
export function metaRoutes(parts: SandboxParts, publicUrl: () => string) {
  return async (app: FastifyInstance): Promise<void> => {
    app.addContentTypeParser(
      ['multipart/form-data', 'application/octet-stream'],
      { parseAs: 'buffer', bodyLimit: UPLOAD_MAX },
      (_request, body, done) => done(null, body),
    );
    const headers = addAnswerHeaders(app, parts);
    app.setErrorHandler((error, request, reply) => {
      const refusal = asGraphError(error);
      return reply.status(refusal.status).send(graphErrorBody(refusal, headers.traceOf(request)));
    });
    app.setNotFoundHandler((request, reply) => {
      const refusal = new GraphError(2500, { message: `Unknown path components: ${request.url.split('?')[0]}` });
      return reply.status(400).send(graphErrorBody(refusal, headers.traceOf(request)));
    });

    const on = (method: 'GET' | 'POST' | 'DELETE', path: string, handle: Handler) =>
      app.route({
        method,
        url: `/:version(^v\\d+\\.\\d+$)${path}`,
        bodyLimit: UPLOAD_MAX,
        handler: async (request, reply) => {
          const numbers = authorise(parts, request);
          headers.countCall(request, numbers);
          return handle(request, reply, numbers, (request.params as { id: string }).id);
        },
      });
    const numberOf = (numbers: MetaNumber[], id: string, method: string): MetaNumber => {
      const number = numbers.find((one) => one.phoneNumberId === id);
      if (!number) throw noSuchObject(id, method);
      return number;
    };
    const accountOf = (numbers: MetaNumber[], id: string, method: string): MetaNumber => {
      const number = numbers.find((one) => one.wabaId === id);
      if (!number) throw noSuchObject(id, method);
      return number;
    };

    on('POST', '/:id/messages', (request, reply, numbers, id) =>
      sendMessage(parts, numberOf(numbers, id, 'post'), request, reply),
    );
    on('POST', '/:id/media', (request, _reply, numbers, id) => upload(parts, numberOf(numbers, id, 'post'), request));
    on('GET', '/:id/message_templates', (request, _reply, numbers, id) => {
      accountOf(numbers, id, 'get');
      return listTemplates(parts, id, request.query as Fields, `${publicUrl()}${request.url.split('?')[0]}`);
    });
    on('POST', '/:id/message_templates', (request, _reply, numbers, id) =>
      createTemplate(parts, accountOf(numbers, id, 'post'), request.body),
    );
    on('DELETE', '/:id/message_templates', (request, _reply, numbers, id) => {
      accountOf(numbers, id, 'delete');
      return deleteTemplates(parts, id, request.query as Fields);
    });
    on('GET', '/:id/subscribed_apps', (_request, _reply, numbers, id) => {
      accountOf(numbers, id, 'get');
      return {
        data: [{ whatsapp_business_api_data: { id: APP_ID, link: publicUrl(), name: 'Sandbox app' } }],
      };
    });
    for (const method of ['POST', 'DELETE'] as const) {
      on(method, '/:id/subscribed_apps', (_request, _reply, numbers, id) => {
        accountOf(numbers, id, method);
        return { success: true };
      });
    }
    on('POST', '/:id/register', (request, _reply, numbers, id) =>
      registerNumber(parts, numberOf(numbers, id, 'post'), request.body),
    );
    on('POST', '/:id/deregister', (_request, _reply, numbers, id) => {
      const number = numberOf(numbers, id, 'post');
      parts.numbers.put({
        ...number,
        registeredPin: null,
        registration: { ...registrationOf(number), registered: false },
      });
      return { success: true };
    });
    // Meta takes the parameters in the query as well.
    on('POST', '/:id/request_code', (request, _reply, numbers, id) =>
      requestCode(parts, numberOf(numbers, id, 'post'), parametersOf(request)),
    );
    on('POST', '/:id/verify_code', (request, _reply, numbers, id) =>
      verifyCode(parts, numberOf(numbers, id, 'post'), parametersOf(request)),
    );
    signupRoutes(parts, app);
    on('GET', '/debug_token', (request, _reply, numbers) => debugToken(parts, numbers, request.query as Fields));
    on('GET', '/:id/phone_numbers', (_request, _reply, numbers, id) => {
      accountOf(numbers, id, 'get');
      return { data: numbers.filter((one) => one.wabaId === id).map((one) => numberView(one, undefined)) };
    });
    on('GET', '/:id', (request, _reply, numbers, id) => {
      const fields = (request.query as Fields).fields;
      const number = numbers.find((one) => one.phoneNumberId === id);
      if (number) return numberView(number, typeof fields === 'string' ? fields.split(',') : undefined);
      const account = numbers.find((one) => one.wabaId === id);
      if (account) return { id, name: account.verifiedName, timezone_id: '25', message_template_namespace: `ns_${id}` };
      const group = groupView(parts, numbers, id, request.query as Fields);
      if (group) return group;
      const template = getTemplate(parts, numbers, id, request.query as Fields);
      return template ?? mediaView(parts, numbers, id, request.query as Fields, publicUrl());
    });
    on('POST', '/:id/uploads', (request, _reply, numbers, id) =>
      startUpload(parts, numbers, id, request.query as Fields),
    );
    on('POST', '/:id', (request, _reply, numbers, id) =>
      id.startsWith('upload:')
        ? finishUpload(parts, numbers, id, request)
        : editTemplate(parts, numbers, id, request.body),
    );
    on('DELETE', '/:id', (_request, _reply, numbers, id) => {
      const media = parts.media.find(id);
      if (!media || !numbers.some((one) => one.phoneNumberId === media.phoneNumberId)) throw noSuchObject(id, 'delete');
      parts.media.remove(id);
      return { success: true };
    });

    // Meta serves the bytes from another host; the link and the bearer are needed both.
    app.get('/whatsapp_business/attachments/', async (request, reply) => {
      const numbers = authorise(parts, request);
      const { mid, ext, hash } = request.query as Record<string, string | undefined>;
      const media = mid && ext && hash && parts.media.isOurs(mid, ext, hash) ? parts.media.find(mid) : null;
      if (!media || !numbers.some((one) => one.phoneNumberId === media.phoneNumberId))
        return reply.status(404).send('');
      if (Number(ext) * 1000 <= Date.now()) return reply.status(404).send('URL signature expired');
      return reply
        .type(media.mimeType)
        .header(
          'content-disposition',
          `attachment; filename="${(media.filename ?? media.id).replace(/[^\x20-\x7e]|["\\]/g, '_')}"`,
        )
        .send(media.data);
    });
  };
}

const parametersOf = ({ query, body }: FastifyRequest): Fields => ({
  ...(query as Fields),
  ...(isFields(body) ? body : {}),
});

function asGraphError(error: unknown): GraphError {
  if (error instanceof GraphError) return error;
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  if (status === 413) return new GraphError(131053, { status: 413, details: 'The request body is too large.' });
  if (status < 500)
    return new GraphError(100, { message: `(#100) ${error instanceof Error ? error.message : 'Invalid request'}` });
  return new GraphError(1, { status: 500, details: error instanceof Error ? error.message : String(error) });
}

/** The numbers the bearer token may act for. Throws GraphError when there is none. */
function authorise(parts: SandboxParts, request: FastifyRequest): MetaNumber[] {
  const header = request.headers.authorization;
  const query = (request.query as Fields).access_token;
  const given = header && /^(?:Bearer|OAuth) (.+)$/.exec(header)?.[1];
  const token = given ? given.trim() : typeof query === 'string' ? query : '';
  if (token === '') {
    throw new GraphError(104, { status: 401, message: 'An access token is required to request this resource.' });
  }
  const numbers = parts.numbers.ofToken(token);
  if (numbers.length === 0) throw new GraphError(190);
  return numbers;
}

/** What a token may do, and for which accounts. */
function debugToken(parts: SandboxParts, askers: MetaNumber[], { input_token: token }: Fields): Fields {
  if (typeof token !== 'string') throw invalid('The parameter input_token is required.');
  const numbers = parts.numbers.ofToken(token);
  if (numbers.length === 0) {
    return { data: { is_valid: false, error: { code: 190, message: 'Invalid OAuth access token.' }, scopes: [] } };
  }
  // Only the app of a token may look at it.
  if (numbers.some(({ appSecret }) => appSecret !== askers[0]!.appSecret)) throw new GraphError(100);
  const accounts = [...new Set(numbers.map(({ wabaId }) => wabaId))];
  const scopes = ['whatsapp_business_management', 'whatsapp_business_messaging'];
  return {
    data: {
      app_id: APP_ID,
      type: 'SYSTEM_USER',
      application: 'Sandbox app',
      is_valid: true,
      expires_at: 0,
      scopes,
      granular_scopes: scopes.map((scope) => ({ scope, target_ids: accounts })),
    },
  };
}

function numberView(number: MetaNumber, fields: string[] | undefined): Fields {
  const all: Fields = {
    verified_name: number.verifiedName,
    display_phone_number: number.displayPhoneNumber,
    quality_rating: 'GREEN',
    ...registrationView(number),
    throughput: { level: 'STANDARD' },
    name_status: 'APPROVED',
    health_status: healthView(number),
    messaging_limit_tier: 'TIER_1K',
    webhook_configuration: { application: number.webhookUrl ?? '' },
  };
  const shown = fields?.map((field) => field.trim()).filter((field) => field in all) ?? [
    'verified_name',
    'code_verification_status',
    'display_phone_number',
    'quality_rating',
    'platform_type',
    'throughput',
  ];
  return { ...Object.fromEntries(shown.map((field) => [field, all[field]])), id: number.phoneNumberId };
}

function mediaView(parts: SandboxParts, numbers: MetaNumber[], id: string, query: Fields, publicUrl: string): Fields {
  const media = parts.media.find(id);
  const mine = media && numbers.some((one) => one.phoneNumberId === media.phoneNumberId);
  const asked = query.phone_number_id;
  if (!media || !mine || (asked !== undefined && asked !== media.phoneNumberId)) throw noSuchObject(id, 'get');
  const expires = Math.floor((Date.now() + parts.behaviour().mediaUrlTtlMs) / 1000);
  return {
    url: `${publicUrl}${parts.media.linkPath(media.id, expires)}`,
    mime_type: media.mimeType,
    sha256: media.sha256,
    file_size: String(media.data.length),
    id: media.id,
    messaging_product: 'whatsapp',
  };
}

function upload(parts: SandboxParts, number: MetaNumber, request: FastifyRequest): { id: string } {
  const type = request.headers['content-type'] ?? '';
  const form = Buffer.isBuffer(request.body) ? readMultipart(type, request.body) : null;
  if (!form) throw invalid('The request must be a multipart/form-data upload.');
  const field = (name: string) =>
    form.find((part) => part.name === name && part.filename === null)?.data.toString('utf8');
  if (field('messaging_product') !== 'whatsapp') throw invalid('The parameter messaging_product is required.');
  const file = form.find((part) => part.name === 'file' && part.filename !== null);
  if (!file) throw invalid('The parameter file is required.');
  if (field('type') === undefined) throw invalid('The parameter type is required.');
  // The part's own type wins.
  const mimeType =
    file.contentType && file.contentType !== 'application/octet-stream' ? file.contentType : field('type')!;
  checkUpload(mimeType, file.data);
  const media = parts.media.put({
    phoneNumberId: number.phoneNumberId,
    mimeType,
    filename: file.filename,
    data: file.data,
  });
  return { id: media.id };
}
