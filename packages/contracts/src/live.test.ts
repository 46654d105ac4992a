import { describe, expect, it } from 'vitest';
import * as contracts from './index.ts';
import type { RouteContract } from './route.ts';

/** What gives rights, holds credentials or costs money: a change takes a live session. */
const GUARDED = ['user', 'role', 'api_key', 'two_factor', 'tenant', 'channel', 'webhook_endpoint', 'ai_config'];
/**
 * Everything else that changes. A token that has just ended may still do this while Redis is away.
 */
const OTHERS = [
  'session',
  'message',
  'conversation',
  'group',
  'contact',
  'file',
  'template',
  'task',
  'campaign',
  'custom_field',
  'canned_answer',
  'scheduled_message',
  'survey',
  'rule',
  'macro',
  'board',
];

const changing = Object.entries(contracts)
  .filter(([name]) => name.endsWith('Api'))
  .flatMap(([api, routes]) =>
    Object.entries(routes as unknown as Record<string, RouteContract>).map(([name, contract]) => ({
      name: `${api}.${name}`,
      contract,
    })),
  )
  .filter(({ contract }) => contract.method !== 'GET');
const entityOf = ({ audit }: RouteContract) => (typeof audit === 'string' ? audit.split('.')[0]! : null);

describe('a route that changes something', () => {
  it('changes an entity of one of the two lists above', () => {
    expect(changing.length).toBeGreaterThan(30);
    const known = [...GUARDED, ...OTHERS];
    const unknown = changing.filter(({ contract }) => {
      const entity = entityOf(contract);
      return entity !== null && !known.includes(entity);
    });
    expect(unknown.map(({ name }) => name)).toEqual([]);
  });

  it('to users, roles, keys, credentials or money needs a live session, or says why not', () => {
    const guarded = changing.filter(({ contract }) => GUARDED.includes(entityOf(contract) ?? ''));
    for (const entity of GUARDED) expect(guarded.map(({ contract }) => entityOf(contract))).toContain(entity);
    for (const { name, contract } of guarded) {
      if (contract.live === true) continue;
      expect(contract.live?.none.length ?? 0, name).toBeGreaterThan(10);
    }
  });

  it.each([
    'identityApi.createUser',
    'identityApi.updateUser',
    'identityApi.deleteUser',
    'identityApi.createRole',
    'identityApi.updateRole',
    'identityApi.createApiKey',
    'identityApi.changePassword',
    'connectorApi.createChannel',
    'aiResponderApi.updateConfig',
    'aiResponderApi.test',
  ])('%s is guarded without exception', (route) => {
    expect(changing.find(({ name }) => name === route)?.contract.live).toBe(true);
  });
});
