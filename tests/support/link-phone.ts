import type { SandboxControl, SessionControl } from '@recado/sandbox';
import { call, must, until } from './api.ts';

/** A phone that is linked to a number of a tenant. */
export interface LinkedPhone {
  channelId: string;
  session: SessionControl;
}

/** Links a phone on the installation’s own server and waits for it. @param crm the admin’s token */
export async function linkPhone(
  gateway: string,
  sandbox: SandboxControl,
  crm: string,
  provider: 'evolution' | 'wppconnect',
): Promise<LinkedPhone> {
  const phone = `+55119${String(Math.floor(Math.random() * 1e8)).padStart(8, '0')}`;
  const body = { provider, phone_number: phone, display_name: 'Loja' };
  const { id } = await must(call<{ id: string }>(gateway, 'POST', '/v1/whatsapp-numbers', { token: crm, body }), 201);
  const session = await until('the session on the server', async () => {
    const found = (await sandbox.sessions()).find(({ webhookUrl, qr }) => webhookUrl?.includes(id) && qr !== null);
    return found && sandbox.session(provider, found.name);
  });
  await session.scan({ phone: phone.slice(1) });
  await until('the phone to be connected', async () => {
    const path = `/v1/whatsapp-numbers/${id}/status`;
    const state = await must(call<{ connection_status: string }>(gateway, 'GET', path, { token: crm }), 200);
    return state.connection_status === 'connected' ? true : null;
  });
  return { channelId: id, session };
}
