import { AckPolicy, type ConsumerConfig, DeliverPolicy, type JsMsg } from '@nats-io/jetstream';
import { findNatsReleases } from '@recado/testkit/servers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Bus, connectBus } from '../../src/index.ts';
import { streamName } from '../../src/jetstream/streams.ts';
import { makeRoom, type Room } from '../../src/relay/stream-room.ts';
import { log, type OwnNats, ownNats } from '../support.ts';

const STREAM = streamName('conversation');
const MAX_BYTES = 64 * 1024;
const BODY = 'x'.repeat(400);

describe.each(await findNatsReleases())('on nats-server $name ($version)', ({ file }) => {
  describe.skipIf(file === null)('a purge', () => {
    let nats: OwnNats;
    let bus: Bus;

    beforeAll(async () => {
      nats = await ownNats(file!);
      bus = await connectBus({ url: nats.url, name: 'room', log, limits: { replicas: 1, maxBytes: MAX_BYTES } });
    });
    afterAll(async () => {
      await bus?.close();
      await nats?.stop();
    });
    beforeEach(async () => {
      await bus.jsm.streams.delete(STREAM).catch(() => {});
      await bus.ensureStream('conversation');
    });

    const subject = (kind: string) => `recado.conversation.tenant.${kind}`;
    const filter = (kind: string) => `recado.conversation.*.${kind}`;

    async function publish(count: number, kind: string): Promise<number[]> {
      const seqs: number[] = [];
      for (let i = 0; i < count; i++) seqs.push((await bus.js.publish(subject(kind), BODY)).seq);
      return seqs;
    }
    async function addDurable(name: string, kind: string, more: Partial<ConsumerConfig> = {}): Promise<void> {
      await bus.jsm.consumers.add(STREAM, {
        durable_name: name,
        filter_subject: filter(kind),
        ack_policy: AckPolicy.Explicit,
        deliver_policy: DeliverPolicy.All,
        ...more,
      });
    }
    async function fetch(name: string, count: number): Promise<JsMsg[]> {
      const consumer = await bus.js.consumers.get(STREAM, name);
      const found: JsMsg[] = [];
      for await (const message of await consumer.fetch({ max_messages: count, expires: 1000 })) found.push(message);
      return found;
    }
    async function read(name: string, count: number): Promise<number[]> {
      const messages = await fetch(name, count);
      for (const message of messages) expect(await message.ackAck()).toBe(true);
      return messages.map(({ seq }) => seq);
    }
    const purge = (expected: string[] = [], force = true): Promise<Room | null> =>
      makeRoom({ bus, service: 'conversation', log, expected, force });
    const firstSeq = async () => (await bus.findStream(STREAM))!.state.first_seq;

    test('removes read messages, though a durable waits for a subject without messages', async () => {
      await addDurable('reader', 'note.written');
      await addDurable('idle', 'task.fell-due');
      await publish(90, 'note.written');
      await read('reader', 90);
      const room = await purge();
      expect(room).toMatchObject({ heldBy: null });
      expect(room!.purged).toBeGreaterThan(20);
      expect(room!.bytes).toBeLessThan(MAX_BYTES * 0.6);
    });

    test('leaves the newest half, also when all of it was read', async () => {
      await addDurable('reader', 'note.written');
      const seqs = await publish(100, 'note.written');
      await read('reader', 100);
      await purge();
      expect(await firstSeq()).toBeGreaterThan(seqs[10]!);
      expect(await firstSeq()).toBeLessThan(seqs[60]!);
    });

    test('stops before the first message that a durable has not read', async () => {
      await addDurable('reader', '>');
      await addDurable('slow', 'note.written');
      await publish(20, 'other.kind');
      const [unread] = await publish(1, 'note.written');
      await publish(80, 'other.kind');
      await read('reader', 101);
      expect(await purge()).toMatchObject({ purged: unread! - 1, heldBy: 'slow' });
      expect(await read('slow', 1)).toEqual([unread]);
    });

    test('leaves messages that were delivered and not acknowledged', async () => {
      await addDurable('reader', 'note.written');
      const seqs = await publish(100, 'note.written');
      const messages = await fetch('reader', 100);
      for (const message of messages) if (message.seq !== seqs[7]) expect(await message.ackAck()).toBe(true);
      expect(await purge()).toMatchObject({ purged: 7, heldBy: 'reader' });
      expect(await firstSeq()).toBe(seqs[7]);
    });

    test('leaves everything while an expected durable does not exist, and messages published before it did', async () => {
      await addDurable('reader', 'note.written');
      const seqs = await publish(90, 'note.written');
      await read('reader', 90);
      expect(await purge(['reader', 'late'])).toMatchObject({ purged: 0, heldBy: 'late' });
      await addDurable('late', 'note.written');
      expect(await purge(['reader', 'late'])).toMatchObject({ purged: 0, heldBy: 'late' });
      expect(await read('late', 90)).toEqual(seqs);
      expect((await purge(['reader', 'late']))!.purged).toBeGreaterThan(20);
    });

    test('leaves messages that a tail without a durable has not received', async () => {
      const info = await bus.jsm.consumers.add(STREAM, {
        filter_subject: filter('>'),
        ack_policy: AckPolicy.None,
        deliver_policy: DeliverPolicy.All,
        mem_storage: true,
        inactive_threshold: 30_000_000_000,
      });
      const seqs = await publish(90, 'note.written');
      const got = (await fetch(info.name, 10)).map(({ seq }) => seq);
      expect(await purge()).toMatchObject({ purged: 10, heldBy: info.name });
      got.push(...(await fetch(info.name, 80)).map(({ seq }) => seq));
      expect(got).toEqual(seqs);
      expect(await purge()).toMatchObject({ heldBy: null });
    });

    test('is not made below 70 % of the limit unless a publish was refused', async () => {
      await addDurable('reader', 'note.written');
      await publish(30, 'note.written');
      await read('reader', 30);
      expect(await purge([], false)).toMatchObject({ purged: 0, heldBy: null });
      await publish(75, 'note.written');
      await read('reader', 75);
      expect((await purge([], false))!.purged).toBeGreaterThan(0);
    });

    test('removes no message that one of six consumers has not read, in 40 random rounds', async () => {
      const kinds = ['a.x', 'b.x', 'c.x', 'never.x'];
      const random = seeded(20_261_128);
      const pick = (below: number) => Math.floor(random() * below);
      const readers = [...kinds, '>', 'a.x'].map((kind, i) => ({ name: `reader-${i}`, kind, unread: [] as number[] }));
      for (const { name, kind } of readers) await addDurable(name, kind);
      let purged = 0;
      for (let round = 0; round < 40; round++) {
        for (let i = pick(12); i > 0; i--) {
          const kind = kinds[pick(3)]!;
          const [seq] = await publish(1, kind);
          for (const reader of readers) if (reader.kind === '>' || reader.kind === kind) reader.unread.push(seq!);
        }
        for (const reader of readers) {
          const count = Math.min(pick(3) === 0 ? reader.unread.length : pick(12), reader.unread.length);
          if (count > 0) expect(await read(reader.name, count)).toEqual(reader.unread.splice(0, count));
        }
        purged += (await purge())!.purged;
        const first = await firstSeq();
        for (const reader of readers) expect(reader.unread[0] ?? first).toBeGreaterThanOrEqual(first);
      }
      for (const reader of readers) {
        if (reader.unread.length > 0) expect(await read(reader.name, reader.unread.length)).toEqual(reader.unread);
      }
      expect(purged).toBeGreaterThan(0);
    });
  });
});

/** Mulberry32. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
