import { EDITIONS, type Edition } from '@recado/contracts';
import type { Access } from '../../acceptance/access.ts';
import { TABLES } from '../../acceptance/tables.ts';
import type { Kind } from '../seeded-tenant.ts';
import { kindOfParam } from './route-kinds.ts';

export interface RouteRow extends Access {
  /** What its path ids name, in their order. */
  ids: Kind[];
}

/**
 * Every route of every edition, from tests/acceptance. A route that is added, opened or gets
 * another permission fails the proof until the table says the same.
 */
export const ROUTE_TABLE = Object.fromEntries(
  Object.entries(TABLES).map(([edition, table]) => [
    edition,
    Object.fromEntries(Object.entries(table).map(([name, { access }]) => [name, { ...access, ids: idsOf(name) }])),
  ]),
) as Record<Edition, Record<string, RouteRow>>;

function idsOf(name: string): Kind[] {
  const path = name.split(' ')[1]!;
  return [...path.matchAll(/:(\w+)/g)].map(([, param]) => {
    const kind = kindOfParam(path, param!);
    if (!kind) throw new Error(`route-kinds.ts does not know what :${param} names in ${name}`);
    return kind;
  });
}

/** What the gateway serves beside the editions' routes. `*`: a preflight's own. */
export const BESIDE: string[] = [
  'GET /',
  'GET /health',
  'GET /health/live',
  'GET /health/ready',
  'GET /health/accepting',
  'GET /metrics',
  ...EDITIONS.map((edition) => `GET /docs/${edition}/openapi.json`),
  ...['/docs', '/api-docs', ...EDITIONS.map((edition) => `/docs/${edition}`)].flatMap((page) =>
    [
      '',
      '/',
      '/json',
      '/yaml',
      ...['*', 'index.html', 'swagger-initializer.js', 'theme/recado.svg'].map((file) => `/static/${file}`),
    ].map((path) => `GET ${page}${path}`),
  ),
  'GET /scheduler/swagger',
  // A signed link is the permission.
  'GET /media/:token/:name',
];
