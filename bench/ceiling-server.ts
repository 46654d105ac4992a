import { createHmac, timingSafeEqual } from 'node:crypto';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import Fastify from 'fastify';

/**
 * The ceiling of accepting a webhook (CEILING.md): one bare Fastify that checks the HMAC and
 * publishes. Run as `ceiling-server.ts <port> <natsUrl> <secret>`.
 */
const [port, natsUrl, secret] = process.argv.slice(2) as [string, string, string];
const parsed = new URL(natsUrl);
const nc = await connect({
  servers: parsed.host,
  ...(parsed.username ? { user: parsed.username, pass: parsed.password } : {}),
});
const jsm = await jetstreamManager(nc);
const stream = { name: 'BENCH_CEILING', subjects: ['bench.ceiling.>'], storage: 'file' as const };
await jsm.streams.delete(stream.name).catch(() => undefined);
await jsm.streams.add(stream);
const js = jetstream(nc);

const app = Fastify();
app.removeAllContentTypeParsers();
app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
app.post('/webhook', async (request, reply) => {
  const body = request.body as Buffer;
  const given = Buffer.from(String(request.headers['x-hub-signature-256']));
  const wanted = Buffer.from(`sha256=${createHmac('sha256', secret).update(body).digest('hex')}`);
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return reply.code(401).send('');
  JSON.parse(body.toString());
  await js.publish('bench.ceiling.webhook', body);
  return 'EVENT_RECEIVED';
});
await app.listen({ port: Number(port), host: '127.0.0.1' });
console.log('ready');

process.once('SIGTERM', async () => {
  await app.close();
  await jsm.streams.delete(stream.name);
  await nc.close();
});
