import { readFileSync } from 'node:fs';
import type { Edition } from '@recado/contracts';

/** One documented endpoint as data: its examples, and nothing of the prose around them. */
export interface DocumentedEndpoint {
  method: string;
  path: string;
  /** Path at the gateway, on any host. */
  url: string;
  /** Line in the document. */
  line: number;
  /** Values of the query that the document writes behind the path. */
  query: Record<string, string>;
  /** Names of query parameters that the document lists. */
  queryParams: string[];
  headers: string[];
  permission: string | null;
  /** Each documented body. `multipart` names the form's fields instead. */
  requests: { label: string; body?: unknown; multipart?: string[] }[];
  /** Each documented answer. `partial`: the document leaves out the rest with `...`. */
  answers: { status: number | null; body?: unknown; partial?: true; text?: string }[];
}

export interface EditionDocument {
  edition: Edition;
  document: string;
  endpoints: DocumentedEndpoint[];
  /** Shapes that the document shows once for several endpoints, by heading. */
  shapes: Record<string, Record<string, unknown>>;
}

/** The documented examples of an edition: docs/contracts/<edition>.json. */
export function readEditionDocument(edition: Edition): EditionDocument {
  const file = new URL(`../../docs/contracts/${edition}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as EditionDocument;
}

/** `POST /auth/login`: how steps and the record of what holds name an endpoint. */
export const nameOf = ({ method, path }: Pick<DocumentedEndpoint, 'method' | 'path'>): string => `${method} ${path}`;

/** The documented answer of an endpoint that succeeds, without the parts whose keys are free. */
export function documented(edition: Edition, name: string): Record<string, unknown> {
  const endpoint = readEditionDocument(edition).endpoints.find((one) => nameOf(one) === name);
  const body = endpoint && successOf(endpoint)?.body;
  if (typeof body !== 'object' || body === null) throw new Error(`${edition}.md shows no answer of ${name}`);
  return fixedPart(body) as Record<string, unknown>;
}

/** A shape that a document shows once for several endpoints. */
export function documentedShape(edition: Edition, name: string): Record<string, unknown> {
  const shape = readEditionDocument(edition).shapes[name];
  if (!shape) throw new Error(`${edition}.md shows no ${name}`);
  return shape;
}

/** The documented answer of a request that succeeds. */
export const successOf = ({ answers }: DocumentedEndpoint) =>
  answers.find(({ status }) => status === null || status < 400);

/** Objects whose keys a tenant or a document chooses: only that they are objects counts. */
const FREE_FORM = new Set(['changes', 'custom_fields', 'bot_context', 'variables']);

/** An example without the keys of its free-form objects. */
export function fixedPart(example: unknown): unknown {
  if (Array.isArray(example)) return example.map(fixedPart);
  if (typeof example !== 'object' || example === null) return example;
  return Object.fromEntries(
    Object.entries(example).map(([key, value]) => [key, FREE_FORM.has(key) && value ? {} : fixedPart(value)]),
  );
}
