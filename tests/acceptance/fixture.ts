import { randomInt, randomUUID } from 'node:crypto';
import { createSandboxControl } from '@recado/sandbox';
import type { Mesh } from '../../infra/local/mesh.ts';
import { call, must, until } from '../support/api.ts';
import { createTenant, type TestTenant } from '../support/tenant.ts';

/** What the steps of one edition work with. */
export interface Fixture {
  gateway: string;
  tenant: TestTenant;
  slug: string;
  /** A conversation with one inbound message. */
  conversation: string;
  message: string;
  contact: string;
  /** The admin's own. */
  ownId(): Promise<string>;
  /** An admin's address that nothing else uses: a step changes its password or logs it out. */
  newEmail(): string;
  /** The provider refuses the number's token from now on. */
  breakCredentials(): Promise<void>;
  /** The secret in the webhook's URL that Recado registered for a linked phone. */
  webhookSecret(id: string): Promise<string>;
  /** What steps keep for later ones, by a name of theirs. */
  kept: Record<string, string>;
  stop(): Promise<void>;
}

/** Makes a tenant with a connected number, the AI switched on and one customer who wrote. */
export async function createFixture(mesh: Pick<Mesh, 'urls'>): Promise<Fixture> {
  const gateway = mesh.urls.gateway;
  const sandbox = createSandboxControl(mesh.urls.sandbox);
  const tenant = await createTenant(gateway, sandbox, { ai: true });
  const from = `57315${randomInt(1e6, 1e7)}`;
  const { phoneNumberId } = tenant.number;
  await sandbox.customerSays({ phoneNumberId, from, name: 'Carlos Rodríguez', text: '¿Qué horarios?', wait: true });
  const token = tenant.crm;
  const chat = await until('the conversation', async () => {
    const list = call<{ data: { id: string; client: { id: string } }[] }>(gateway, 'GET', '/v1/chats', { token });
    return (await must(list, 200)).data[0];
  });
  const thread = call<{ data: { id: string }[] }>(gateway, 'GET', `/v1/chats/${chat.id}/messages`, { token });
  const login = call<{ tenant: { slug: string } }>(gateway, 'POST', '/inbox/auth/login', {
    body: { email: tenant.email, password: tenant.password },
  });
  return {
    gateway,
    tenant,
    slug: (await must(login, 200)).tenant.slug,
    conversation: chat.id,
    contact: chat.client.id,
    message: (await must(thread, 200)).data[0]!.id,
    ownId: async () => (await must(call<{ id: string }>(gateway, 'GET', '/v1/users/me', { token }), 200)).id,
    newEmail: () => `persona-${randomUUID()}@example.com`,
    breakCredentials: async () => {
      const { number, verifyToken } = tenant;
      await sandbox.addNumber({ ...number, verifyToken, webhookUrl: null, accessToken: `EAA${randomUUID()}` });
    },
    webhookSecret: async (id) => {
      const session = (await sandbox.sessions()).find(({ webhookUrl }) => webhookUrl?.includes(id));
      return new URL(session!.webhookUrl!).searchParams.get('secret')!;
    },
    kept: {},
    stop: () => sandbox.close(),
  };
}
