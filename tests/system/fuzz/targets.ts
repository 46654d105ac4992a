import { FRAMES_PATH, type HttpMethod } from '@recado/contracts';
import type { StatefulService } from '@recado/testkit';
import type { z } from 'zod';
import type { Edition } from '../../../services/gateway/src/edge/edition.ts';
import { editions } from '../../../services/gateway/src/editions/index.ts';
import { APIS } from '../security/internal-apis.ts';

/** Something that answers. */
export interface Target {
  kind: 'route' | 'webhook' | 'page' | 'socket' | 'internal';
  /** The gateway, or a service behind it. */
  at: 'gateway' | StatefulService;
  method: HttpMethod;
  /** As mounted, with `:name` parameters. */
  path: string;
  auth: 'bearer' | 'none' | 'signature';
  params?: z.ZodType | undefined;
  query?: z.ZodType | undefined;
  body?: z.ZodType | undefined;
}

const all = Object.values(editions);

const routes: Target[] = all.flatMap((edition) =>
  edition.routes.map(({ method, path, auth, params, query, body }) => ({
    kind: 'route' as const,
    at: 'gateway' as const,
    method,
    path: mounted(edition, path),
    auth: auth === 'none' ? ('none' as const) : ('bearer' as const),
    params,
    query,
    body,
  })),
);

const webhooks: Target[] = all.flatMap((edition) =>
  (edition.webhooks ?? []).map(({ path }) => ({
    kind: 'webhook' as const,
    at: 'gateway' as const,
    method: 'POST' as const,
    path: mounted(edition, path),
    auth: 'signature' as const,
  })),
);

const page = (path: string): Target => ({ kind: 'page', at: 'gateway', method: 'GET', path, auth: 'none' });
const pages: Target[] = [
  '/',
  '/health',
  '/health/live',
  '/health/ready',
  '/health/accepting',
  '/metrics',
  '/api-docs',
  '/docs',
  '/docs/',
  '/docs/static/swagger-ui.css',
  '/docs/static/nothing.js',
  '/docs/nothing',
  ...all.flatMap(({ name, prefix }) => [
    `/docs/${name}`,
    `/docs/${name}/openapi.json`,
    `/docs/${name}/static/swagger-initializer.js`,
    `/docs/${name}/yaml`,
    `${prefix}/docs`,
    `${prefix}/nothing/here`,
  ]),
  '/scheduler/swagger',
  '/favicon.ico',
  '/.env',
  '/nothing',
].map(page);

const sockets: Target[] = [
  '/socket.io/?EIO=4&transport=polling',
  '/socket.io/?EIO=4&transport=websocket',
  '/socket.io/?EIO=9&transport=polling',
  '/socket.io/?EIO=4&transport=nothing',
  '/socket.io/?EIO=4&transport=polling&sid=nobody',
  '/socket.io/nothing',
  '/scheduler/ws/0190a0a0-0000-7000-8000-00000000000a',
].map((path) => ({ ...page(path), kind: 'socket' as const }));

const internal: Target[] = Object.entries(APIS).flatMap(([service, api]) =>
  Object.values(api).map(({ method, path, auth, params, query, body }) => ({
    kind: 'internal' as const,
    at: service as StatefulService,
    method,
    path,
    auth: auth === 'none' ? ('none' as const) : ('bearer' as const),
    params,
    query,
    body,
  })),
);
internal.push({ kind: 'internal', at: 'channel-connector', method: 'POST', path: FRAMES_PATH, auth: 'bearer' });

function mounted({ prefix }: Edition, path: string): string {
  return path === '/' ? prefix : prefix + path;
}

/** How often each kind is asked, of a hundred. */
export const TARGETS: readonly (readonly [share: number, targets: readonly Target[]])[] = [
  [74, routes],
  [8, webhooks],
  [6, pages],
  [3, sockets],
  [9, internal],
];

/** Hash a password: a hundred times dearer than the rest, so asked less often. */
export const isDear = ({ method, path }: Target): boolean =>
  method !== 'GET' && /login|register|registrations|\/sessions$|password|\/users|authenticate/.test(path);
