import { type Answer, call } from '../support/api.ts';
import { type DocumentedEndpoint, type EditionDocument, fixedPart, nameOf, successOf } from '../support/documents.ts';
import { misfits } from '../support/shape.ts';
import type { Access } from './access.ts';
import type { Fixture } from './fixture.ts';

/** One request of a step, and what its answer must be. */
export interface Call {
  /** Values of the path's parameters, in their order. */
  ids?: string[];
  query?: Record<string, string>;
  body?: unknown;
  raw?: Buffer;
  headers?: Record<string, string>;
  token?: string;
  /** Default: the documented status. Needed where the document names none. */
  status?: number;
  /** Shape of the answer where the document shows none: the nearest documented sibling's. */
  answer?: unknown;
  text?: RegExp;
}

/** How one documented endpoint is tried. */
export interface Step {
  /** One call per documented body, in the document's order. */
  calls(fixture: Fixture, documented: DocumentedEndpoint): Call[] | Promise<Call[]>;
  /** Keeps what later steps need. */
  keep?(fixture: Fixture, bodies: Record<string, unknown>[]): void | Promise<void>;
  /**
   * Documented keys that are not filled with real data yet. An endpoint with a gap does not hold.
   */
  gaps?: string[];
}

/** The access of a route, and its step where the document shows an answer. */
export type Row = { access: Access } & (Step | { calls?: never });

/** Every route of an edition by name (`GET /users/:id`), written a second time on purpose. */
export type EditionTable = Record<string, Row>;

export interface Outcome {
  endpoint: string;
  holds: boolean;
  /** What differs from the document. Empty for an endpoint without a step. */
  faults: string[];
  /** Why it does not hold although nothing differs. */
  open: string[];
}

/**
 * Plays the steps of an edition in their order, against a running mesh.
 * @returns one outcome for each documented endpoint, in the document's order
 */
export async function playEdition(
  gateway: string,
  document: EditionDocument,
  table: EditionTable,
  fixture: Fixture,
): Promise<Outcome[]> {
  const endpoints = new Map(document.endpoints.map((endpoint) => [nameOf(endpoint), endpoint]));
  const played = new Map<string, Outcome>();
  for (const [name, step] of Object.entries(table)) {
    if (!step.calls) continue;
    const documented = endpoints.get(name);
    if (!documented) throw new Error(`${document.document} documents no ${name}`);
    played.set(name, await playStep(gateway, documented, step, fixture));
  }
  return document.endpoints.map((endpoint) => {
    const name = nameOf(endpoint);
    return played.get(name) ?? { endpoint: name, holds: false, faults: [], open: ['has no step'] };
  });
}

async function playStep(
  gateway: string,
  documented: DocumentedEndpoint,
  step: Step,
  fixture: Fixture,
): Promise<Outcome> {
  const endpoint = nameOf(documented);
  const open = (step.gaps ?? []).map((gap) => `${gap} is not filled yet`);
  try {
    const calls = await step.calls(fixture, documented);
    const faults: string[] = [];
    const bodies: Record<string, unknown>[] = [];
    for (const [at, one] of calls.entries()) {
      const answer = await send(gateway, documented, one);
      faults.push(...faultsOf(documented, one, answer, calls.length > 1 ? `[${at}] ` : ''));
      bodies.push(answer.body);
    }
    for (const { label } of documented.requests.slice(calls.length)) open.push(`${label} is not tried yet`);
    if (faults.length === 0) await step.keep?.(fixture, bodies);
    return { endpoint, holds: faults.length + open.length === 0, faults, open };
  } catch (error) {
    return { endpoint, holds: false, faults: [String(error)], open };
  }
}

function send(
  gateway: string,
  { method, url }: DocumentedEndpoint,
  one: Call,
): Promise<Answer<Record<string, unknown>>> {
  const ids = [...(one.ids ?? [])];
  const path = url.replace(/:\w+/g, () => encodeURIComponent(ids.shift() ?? 'no-id-given'));
  const query = new URLSearchParams(one.query).toString();
  const { body, raw, headers, token } = one;
  return call(gateway, method as 'GET', query ? `${path}?${query}` : path, {
    ...(body !== undefined && { body }),
    ...(raw && { raw }),
    ...(headers && { headers }),
    ...(token && { token }),
  });
}

function faultsOf(documented: DocumentedEndpoint, one: Call, answer: Answer, where: string): string[] {
  const shown = successOf(documented);
  const status = shown?.status ?? one.status;
  if (status === undefined || status === null) throw new Error('the document names no status, so the step must');
  if (answer.status !== status)
    return [`${where}answered ${answer.status} instead of ${status}: ${answer.text.slice(0, 300)}`];
  const expected = one.answer ?? shown?.body;
  const wrong = expected === undefined ? [] : misfits(fixedPart(expected), answer.body);
  wrong.push(...emptyLists(fixedPart(expected), answer.body));
  const sentence = one.answer === undefined ? sentenceOf(shown?.body) : null;
  if (sentence !== null && sentenceOf(answer.body) !== sentence) wrong.push(`it says ${sentenceOf(answer.body)}`);
  if (one.text && !one.text.test(answer.text)) wrong.push(`the text is ${answer.text.slice(0, 100)}`);
  return wrong.map((fault) => where + fault);
}

/** The sentence of a success, which the document gives word for word. */
function sentenceOf(body: unknown): string | null {
  const message = (body as { message?: unknown } | null | undefined)?.message;
  return typeof message === 'string' ? message : null;
}

/** Lists without a row where the document shows one: their rows' keys were not compared. */
function emptyLists(example: unknown, answer: unknown, path = '$'): string[] {
  if (typeof example !== 'object' || example === null || typeof answer !== 'object' || answer === null) return [];
  if (Array.isArray(example)) {
    const [row] = answer as unknown[];
    if (typeof example[0] !== 'object') return [];
    return row === undefined ? [`${path} is empty`] : emptyLists(example[0], row, `${path}[0]`);
  }
  return Object.entries(example).flatMap(([key, value]) =>
    emptyLists(value, (answer as Record<string, unknown>)[key], `${path}.${key}`),
  );
}
