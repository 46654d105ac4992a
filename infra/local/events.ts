import { parseArgs } from 'node:util';
import { connectBus, type FollowedEvent, followEvents } from '@recado/messaging';
import { createLogger } from '@recado/service-kit';
import { findRunning } from './running.ts';

const HELP = `Follows the mesh's events live, one line each.

  npm run events                                        everything
  npm run events -- 'recado.conversation.>'             one service's
  npm run events -- 'recado.*.*.message.*'              one entity's, whoever publishes it
  npm run events -- --json                              whole envelopes, one JSON document a line

Reads NATS_URL, else the address of the npm start that runs here.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } },
});
if (values.help || positionals.length > 1) {
  console.log(HELP);
  process.exit(values.help ? 0 : 2);
}
const filter = positionals[0] ?? 'recado.>';
const url = process.env.NATS_URL || findRunning()?.servers?.natsUrl;
if (!url) {
  console.error('No mesh runs here. Start it (npm start) or set NATS_URL.');
  process.exit(1);
}

const paint = (text: string, code: number) =>
  process.stdout.isTTY && !process.env.NO_COLOR ? `\u001b[${code}m${text}\u001b[0m` : text;

/** `12:34:56.789 conversation.message.created tenant … key=value …` */
function line({ subject, envelope, replay }: FollowedEvent): string {
  const [, service, tenant = '', ...rest] = subject.split('.');
  const time = (envelope?.time ?? new Date().toISOString()).slice(11, 23);
  const data = envelope ? brief(envelope.data) : '(not JSON)';
  const again = replay ? paint(' again', 33) : '';
  return `${paint(time, 90)} ${paint(`${service}.${rest.join('.')}`, 36)}${again} ${paint(tenant.slice(0, 8), 90)} ${data}`;
}

/** The leaves of an event's data that say something, as `path=value`, on one line. */
function brief(data: unknown, path = '', depth = 0): string {
  if (data === null || data === undefined || data === '') return '';
  if (typeof data !== 'object') {
    const text = String(data).replaceAll(/\s+/g, ' ');
    return `${path}=${text.length > 60 ? `${text.slice(0, 59)}…` : text}`;
  }
  if (Array.isArray(data)) return data.length > 0 ? `${path}=[${data.length}]` : '';
  if (depth > 2) return '';
  return Object.entries(data)
    .map(([key, value]) => brief(value, path ? `${path}.${key}` : key, depth + 1))
    .filter(Boolean)
    .join(' ');
}

const log = createLogger({ name: 'events', level: 'error' });
const bus = await connectBus({ url, name: 'events', log, waitMs: 3000 }).catch((error: Error) => {
  console.error(`NATS does not answer at ${new URL(url).host}: ${error.message}`);
  process.exit(1);
});
try {
  const followed = await followEvents(
    bus,
    filter,
    (event) => console.log(values.json ? JSON.stringify(event.envelope) : line(event)),
    log,
  );
  console.error(`Following ${filter}; Ctrl-C ends it.`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, async () => {
      await followed.stop();
      await bus.close();
      process.exit(0);
    });
  }
} catch (error) {
  console.error((error as Error).message);
  await bus.close();
  process.exit(1);
}
// A reader that has seen enough (`| head`) is no error.
process.stdout.on('error', () => process.exit(0));
