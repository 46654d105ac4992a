import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { FastifyInstance } from 'fastify';

export interface RegisteredRoute {
  method: string;
  url: string;
}

const CHANNEL = 'fastify.initialization';

/**
 * What Fastify really registers while `make` builds apps, asked of Fastify itself: routes added
 * past serve() or the editions' data show too. The HEAD beside each GET is left out.
 */
export async function recordRoutes<T>(make: () => Promise<T>): Promise<{ made: T; routes: RegisteredRoute[] }> {
  const routes: RegisteredRoute[] = [];
  const listen = (message: unknown) => {
    const { fastify } = message as { fastify: FastifyInstance };
    fastify.addHook('onRoute', ({ method, url }) => {
      for (const one of Array.isArray(method) ? method : [method]) {
        if (one !== 'HEAD') routes.push({ method: one, url });
      }
    });
  };
  subscribe(CHANNEL, listen);
  try {
    return { made: await make(), routes };
  } finally {
    unsubscribe(CHANNEL, listen);
  }
}
