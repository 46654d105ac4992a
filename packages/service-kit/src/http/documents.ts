import swagger, { type FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import { errorBody, type RouteContract } from '@recado/contracts';
import type { FastifyInstance, FastifySchema } from 'fastify';
import { z } from 'zod';

/** The part of a document about a route, beside its method and path. */
export type Described = Pick<
  RouteContract,
  'params' | 'query' | 'body' | 'responses' | 'summary' | 'description' | 'tags'
> & {
  /** What opens it; `[]` for an open route. Default: the document's first scheme. */
  security?: Record<string, string[]>[] | undefined;
  /** Header parameters, as JSON Schema. */
  headers?: ObjectSchema | undefined;
  /** Of its answers. Default: application/json. */
  contentType?: string | undefined;
  /** Of its body. Default: application/json. */
  consumes?: string | undefined;
};

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Shows the route in the document of its scope. */
    described?: Described;
  }
}

export interface DocumentOptions {
  title: string;
  version: string;
  description?: string;
  /** Default: the internal bearer token. */
  securitySchemes?: Record<string, SecurityScheme>;
  /** The body of every error. Default: the internal one. */
  errorSchema?: z.ZodType;
}

type SecurityScheme =
  | { type: 'http'; scheme: string; bearerFormat?: string; description?: string }
  | { type: 'apiKey'; in: string; name: string; description?: string };
type Json = Record<string, unknown>;
interface ObjectSchema {
  properties: Record<string, Json>;
  required?: string[];
}

export interface OpenApiDocument extends Json {
  openapi: string;
  paths: Record<string, Record<string, Json>>;
  components: { schemas: Record<string, Json>; securitySchemes: Record<string, object> };
}

const INTERNAL: Record<string, SecurityScheme> = {
  internal: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'Internal token, aud recado-internal',
  },
};

/**
 * Registers @fastify/swagger for the routes of a scope that have `config.described`.
 * `documentOf(scope)` gives its OpenAPI 3.1 document once the app is ready.
 */
export const useDocument = (scope: FastifyInstance, options: DocumentOptions) =>
  scope.register(swagger, swaggerOptions(options));

/** The document of a scope. Made at the first call. */
export const documentOf = (scope: FastifyInstance): OpenApiDocument => scope.swagger() as unknown as OpenApiDocument;

function swaggerOptions(options: DocumentOptions): FastifyDynamicSwaggerOptions {
  const { title, version, description, securitySchemes = INTERNAL, errorSchema = errorBody } = options;
  const components = createComponents();
  const error = components.schema(errorSchema, 'output');
  const security = [{ [Object.keys(securitySchemes)[0]!]: [] }];
  /** Operations that may be called without a body: the plugin calls every body required. */
  const bodyless = new Set<unknown>();
  return {
    openapi: {
      openapi: '3.1.0',
      info: { title, version, ...(description ? { description } : {}) },
      components: { securitySchemes },
    },
    // OpenAPI 3.1 has `const`.
    convertConstToEnum: false,
    transform({ route, url }) {
      const described = route.config?.described;
      if (!described) return { schema: { hide: true }, url };
      const id = operationId(String(route.method), url);
      if (described.body?.safeParse(undefined).success) bodyless.add(id);
      const schema = schemaOf(url, { ...described, security: described.security ?? security }, components, error);
      // A route at `/` of its scope is registered with and without the slash.
      return { schema: { ...schema, operationId: id }, url: url.replace(/(?<=.)\/$/, '') };
    },
    transformObject(made) {
      const { openapiObject: document } = made as unknown as { openapiObject: OpenApiDocument };
      for (const operation of Object.values(document.paths).flatMap((path) => Object.values(path)))
        if (bodyless.has(operation.operationId)) (operation.requestBody as Json).required = false;
      return { ...document, components: { schemas: components.schemas, securitySchemes } } as never;
    },
  };
}

/** A described route as @fastify/swagger reads it. */
function schemaOf(url: string, route: Described, components: Components, error: Json): FastifySchema {
  const { summary, description, tags, security, body, headers, contentType } = route;
  const query = route.query && asObject(components.schema(route.query, 'input'), components);
  return {
    summary,
    ...(description ? { description } : {}),
    tags: tags ?? [firstSegment(url)],
    security,
    ...(url.includes(':') ? { params: pathSchema(url, route, components) } : {}),
    ...(query ? { querystring: { type: 'object', ...query } } : {}),
    ...(headers ? { headers: { type: 'object', ...headers } } : {}),
    ...(body ? { body: components.schema(body, 'input') } : {}),
    ...(route.consumes ? { consumes: [route.consumes] } : {}),
    response: {
      ...Object.fromEntries(
        Object.entries(route.responses).map(([status, type]) => [
          status,
          answer(
            STATUS_TEXT[status] ?? 'Answer',
            isBare(status, type) ? null : components.schema(type, 'output'),
            contentType,
          ),
        ]),
      ),
      default: answer('Error', error),
    },
  } as FastifySchema;
}

function pathSchema(url: string, { params }: Described, components: Components): Json {
  const known = params ? asObject(components.schema(params, 'input'), components).properties : {};
  const names = [...url.matchAll(/:(\w+)/g)].map(([, name]) => name!);
  return {
    type: 'object',
    properties: Object.fromEntries(names.map((name) => [name, known[name] ?? { type: 'string' }])),
  };
}

function asObject(schema: Json, components: Components): ObjectSchema {
  const ref = typeof schema.$ref === 'string' ? schema.$ref.split('/').at(-1)! : undefined;
  const { properties = {}, required = [] } = (ref ? components.schemas[ref] : schema) as Partial<ObjectSchema>;
  return { properties, required };
}

const isBare = (status: string, type: z.ZodType) =>
  status === '204' || type instanceof z.ZodNull || type instanceof z.ZodVoid;

const answer = (description: string, schema: Json | null, contentType = 'application/json'): Json =>
  schema ? { description, content: { [contentType.split(';', 1)[0]!]: { schema } } } : { description, type: 'null' };

const STATUS_TEXT: Record<string, string> = { 200: 'OK', 201: 'Created', 202: 'Accepted', 204: 'No content' };

function firstSegment(path: string): string {
  return path.split('/').find((part) => part && !/^(?:api|v\d+)$/.test(part) && !part.startsWith(':')) ?? 'general';
}

/** `GET /chats/:id/messages` → `getChatsByIdMessages`. */
function operationId(method: string, path: string): string {
  const words = path
    .split('/')
    .filter(Boolean)
    .map((part) => (part.startsWith(':') ? `by-${part.slice(1)}` : part));
  const name = [method.toLowerCase(), ...words].join('-');
  return name.replace(/[^a-zA-Z0-9]+(.)?/g, (_, next: string | undefined) => next?.toUpperCase() ?? '');
}

interface Components {
  schemas: Record<string, Json>;
  schema(type: z.ZodType, io: 'input' | 'output'): Json;
}

function createComponents(): Components {
  const schemas: Record<string, Json> = {};

  function schema(type: z.ZodType, io: 'input' | 'output'): Json {
    const generated = z.toJSONSchema(type, {
      target: 'draft-2020-12',
      io,
      unrepresentable: 'any',
      override: ({ zodSchema, jsonSchema }) => {
        const { type: kind, catchall } = zodSchema._zod.def as { type: string; catchall?: unknown };
        // zod closes objects of an output; we add fields to answers without a new version, and the
        // document must not deny it.
        if (kind === 'object' && !catchall && jsonSchema.additionalProperties === false)
          delete jsonSchema.additionalProperties;
        // The format says in a word what the generated pattern says in a line.
        if (typeof jsonSchema.format === 'string') delete jsonSchema.pattern;
        // Bounds of a plain z.int(), which say nothing.
        if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
        if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      },
    }) as Json;
    const { $schema: _, $defs = {}, ...root } = generated as { $defs?: Record<string, Json> } & Json;
    const renamed = new Map<string, string>();
    for (const [id, def] of Object.entries($defs)) renamed.set(id, placeName(schemas, id, def, io));
    for (const [id, def] of Object.entries($defs)) schemas[renamed.get(id)!] ??= relink(def, renamed) as Json;
    const own = typeof root.id === 'string' ? root.id : undefined;
    const linked = relink(root, renamed) as Json;
    if (own === undefined || '$ref' in root) return linked;
    const name = placeName(schemas, own, root, io);
    schemas[name] ??= linked;
    return { $ref: `#/components/schemas/${name}` };
  }
  return { schemas, schema };
}

/** A schema whose input and output differ stands twice, the input's under `<id>Input`. */
function placeName(schemas: Record<string, Json>, id: string, def: Json, io: 'input' | 'output'): string {
  const there = schemas[id];
  if (!there || JSON.stringify(there) === JSON.stringify(relink(def, new Map()))) return id;
  return io === 'input' ? `${id}Input` : `${id}Output`;
}

/** Points `#/$defs/X` to the components and drops zod's own `id`. */
function relink(value: unknown, renamed: Map<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item) => relink(item, renamed));
  if (value === null || typeof value !== 'object') return value;
  const out: Json = {};
  for (const [key, item] of Object.entries(value)) {
    if (key === 'id' && typeof item === 'string') continue;
    if (key === '$ref' && typeof item === 'string') {
      const id = item.replace('#/$defs/', '');
      out.$ref = `#/components/schemas/${renamed.get(id) ?? id}`;
    } else out[key] = relink(item, renamed);
  }
  return out;
}
