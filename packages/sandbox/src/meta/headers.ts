import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { SandboxParts } from '../parts.ts';
import type { MetaNumber } from './numbers.ts';

/** Calls of an account in an hour. Source: Meta's page on rate limits. */
const CALLS_AN_HOUR = 5000;

export interface AnswerHeaders {
  /** The trace of a request, the same in the header and in an error's body. */
  traceOf(request: FastifyRequest): string;
  /** Counts a call for the accounts of its token. */
  countCall(request: FastifyRequest, numbers: MetaNumber[]): void;
}

/**
 * The Graph API's headers: version, trace, and how much of the limits was used in percent.
 * Source: Meta's page on rate limits.
 */
export function addAnswerHeaders(app: FastifyInstance, { ids }: SandboxParts): AnswerHeaders {
  const traces = new WeakMap<FastifyRequest, string>();
  const accounts = new WeakMap<FastifyRequest, string[]>();
  const calls = createHourlyCounts();
  const traceOf = (request: FastifyRequest): string => {
    const trace = traces.get(request) ?? ids.trace();
    traces.set(request, trace);
    return trace;
  };
  app.addHook('onSend', async (request, reply) => {
    const { version } = request.params as { version?: string };
    const usage = (id: string) => {
      const used = Math.min(Math.floor((calls.count(id) * 100) / CALLS_AN_HOUR), 100);
      return { call_count: used, total_cputime: used, total_time: used };
    };
    if (version) reply.header('facebook-api-version', version);
    reply.header('x-fb-trace-id', traceOf(request)).header('x-fb-request-id', `R${traceOf(request).slice(1)}`);
    const wabaIds = accounts.get(request) ?? [];
    reply.header('x-app-usage', JSON.stringify(usage('')));
    if (wabaIds.length > 0) {
      const each = wabaIds.map((id) => [id, [{ type: 'whatsapp', ...usage(id), estimated_time_to_regain_access: 0 }]]);
      reply.header('x-business-use-case-usage', JSON.stringify(Object.fromEntries(each)));
    }
  });
  return {
    traceOf,
    countCall(request, numbers) {
      const wabaIds = [...new Set(numbers.map(({ wabaId }) => wabaId))];
      accounts.set(request, wabaIds);
      for (const id of ['', ...wabaIds]) calls.add(id);
    },
  };
}

function createHourlyCounts() {
  const counts = new Map<string, number>();
  let hour = 0;
  const turnOver = () => {
    const now = Math.floor(Date.now() / 3_600_000);
    if (now !== hour) counts.clear();
    hour = now;
  };
  return {
    count: (id: string) => counts.get(id) ?? 0,
    add(id: string) {
      turnOver();
      counts.set(id, (counts.get(id) ?? 0) + 1);
    },
  };
}
