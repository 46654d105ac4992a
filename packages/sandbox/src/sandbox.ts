import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';
import { createSandboxControl, type SandboxControl } from './control/client.ts';
import { controlRoutes } from './control/routes.ts';
import { evolutionRoutes } from './evolution/routes.ts';
import { type SmtpCatcher, startSmtp } from './mail/smtp.ts';
import { metaRoutes } from './meta/routes.ts';
import { openaiRoutes } from './openai/routes.ts';
import { createParts } from './parts.ts';
import { receiverRoutes } from './receivers/routes.ts';
import { wppconnectRoutes } from './wppconnect/routes.ts';

export interface SandboxOptions {
  /** 0 takes a free one. */
  port?: number | undefined;
  /** Of SMTP; 0 (or nothing) takes a free one. */
  smtpPort?: number | undefined;
  host?: string | undefined;
  /** NDJSON file that keeps the ledger and the registered numbers over restarts. */
  ledgerFile?: string | undefined;
  /** Rows kept in memory of each kind; 1,000,000 unless told. */
  ledgerRows?: number | undefined;
  /** Bearer that `/_control` asks for; open when left out. */
  controlToken?: string | undefined;
  /** Evolution's global key. */
  evolutionKey?: string | undefined;
  /** WPPConnect's secret key, which its tokens are made with. */
  wppconnectSecret?: string | undefined;
  /** Where others reach the sandbox, for media links. Its own address when left out. */
  publicUrl?: string | undefined;
  /**
   * Makes faults and ids repeat from run to run. Random when left out: ids then differ from every
   * earlier run's.
   */
  seed?: string | undefined;
  /**
   * Webhooks that may wait for their receivers; beyond, sends get 130429 and customers' messages
   * 429.
   */
  maxPending?: number | undefined;
}

export interface Sandbox {
  url: string;
  /** For RECADO_META_GRAPH_URL: the Graph API's address without a version. */
  graphUrl: string;
  /** Evolution API v2. */
  evolutionUrl: string;
  /** WPPConnect's server. */
  wppconnectUrl: string;
  /** For RECADO_OPENAI_BASE_URL. */
  openaiBaseUrl: string;
  /** For RECADO_SMTP_URL. */
  smtpUrl: string;
  control: SandboxControl;
  stop(): Promise<void>;
}

/** Evolution's global key unless another is given. */
export const EVOLUTION_KEY = 'sandbox-evolution-key';
/** WPPConnect's secret key unless another is given: its own default. */
export const WPPCONNECT_SECRET = 'THISISMYSECURETOKEN';

/**
 * Starts the simulators. Throws when the port is taken or the ledger's file cannot be
 * opened.
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const parts = await createParts(options);
  // Calls that never get an answer are part of the play: stopping must not wait for them.
  const app = Fastify({ logger: false, forceCloseConnections: true, keepAliveTimeout: 30_000, requestTimeout: 0 });
  parts.address.url = options.publicUrl?.replace(/\/+$/, '') ?? '';
  // DELETE and POST with a content type but no body are common in HTTP clients.
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    if (body === '') return done(null, undefined);
    try {
      done(null, JSON.parse(body as string));
    } catch {
      done(Object.assign(new Error('The body is not valid JSON.'), { statusCode: 400 }), undefined);
    }
  });
  app.get('/health/live', async () => ({ status: 'ok' }));
  app.get('/health/ready', async () => ({ status: 'ok' }));
  await app.register(controlRoutes(parts, options.controlToken), { prefix: '/_control' });
  await app.register(openaiRoutes(parts), { prefix: '/openai/v1' });
  await app.register(evolutionRoutes(parts, options.evolutionKey ?? EVOLUTION_KEY), { prefix: '/evolution' });
  await app.register(wppconnectRoutes(parts, options.wppconnectSecret ?? WPPCONNECT_SECRET), { prefix: '/wppconnect' });
  await app.register(receiverRoutes(parts), { prefix: '/receivers' });
  await app.register(metaRoutes(parts, () => parts.address.url));
  const listenHost = options.host ?? '127.0.0.1';
  let smtp: SmtpCatcher | undefined;
  try {
    smtp = await startSmtp(parts, { port: options.smtpPort ?? 0, host: listenHost });
    await app.listen({ port: options.port ?? 0, host: listenHost });
  } catch (error) {
    await smtp?.stop();
    await parts.stop();
    throw error;
  }
  const { port, address, family } = app.server.address() as AddressInfo;
  // An address that means "all of this machine's" is no address to call.
  const host = address === '0.0.0.0' || address === '::' ? '127.0.0.1' : family === 'IPv6' ? `[${address}]` : address;
  const url = `http://${host}:${port}`;
  parts.address.url ||= url;
  const control = createSandboxControl(url, options.controlToken);
  let stopping: Promise<void> | null = null;
  return {
    url,
    graphUrl: url,
    evolutionUrl: `${url}/evolution`,
    wppconnectUrl: `${url}/wppconnect`,
    openaiBaseUrl: `${url}/openai/v1`,
    smtpUrl: `smtp://${host}:${smtp.port}`,
    control,
    stop() {
      stopping ??= (async () => {
        await control.close();
        const closed = app.close();
        app.server.closeAllConnections();
        await smtp.stop();
        await parts.stop();
        await closed;
      })();
      return stopping;
    },
  };
}
