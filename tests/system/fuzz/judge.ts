import { errorBody } from '@recado/contracts';
import type { z } from 'zod';
import type { Edition } from '../../../services/gateway/src/edge/edition.ts';
import { editions } from '../../../services/gateway/src/editions/index.ts';
import type { RawAnswer } from './client.ts';
import { type Draft, targetOf } from './draft.ts';

const ALL = Object.values(editions);
/** Internal details that no answer may hold. */
const INSIDES =
  /\bat [\w.<>]+ \(|node_modules|\.[mc]?[jt]s:\d+|\b(?:postgres|ECONN\w+|SQLSTATE|syntax error at|duplicate key|violates|TypeError|RangeError|SyntaxError)\b/;

/**
 * What is wrong with an answer, or null. The same for every request: what it should have been
 * answered is for other tests.
 */
export function fault(draft: Draft, answer: RawAnswer): string | null {
  const { status, body, end } = answer;
  if (end === 'silent') return 'no answer';
  // A connection may be closed on a request that is none; anything that is one gets words.
  if (end === 'closed')
    return draft.framing === 'length' && !hasUpgrade(draft) ? 'the connection was closed without an answer' : null;
  if (status >= 500) return `${status}`;
  if (status < 100 || status > 499) return `no status of HTTP: ${status}`;
  if (status < 400) return null;
  if (draft.target.kind === 'socket' || draft.method === 'HEAD' || hasUpgrade(draft)) return null;
  if (INSIDES.test(body)) return 'the error tells of our insides';
  // Services behind the edge leave unknown expectations to Node.
  if (status === 417 && draft.target.at !== 'gateway') return null;
  // The parser answers what is not HTTP, before the path is known.
  if (UNREADABLE.has(status) && answer.headers.connection?.toLowerCase() === 'close' && body === '') return null;
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return `the error is no JSON (${answer.headers['content-type'] ?? 'no content type'})`;
  }
  const schemas = schemasFor(draft, status);
  if (schemas.some((schema) => schema.safeParse(value).success)) return null;
  return 'the error is not in the edition’s shape';
}

/** 400, 408, 417, 431: said by Node's parser itself. */
const UNREADABLE = new Set([400, 408, 417, 431]);

const hasUpgrade = ({ headers }: Draft) => headers.some(([name]) => name === 'upgrade');

/**
 * The editions whose error shape fits: that of the path or host, or any when the path is broken.
 */
function schemasFor(draft: Draft, status: number): z.ZodType[] {
  if (draft.target.at !== 'gateway') return [errorBody, editions.saas.errorSchema];
  const path = targetOf(draft).split(/[?#]/, 1)[0]!;
  const host = draft.headers.find(([name]) => name === 'host')?.[1].split(':')[0];
  const byHost = ALL.find(({ name }) => host === `${name}.localhost`);
  if (byHost) return [byHost.errorSchema, editions.saas.errorSchema];
  const byPath = ALL.find(({ prefix }) => path === prefix || path.startsWith(`${prefix}/`));
  if (byPath && canBeRouted(draft) && status !== 431) return [byPath.errorSchema];
  return ALL.map((edition: Edition) => edition.errorSchema);
}

/** What Node's parser or the router lets through as it is. */
function canBeRouted({ method, headers, framing, path }: Draft): boolean {
  const usual = /^(GET|POST|PUT|PATCH|DELETE|OPTIONS|HEAD)$/.test(method);
  const plain = /^[\w/.~-]*$/.test(path) && !path.includes('//') && !path.includes('..');
  const heads = headers.every(([name, value]) => !name.includes(' ') && value.length < 8000);
  return usual && plain && heads && framing === 'length';
}
