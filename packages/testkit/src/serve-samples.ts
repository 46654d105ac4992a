import type { MissingThing, RouteContract } from '@recado/contracts';
import { NotFound, serve } from '@recado/service-kit';
import { sample } from './sample.ts';

type App = Parameters<typeof serve>[0];
type Schema = RouteContract['responses'][number];

/** A thing that a fake holds. */
export interface HeldThing {
  value: { id: string };
  /** The path parameter with its id: another id there is answered 404. */
  param: string;
}

/** By the id of its schema in the contracts: `User`, `Group`. */
export type HeldThings = Record<string, HeldThing>;

const idOf = (schema: Schema): string => String(schema.meta()?.id ?? '');
const missingOf = (param: string): string =>
  param.replace(/Id$/, '').replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`);

/**
 * A fake made from contracts. A route without a handler answers the held thing of its schema,
 * changed by what the call sent. It answers a sample where nothing is held.
 */
export function serveSamples(app: App, api: Record<string, RouteContract>, held: HeldThings = {}): void {
  const things = Object.values(held);
  const known = (schema: Schema) => held[idOf(schema)]?.value;
  const hint = (key: string) => (key === 'nextCursor' ? null : undefined);
  for (const route of Object.values(api)) {
    if (app.hasRoute({ method: route.method, url: route.path })) continue;
    const [answer] = Object.values(route.responses);
    serve(app, route, async ({ params, body }) => {
      for (const { value, param } of things) {
        const asked = (params as Record<string, string> | undefined)?.[param];
        if (asked !== undefined && asked !== value.id) throw new NotFound(missingOf(param) as MissingThing, asked);
      }
      const made = sample(answer!, { known, hint });
      return (known(answer!) && body ? { ...(made as object), ...sentOf(body, made as object) } : made) as never;
    });
  }
}

/** What was sent of the fields that a thing has. */
const sentOf = (body: object, thing: object): object =>
  Object.fromEntries(Object.entries(body).filter(([key, value]) => key in thing && value !== undefined));
