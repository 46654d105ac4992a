import { errorBody, type RouteContract } from '@recado/contracts';
import { z } from 'zod';

/** A route as a document shows it; `path` whole, with its prefix, `:name` parameters. */
export interface OpenApiRoute {
  method: string;
  path: string;
  contract: OpenApiContract;
}

/** What is read of a contract; internal routes and editions' routes both have it. */
export type OpenApiContract = Pick<
  RouteContract,
  'params' | 'query' | 'body' | 'responses' | 'summary' | 'description' | 'tags'
> & {
  auth?: string;
  operationId?: string;
  /** Overrides the document's security for this route, e.g. `[]` for an open one. */
  security?: Record<string, string[]>[];
  deprecated?: boolean;
};

export interface OpenApiOptions {
  title: string;
  version: string;
  description?: string;
  routes: readonly OpenApiRoute[];
  servers?: { url: string; description?: string }[];
  tags?: { name: string; description?: string }[];
  /** Default: the internal bearer token. */
  securitySchemes?: Record<string, object>;
  /** Applies to every route whose `auth` is not `none`. Default: the first of securitySchemes. */
  security?: Record<string, string[]>[];
  /** The body of every error. Default: the internal one. */
  errorSchema?: z.ZodType;
}

type Json = Record<string, unknown>;
export interface OpenApiDocument extends Json {
  openapi: '3.1.0';
  paths: Record<string, Record<string, Json>>;
  components: { schemas: Record<string, Json>; securitySchemes: Record<string, object> };
}

/**
 * An OpenAPI 3.1 document of routes as data. Schemas with `.meta({ id })` become components; the order of everything follows the routes,
 * so that the document can be compared with a committed one.
 */
export function buildOpenApi(options: OpenApiOptions): OpenApiDocument {
  const securitySchemes = options.securitySchemes ?? {
    internal: {
      type: 'http',
      scheme: 'bearer',
      bearerFormat: 'JWT',
      description: 'Internal token, aud recado-internal',
    },
  };
  const [firstScheme] = Object.keys(securitySchemes);
  const security = options.security ?? (firstScheme ? [{ [firstScheme]: [] }] : []);
  const components = createComponents();
  const error = components.schema(options.errorSchema ?? errorBody, 'output');
  const paths: OpenApiDocument['paths'] = {};
  const ids = new Set<string>();
  for (const { method, path, contract } of options.routes) {
    const key = path.replace(/:(\w+)/g, '{$1}').replace(/(?<=.)\/$/, '');
    paths[key] ??= {};
    paths[key][method.toLowerCase()] = {
      operationId: uniqueId(contract.operationId ?? operationId(method, path), ids),
      summary: contract.summary,
      ...(contract.description ? { description: contract.description } : {}),
      tags: contract.tags ?? [firstSegment(path)],
      ...(contract.deprecated ? { deprecated: true } : {}),
      security: contract.security ?? (contract.auth === 'none' ? [] : security),
      ...parameters(path, contract, components),
      ...requestBody(contract, components),
      responses: { ...responses(contract, components), default: content('Error', error) },
    };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: options.title,
      version: options.version,
      ...(options.description ? { description: options.description } : {}),
    },
    ...(options.servers ? { servers: options.servers } : {}),
    ...(options.tags ? { tags: options.tags } : {}),
    paths,
    components: { schemas: components.schemas, securitySchemes },
  };
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

function parameters(path: string, contract: OpenApiContract, components: Components): Json {
  const inPath = contract.params ? asProperties(components.schema(contract.params, 'input'), components) : undefined;
  const list: Json[] = [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: inPath?.properties[name!] ?? { type: 'string' },
  }));
  const inQuery = contract.query ? asProperties(components.schema(contract.query, 'input'), components) : undefined;
  for (const [name, schema] of Object.entries(inQuery?.properties ?? {})) {
    const { description, ...rest } = schema;
    list.push({
      name,
      in: 'query',
      ...(description ? { description } : {}),
      ...(inQuery?.required.includes(name) ? { required: true } : {}),
      schema: rest,
    });
  }
  return list.length > 0 ? { parameters: list } : {};
}

function asProperties(schema: Json, components: Components) {
  const ref = typeof schema.$ref === 'string' ? schema.$ref.split('/').at(-1)! : undefined;
  const object = (ref ? components.schemas[ref] : schema) as { properties?: Record<string, Json>; required?: string[] };
  return { properties: object.properties ?? {}, required: object.required ?? [] };
}

function requestBody({ body }: OpenApiContract, components: Components): Json {
  if (!body) return {};
  const required = !body.safeParse(undefined).success;
  return { requestBody: { required, content: { 'application/json': { schema: components.schema(body, 'input') } } } };
}

function responses(contract: OpenApiContract, components: Components): Json {
  const out: Json = {};
  for (const [status, type] of Object.entries(contract.responses)) {
    const bare = status === '204' || type instanceof z.ZodNull || type instanceof z.ZodVoid;
    const description = STATUS_TEXT[status] ?? 'Answer';
    out[status] = bare ? { description } : content(description, components.schema(type, 'output'));
  }
  return out;
}

function content(description: string, schema: Json): Json {
  return { description, content: { 'application/json': { schema } } };
}

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

function uniqueId(id: string, taken: Set<string>): string {
  let unique = id;
  for (let n = 2; taken.has(unique); n++) unique = `${id}${n}`;
  taken.add(unique);
  return unique;
}
