import { request } from 'undici';

export interface Answer<T = unknown> {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: T;
  text: string;
}

/**
 * One call to a public API as a frontend would make it. JSON in, JSON or text out; never throws on
 * a status.
 */
export async function call<T = Record<string, never>>(
  baseUrl: string,
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  options: { token?: string; body?: unknown; raw?: string | Buffer; headers?: Record<string, string> } = {},
): Promise<Answer<T>> {
  const payload = options.raw ?? (options.body === undefined ? undefined : JSON.stringify(options.body));
  const answer = await request(new URL(path, baseUrl), {
    method,
    headers: {
      ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
      ...(options.token ? { authorization: `Bearer ${options.token}` } : {}),
      ...options.headers,
    },
    body: payload ?? null,
    headersTimeout: 60_000,
    bodyTimeout: 60_000,
  });
  const text = await answer.body.text();
  let body: unknown = text;
  try {
    body = JSON.parse(text);
  } catch {
    // A text answer, such as EVENT_RECEIVED.
  }
  return { status: answer.statusCode, headers: answer.headers, body: body as T, text };
}

/**
 * The same, for a call that must succeed: throws with the answer when its status is not the wanted
 * one.
 */
export async function must<T>(answer: Promise<Answer<T>>, status: number): Promise<T> {
  const got = await answer;
  if (got.status !== status) throw new Error(`Expected ${status}, got ${got.status}: ${got.text.slice(0, 500)}`);
  return got.body;
}

/**
 * Waits until `probe` gives something other than null or undefined. At the time limit, which is
 * made for busy machines, it throws the last try's error.
 */
export async function until<T>(
  what: string,
  probe: () => Promise<T | null | undefined>,
  timeoutMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await probe();
      if (value !== null && value !== undefined) return value;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) throw new Error(`Waited ${timeoutMs} ms in vain for ${what}`, { cause: last });
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
