import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { accessToken } from './access-token.ts';
import { samples } from './samples.ts';
import { startTestGateway, type TestGateway } from './test-gateway.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway?.close());
afterEach(() => {
  gateway.fakes.isCapped = false;
});

const NUMBER = samples.channel.id;
const CASES = [
  ['crm', '/v1/chats', 'meta.total_is_capped'],
  ['bots', '/bots/api/conversations', 'pagination.totalIsCapped'],
  ['inbox', '/inbox/api/conversations', 'pagination.totalIsCapped'],
  ['saas', `/api/v1/whatsapp/instances/${NUMBER}/conversations`, 'totalIsCapped'],
  ['scheduler', '/scheduler/api/groups', 'pagination.total_is_capped'],
  ['saas', '/api/v1/tenant/dashboard', 'data.overview.activeConversationsIsCapped'],
  ['saas', '/api/v1/tenant/usage', 'data.usage.conversations.isCapped'],
] as const;

it.each(CASES)('%s tells at %s that it counted no further, and only then', async (aud, url, path) => {
  const shown = async () => {
    const headers = {
      authorization: `Bearer ${accessToken(gateway.fakes, { aud })}`,
      'x-tenant-slug': samples.tenant.slug,
    };
    const answer = await gateway.app.inject({ url, headers });
    expect([answer.statusCode, answer.body]).toEqual([200, expect.any(String)]);
    return path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], answer.json());
  };
  expect(await shown()).toBeUndefined();
  gateway.fakes.isCapped = true;
  expect(await shown()).toBe(true);
});
