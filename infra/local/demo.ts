import { randomInt } from 'node:crypto';
import { createSandboxControl } from '@recado/sandbox';
import { io } from 'socket.io-client';
import { request } from 'undici';
import { readDemo } from './demo-tenant.ts';
import { DATA_DIR, getRunning } from './running.ts';

/**
 * A customer writes through the sandbox; everything shown is read from the public APIs and
 * Socket.IO, as a frontend of the inbox edition would. Takes the customer's words as an argument.
 */
const words = process.argv.slice(2).join(' ') || '¿Cuáles son sus horarios de atención?';
const WAIT_MS = 30_000;

interface InboxMessage {
  conversationId: string;
  message: { id: string; direction: string; content: string; whatsappMessageId: string | null };
}
interface Tick {
  messageId: string;
  status: string;
}

const started = performance.now();
const show = (who: string, what: string) =>
  console.log(`${`${((performance.now() - started) / 1000).toFixed(2)} s`.padStart(8)}  ${who.padEnd(10)} ${what}`);
const TICKS: Record<string, string> = { SENT: '✓', DELIVERED: '✓✓', READ: '✓✓ read', FAILED: '✗ failed' };

async function main(): Promise<void> {
  const { urls } = getRunning();
  const demo = readDemo(DATA_DIR);
  if (!demo) throw new Error('There is no demo tenant yet. Try again when npm start says that it is ready.');
  const agent = demo.agents[0] ?? demo.admin;
  const login = await request(`${urls.gateway}/inbox/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: agent.email, password: agent.password }),
  });
  const session = (await login.body.json()) as { token?: string; user?: { name: string }; message?: string };
  if (!session.token) throw new Error(`Could not log in as ${agent.email}: ${session.message ?? login.statusCode}`);
  show('agent', `${session.user?.name} logged in and watches ${urls.gateway}`);

  const socket = io(urls.gateway, { auth: { token: session.token }, transports: ['websocket'] });
  const control = createSandboxControl(urls.sandbox);
  try {
    await ready(socket);
    const from = `5731155${randomInt(1e5).toString().padStart(5, '0')}`;
    const finished = watch(socket, from);
    await control.customerSays({
      phoneNumberId: demo.number.phoneNumberId,
      from,
      name: 'Carlos Rodríguez',
      text: words,
    });
    const conversationId = await finished;
    console.log(`\nThe thread over HTTP: GET ${urls.gateway}/api/v1/whatsapp/conversations/${conversationId}/messages`);
  } finally {
    socket.disconnect();
    await control.close();
  }
}

function ready(socket: ReturnType<typeof io>): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('session:ready', () => resolve());
    socket.once('connect_error', (error) => reject(new Error(`The socket was refused: ${error.message}`)));
  });
}

/**
 * Shows the events of an agent's screen for one customer, until the AI's reply is read. Returns the
 * conversation's id.
 */
function watch(socket: ReturnType<typeof io>, from: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(
      () =>
        reject(
          new Error(`Nothing more came within ${WAIT_MS / 1000} s. Is the AI switched on? See the log of npm start.`),
        ),
      WAIT_MS,
    );
    let conversationId: string | null = null;
    let replyId: string | null = null;
    socket.on(
      'message:new',
      (event: InboxMessage & { message: { contact: { phoneNumber: string | null; name: string | null } } }) => {
        const { message } = event;
        if (message.contact.phoneNumber !== from) return;
        conversationId = event.conversationId;
        if (message.direction === 'INBOUND') show('customer', `${message.contact.name} (+${from}): ${message.content}`);
        else {
          replyId = message.id;
          show('AI', message.content);
        }
      },
    );
    socket.on('message:status-update', ({ messageId, status }: Tick) => {
      if (messageId !== replyId || !conversationId) return;
      show('ticks', TICKS[status] ?? status);
      if (status !== 'READ' && status !== 'FAILED') return;
      clearTimeout(late);
      resolve(conversationId);
    });
  });
}

try {
  await main();
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
