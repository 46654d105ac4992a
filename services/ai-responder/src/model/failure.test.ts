import { APIError } from 'openai/core/error';
import { describe, expect, it } from 'vitest';
import { failureOf } from './failure.ts';
import { completionBody, estimateTokens } from './request.ts';

describe('a failure', () => {
  const answered = (status: number, body: object = {}, headers: Record<string, string> = {}) =>
    failureOf(APIError.generate(status, { error: body }, undefined, new Headers(headers)));

  it.each([
    [400, 'refused', false],
    [401, 'refused', false],
    [404, 'refused', false],
    [408, 'timeout', true],
    [429, 'busy', true],
    [500, 'broken', true],
    [502, 'broken', true],
    [503, 'busy', true],
  ])('%i is %s, passing: %s', (status, kind, passing) => {
    expect(answered(status)).toMatchObject({ kind, passing });
  });

  it('from missing credit does not pass by itself', () => {
    expect(answered(429, { code: 'insufficient_quota' })).toMatchObject({ kind: 'refused' });
  });

  it('keeps the time to wait, a minute at most', () => {
    expect(answered(429, {}, { 'retry-after': '7' }).retryAfterMs).toBe(7000);
    expect(answered(429, {}, { 'retry-after': '3600' }).retryAfterMs).toBe(60_000);
    expect(answered(429, {}, { 'retry-after': 'soon' }).retryAfterMs).toBe(0);
  });

  it('of the connection passes by itself, but a private address does not', () => {
    expect(failureOf(new TypeError('fetch failed'))).toMatchObject({ kind: 'broken', passing: true });
    const inside = Object.assign(new Error('10.0.0.1 is not a public address'), { code: 'ERR_PRIVATE_ADDRESS' });
    expect(failureOf(new Error('Connection error.', { cause: inside }))).toMatchObject({ kind: 'refused' });
  });
});

it('Reasoning models get the limit they know and no temperature', () => {
  const request = { messages: [], temperature: 0.7, maxTokens: 150 };
  expect(completionBody({ ...request, model: 'gpt-3.5-turbo' })).toMatchObject({ max_tokens: 150, temperature: 0.7 });
  expect(completionBody({ ...request, model: 'llama3.1' })).toMatchObject({ max_tokens: 150 });
  const reasoning = completionBody({ ...request, model: 'gpt-5-mini' });
  expect(reasoning).toMatchObject({ max_completion_tokens: 150 });
  expect(reasoning).not.toHaveProperty('temperature');
});

it('Tokens are guessed at four characters each', () => {
  expect(estimateTokens([{ role: 'user', content: 'x'.repeat(10) }], 'abc')).toBe(4);
});
