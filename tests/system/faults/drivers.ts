import { randomInt } from 'node:crypto';
import { request } from 'undici';
import { call } from '../../support/api.ts';
import { signedTextWebhook } from '../../support/meta-webhook.ts';
import type { TestTenant } from '../../support/tenant.ts';

export interface InboundDriver {
  /** Provider ids the mesh answered 200 for. */
  accepted: Set<string>;
  /** POSTs made, repeats included. */
  posts: number;
  stop(): Promise<void>;
}

/**
 * Meta's side: `perSecond` messages, each resent until it is answered 200, one in ten sent again
 * after that.
 */
export function startInbound(
  gateway: string,
  tenant: TestTenant,
  perSecond: number,
  customers: number,
  onFirstTry?: (id: string) => void,
): InboundDriver {
  const url = new URL(`/v1/webhooks/whatsapp/meta/${tenant.channelId}`, gateway);
  const under = new Set<Promise<void>>();
  const driver: InboundDriver = {
    accepted: new Set(),
    posts: 0,
    async stop() {
      clearInterval(timer);
      await Promise.all(under);
    },
  };

  async function post(body: Buffer, signature: string): Promise<boolean> {
    driver.posts++;
    try {
      const answer = await request(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-hub-signature-256': signature },
        body,
        headersTimeout: 5_000,
        bodyTimeout: 5_000,
      });
      await answer.body.dump();
      return answer.statusCode === 200;
    } catch {
      return false;
    }
  }

  let number = 0;
  async function deliver(): Promise<void> {
    const n = number++;
    const { id, body, signature } = signedTextWebhook(tenant.number, {
      from: `57310${String(n % customers).padStart(7, '0')}`,
      name: `Cliente ${n % customers}`,
      text: `mensaje ${n}`,
    });
    onFirstTry?.(id);
    for (let pause = 100; !(await post(body, signature)); pause = Math.min(pause * 2, 2_000)) {
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
    driver.accepted.add(id);
    if (randomInt(10) === 0) await post(body, signature);
  }

  const timer = setInterval(() => {
    const one = deliver().finally(() => under.delete(one));
    under.add(one);
  }, 1000 / perSecond);
  return driver;
}

export interface OutboundDriver {
  /** Text of a message → its id, for those answered 201. */
  accepted: Map<string, string>;
  /**
   * Texts whose POST broke or was refused: they may have been accepted all the same, but never sent
   * twice.
   */
  unsure: Set<string>;
  stop(): Promise<void>;
}

/**
 * Agents' side: `perSecond` texts into existing chats over crm's `POST /messages`, never repeated
 * by the client.
 * @param name tells the texts of two drivers apart.
 */
export function startOutbound(
  gateway: string,
  tenant: TestTenant,
  perSecond: number,
  chats: () => string[],
  name = '',
): OutboundDriver {
  const under = new Set<Promise<void>>();
  const driver: OutboundDriver = {
    accepted: new Map(),
    unsure: new Set(),
    async stop() {
      clearInterval(timer);
      await Promise.all(under);
    },
  };
  let number = 0;

  async function send(chatId: string): Promise<void> {
    const content = `respuesta ${name}${number++}`;
    try {
      const answer = await call<{ id: string }>(gateway, 'POST', '/v1/messages', {
        token: tenant.crm,
        body: { chat_id: chatId, message_type: 'text', content },
      });
      if (answer.status === 201) driver.accepted.set(content, answer.body.id);
      else driver.unsure.add(content);
    } catch {
      driver.unsure.add(content);
    }
  }

  const timer = setInterval(() => {
    const known = chats();
    if (known.length === 0) return;
    const one = send(known[randomInt(known.length)]!).finally(() => under.delete(one));
    under.add(one);
  }, 1000 / perSecond);
  return driver;
}
