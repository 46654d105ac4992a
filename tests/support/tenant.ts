import { randomInt, randomUUID } from 'node:crypto';
import { call, must, until } from './api.ts';
import type { MetaNumber } from './meta-webhook.ts';

/** A connected Meta number. */
export interface TestNumber {
  channelId: string;
  channelPhone: string;
  number: MetaNumber;
  verifyToken: string;
}

export interface TestTenant extends TestNumber {
  email: string;
  password: string;
  /** Access tokens by edition, of the tenant's admin. */
  saas: string;
  crm: string;
  inbox: string;
  tenantId: string;
}

/** The part of the sandbox's control that making a tenant needs. */
export interface NumberRegistry {
  addNumber(number: {
    phoneNumberId: string;
    displayPhoneNumber: string;
    wabaId: string;
    accessToken: string;
    appSecret: string;
    webhookUrl: string | null;
    verifyToken: string;
  }): Promise<unknown>;
}

interface Tokens {
  data: { accessToken: string };
}

/** Makes a tenant with a connected Meta number, through the public APIs alone. */
export async function createTenant(
  gateway: string,
  sandbox: NumberRegistry,
  options: { ai?: boolean; name?: string; ratePerMinute?: number } = {},
): Promise<TestTenant> {
  const email = `admin-${randomUUID()}@example.com`;
  const password = 'Correct-horse-7';
  const registered = await must(
    call<Tokens>(gateway, 'POST', '/api/v1/auth/register', {
      body: { email, password, name: 'Ana Prueba', organizationName: options.name ?? `Empresa ${randomInt(1e9)}` },
    }),
    201,
  );
  const saas = registered.data.accessToken;
  const login = async (path: string) =>
    must(call<{ access_token?: string; token?: string }>(gateway, 'POST', path, { body: { email, password } }), 200);
  const crm = (await login('/v1/auth/login')).access_token!;
  const inbox = (await login('/inbox/auth/login')).token!;
  const me = await must(call<{ data: { tenantId: string } }>(gateway, 'GET', '/api/v1/auth/me', { token: saas }), 200);

  const connected = await connectNumber(gateway, sandbox, crm, options);
  if (options.ai !== undefined) {
    await must(
      call(gateway, 'PUT', '/api/v1/ai/config', {
        token: saas,
        body: {
          settings: { responseDelay: 100 },
          limits: { maxTokensPerDay: 1_000_000, maxTokensPerMonth: 20_000_000 },
        },
      }),
      200,
    );
    await must(call(gateway, 'POST', '/api/v1/ai/toggle', { token: saas, body: { enabled: options.ai } }), 200);
  }
  return { email, password, saas, crm, inbox, tenantId: me.data.tenantId, ...connected };
}

/** Connects one more number of a tenant. @param crm its admin's token */
export async function connectNumber(
  gateway: string,
  sandbox: NumberRegistry,
  crm: string,
  { ratePerMinute = 60_000 }: { ratePerMinute?: number } = {},
): Promise<TestNumber> {
  const phoneNumberId = String(randomInt(1e11, 1e12));
  const channelPhone = `+5730${randomInt(0, 1e8).toString().padStart(8, '0')}`;
  const accessToken = `EAA${randomUUID()}`;
  const number: MetaNumber = {
    phoneNumberId,
    displayPhoneNumber: channelPhone.slice(1),
    wabaId: String(randomInt(1e11, 1e12)),
    appSecret: randomUUID(),
  };
  const verifyToken = randomUUID();
  await sandbox.addNumber({
    ...number,
    accessToken,
    verifyToken,
    webhookUrl: null,
  });
  const created = await must(
    call<{ id: string }>(gateway, 'POST', '/v1/whatsapp-numbers', {
      token: crm,
      body: {
        phone_number: channelPhone,
        display_name: 'Ventas',
        provider: 'meta',
        meta_phone_number_id: phoneNumberId,
        meta_business_account_id: number.wabaId,
        meta_access_token: accessToken,
        meta_app_secret: number.appSecret,
        webhook_verify_token: verifyToken,
        rate_limit_per_minute: ratePerMinute,
      },
    }),
    201,
  );
  await sandbox.addNumber({
    ...number,
    accessToken,
    verifyToken,
    webhookUrl: `${gateway}/v1/webhooks/whatsapp/meta/${created.id}`,
  });
  await until('the channel to be connected', async () => {
    const list = await must(
      call<{ data: { id: string; connection_status: string }[] }>(gateway, 'GET', '/v1/whatsapp-numbers', {
        token: crm,
      }),
      200,
    );
    return list.data.find((row) => row.id === created.id && row.connection_status === 'connected');
  });
  return { channelId: created.id, channelPhone, number, verifyToken };
}
