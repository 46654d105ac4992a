import { describe, expect, it } from 'vitest';
import { buildAudit, changesBetween, redactChanges } from './audit.ts';
import { identityAudit } from './events/audit.ts';
import * as contracts from './index.ts';
import { uuidv7 } from './primitives.ts';
import type { RouteContract } from './route.ts';

const APIS = {
  identity: contracts.identityApi,
  connector: contracts.connectorApi,
  conversation: contracts.conversationApi,
  aiResponder: contracts.aiResponderApi,
  scheduler: contracts.schedulerApi,
  analytics: contracts.analyticsApi,
} as Record<string, Record<string, RouteContract>>;
const changing = Object.entries(APIS).flatMap(([api, routes]) =>
  Object.entries(routes)
    .filter(([, { method }]) => method !== 'GET')
    .map(([name, contract]) => ({ name: `${api}.${name}`, contract })),
);

describe('the audit log', () => {
  it('has an action for each changing route, or the reason why it has none', () => {
    expect(changing.length).toBeGreaterThan(20);
    for (const { name, contract } of changing) {
      const { audit } = contract;
      if (typeof audit === 'object') expect(audit.none.length, name).toBeGreaterThan(10);
      else expect(audit, name).toMatch(/^[a-z_]+\.[a-z_]+$/);
    }
  });

  it('holds the actor, the action and the address', () => {
    const tenantId = uuidv7();
    const userId = uuidv7();
    const actor = { kind: 'user' as const, userId, apiKeyId: null, service: null };
    const origin = { tenantId, actor, ip: '192.0.2.1', userAgent: 'curl', edition: 'crm', requestId: 'r1' };
    const { subject, envelope } = buildAudit(identityAudit, origin, {
      action: 'user.update',
      entityType: 'user',
      entityId: userId,
      changes: { role: { from: 'agent', to: 'admin' } },
    });
    expect(subject).toBe(`recado.identity.${tenantId}.audit.recorded`);
    expect(identityAudit.data.parse(envelope.data)).toMatchObject({ actor, action: 'user.update', success: true });
  });
});

describe('changesBetween', () => {
  it('lists what differs and nothing else', () => {
    expect(changesBetween({ a: 1, b: [1], c: null }, { a: 2, b: [1] })).toEqual({ a: { from: 1, to: 2 } });
    expect(changesBetween({ a: 1 }, { a: 1 })).toBeNull();
    expect(changesBetween(null, { a: 1 })).toEqual({ a: { from: null, to: 1 } });
  });

  it.each(['password', 'access_token', 'appSecret', 'credentials', 'apiKey', 'backupCodes'])(
    'never shows %s',
    (field) => {
      expect(JSON.stringify(changesBetween({ [field]: 'old-s3cret' }, { [field]: 'new-s3cret' }))).not.toContain(
        's3cret',
      );
      expect(JSON.stringify(changesBetween(null, { settings: { deep: [{ [field]: 's3cret' }] } }))).not.toContain(
        's3cret',
      );
    },
  );

  it('shows a model’s token limits, which are no secrets', () => {
    const limits = { maxTokensPerDay: 10, max_tokens: 5 };
    expect(changesBetween({ limits }, { limits: { ...limits, maxTokensPerDay: 20 } })).toEqual({
      limits: { from: limits, to: { maxTokensPerDay: 20, max_tokens: 5 } },
    });
  });
});

it('redactChanges hides secrets that a service left in', () => {
  const changes = { token: { from: null, to: 's3cret' }, a: { from: { app_secret: 's3cret' }, to: [{ otp: '1' }] } };
  expect(redactChanges(changes)).toEqual({
    token: { from: null, to: '***' },
    a: { from: { app_secret: '***' }, to: [{ otp: '***' }] },
  });
});
