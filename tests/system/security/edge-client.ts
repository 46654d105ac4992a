import { Pool } from 'undici';

export interface EdgeAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

export interface EdgeRequest {
  method: string;
  path: string;
  authorization?: string | null;
  headers?: Record<string, string>;
  /** JSON, or bytes as they are. */
  body?: unknown;
  raw?: string;
}

/**
 * Many requests over kept-alive connections: as many at once as there are of these, the rest wait
 * here.
 */
export function createEdgeClient(url: string, connections = 12) {
  const pool = new Pool(url, { connections, pipelining: 1 });
  return {
    async send({ method, path, authorization, headers = {}, body, raw }: EdgeRequest): Promise<EdgeAnswer> {
      const payload = raw ?? (body === undefined ? null : JSON.stringify(body));
      const answer = await pool.request({
        method: method as 'GET',
        path,
        headers: {
          ...(authorization === undefined || authorization === null ? {} : { authorization }),
          ...(payload === null ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        body: payload,
        headersTimeout: 30_000,
      });
      return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
    },
    close: () => pool.close(),
  };
}

/** Runs `work` for all of them, some at a time; the order of the results is theirs. */
export async function mapConcurrently<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
  atOnce = 12,
): Promise<R[]> {
  const results: R[] = new Array(items.length);
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const at = next++;
      results[at] = await work(items[at]!);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return results;
}
