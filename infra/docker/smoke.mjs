// `node infra/docker/smoke.mjs [http://localhost:3000] [http://localhost:3190]`: one message
// through a mesh in containers. Prints the log-in; exits 1 when a step fails. Needs Node 20 only.
import { randomBytes, randomInt } from 'node:crypto';

const [gateway = 'http://localhost:3000', sandbox = 'http://localhost:3190'] = process.argv.slice(2);
/** The gateway, as the sandbox's container reaches it. */
const INSIDE = process.env.RECADO_GATEWAY_INSIDE ?? 'http://gateway:3000';
const WAIT_MS = 30_000;

const started = performance.now();
const show = (what) => console.log(`${((performance.now() - started) / 1000).toFixed(2).padStart(6)} s  ${what}`);

async function call(base, method, path, body, token) {
  const answer = await fetch(`${base}${path}`, {
    method,
    headers: {
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    body: body ? JSON.stringify(body) : undefined,
    signal: AbortSignal.timeout(15_000),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status}: ${text.slice(0, 500)}`);
  return text ? JSON.parse(text) : undefined;
}

/** Asks again until `find` gives something. */
async function until(what, find) {
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    const found = await find();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`${what} did not come within ${WAIT_MS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function makeTenant() {
  const who = {
    email: `smoke-${randomBytes(4).toString('hex')}@example.com`,
    password: randomBytes(9).toString('base64url'),
  };
  const account = { ...who, name: 'Smoke Test', organizationName: 'Smoke Test' };
  await call(gateway, 'POST', '/api/v1/auth/register', account);
  const first = await call(gateway, 'POST', '/api/v1/auth/login', who);
  const code = await until('the mail with the code', async () => {
    const { items } = await call(sandbox, 'GET', `/_control/mails?to=${encodeURIComponent(who.email)}`);
    return items[0] && /\b\d{8}\b/.exec(items[0].text)?.[0];
  });
  await call(gateway, 'POST', '/api/v1/auth/confirm-email', { code }, first.data.accessToken);
  show('e-mail proved');
  const { data } = await call(gateway, 'POST', '/api/v1/auth/login', who);
  show(`tenant made; log in as ${who.email} with ${who.password}`);
  await call(gateway, 'PUT', '/api/v1/ai/config', { settings: { responseDelay: 200 } }, data.accessToken);
  await call(gateway, 'POST', '/api/v1/ai/toggle', { enabled: true }, data.accessToken);
  show('AI switched on');
  return { who, token: data.accessToken };
}

/** Connects a number over the crm edition, and tells the sandbox to play it. */
async function connectNumber(who) {
  const { access_token: token } = await call(gateway, 'POST', '/v1/auth/login', who);
  const number = {
    phoneNumberId: `1098${randomInt(1e11).toString().padStart(11, '0')}`,
    displayPhoneNumber: `57300${randomInt(1e7).toString().padStart(7, '0')}`,
    wabaId: `2098${randomInt(1e11).toString().padStart(11, '0')}`,
    accessToken: `EAA${randomBytes(16).toString('hex')}`,
    appSecret: randomBytes(16).toString('hex'),
    verifyToken: randomBytes(16).toString('hex'),
    verifiedName: 'Smoke Test',
  };
  await call(sandbox, 'POST', '/_control/numbers', number);
  const made = await call(
    gateway,
    'POST',
    '/v1/whatsapp-numbers',
    {
      phone_number: `+${number.displayPhoneNumber}`,
      display_name: 'Smoke',
      provider: 'meta',
      meta_phone_number_id: number.phoneNumberId,
      meta_business_account_id: number.wabaId,
      meta_access_token: number.accessToken,
      meta_app_secret: number.appSecret,
      webhook_verify_token: number.verifyToken,
    },
    token,
  );
  const webhookUrl = `${INSIDE}/v1/webhooks/whatsapp/meta/${made.id}`;
  await call(sandbox, 'POST', '/_control/numbers', { ...number, webhookUrl, verify: true });
  show(`number +${number.displayPhoneNumber} connected, its webhook ${webhookUrl} verified`);
  return number;
}

async function main() {
  const { who, token } = await makeTenant();
  const number = await connectNumber(who);
  const from = `5731155${randomInt(1e5).toString().padStart(5, '0')}`;
  const text = '¿Cuáles son sus horarios de atención?';
  await call(sandbox, 'POST', '/_control/customer-messages', {
    phoneNumberId: number.phoneNumberId,
    from,
    name: 'Carlos Rodríguez',
    text,
    wait: true,
  });
  show(`customer +${from}: ${text}`);

  const { data: instances } = await call(gateway, 'GET', '/api/v1/whatsapp/instances', undefined, token);
  const conversation = await until('The conversation', async () => {
    const path = `/api/v1/whatsapp/instances/${instances[0].id}/conversations`;
    return (await call(gateway, 'GET', path, undefined, token)).data[0];
  });
  show(`stored in conversation ${conversation.id}`);
  const messages = async () =>
    (await call(gateway, 'GET', `/api/v1/whatsapp/conversations/${conversation.id}/messages`, undefined, token)).data;
  const reply = await until("The AI's answer", async () => (await messages()).find((one) => one.content !== text));
  show(`AI: ${reply.content}`);
  let status = '';
  await until('The last tick', async () => {
    const now = (await messages()).find((one) => one.id === reply.id)?.status;
    if (now !== status) show(`tick: ${now}`);
    status = now;
    return String(now).toLowerCase() === 'read';
  });
  const { items } = await call(sandbox, 'GET', `/_control/ledger/messages?phoneNumberId=${number.phoneNumberId}`);
  const accepted = items.filter((one) => one.phoneNumberId === undefined || one.phoneNumberId === number.phoneNumberId);
  if (accepted.length !== 1) throw new Error(`The sandbox accepted ${accepted.length} messages instead of 1`);
  show('the sandbox accepted exactly one message');
}

try {
  await main();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
