import type { RouteContract } from '@recado/contracts';
import { serve } from '@recado/service-kit';
import { sample } from './sample.ts';

type App = Parameters<typeof serve>[0];

/** A fake made from a contract: a route without a handler answers with a sample of its schema. */
export function serveSamples(app: App, api: Record<string, RouteContract>): void {
  for (const route of Object.values(api)) {
    if (app.hasRoute({ method: route.method, url: route.path })) continue;
    const [answer] = Object.values(route.responses);
    serve(app, route, async () => sample(answer!) as never);
  }
}
