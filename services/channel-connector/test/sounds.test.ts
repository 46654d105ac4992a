import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ALL_FORMATS,
  EncodedAudioPacketSource,
  EncodedPacket,
  FilePathSource,
  FilePathTarget,
  Input,
  OggOutputFormat,
  Output,
} from 'mediabunny';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makePlayback } from '../src/files/convert/sound.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'recado-sounds-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

/** A packet of 20 ms of silence: RFC 6716, section 3.1. */
const SILENCE = new Uint8Array([0xf8, 0xff, 0xfe]);
/** One channel at 48 kHz: RFC 7845, section 5.1. */
const HEAD = Buffer.concat([Buffer.from('OpusHead'), Buffer.from([1, 1, 0, 0, 0x80, 0xbb, 0, 0, 0, 0, 0])]);

/** A voice message as WhatsApp sends it: Opus in OGG, of one channel. */
async function writeVoice(path: string, seconds: number): Promise<void> {
  const output = new Output({ format: new OggOutputFormat(), target: new FilePathTarget(path) });
  const source = new EncodedAudioPacketSource('opus');
  output.addAudioTrack(source);
  await output.start();
  const decoderConfig = { codec: 'opus', numberOfChannels: 1, sampleRate: 48_000, description: HEAD };
  for (let i = 0; i < seconds * 50; i++) {
    await source.add(new EncodedPacket(SILENCE, 'key', i / 50, 0.02), { decoderConfig });
  }
  await output.finalize();
}

describe('a sound', () => {
  it('in Opus becomes an MP3 of the same length', async () => {
    const [from, to] = [join(dir, 'voice.ogg'), join(dir, 'voice.mp3')];
    await writeVoice(from, 3);
    expect(await makePlayback(from, to)).toEqual({ type: 'audio/mpeg' });
    const made = new Input({ formats: ALL_FORMATS, source: new FilePathSource(to) });
    expect(await (await made.getPrimaryAudioTrack())?.getCodec()).toBe('mp3');
    // LAME adds some 50 ms at both ends.
    expect(Math.abs((await made.computeDuration()) - 3)).toBeLessThan(0.2);
    made.dispose();
  });

  it('in MP3 is left as it is, and a file of another kind is refused', async () => {
    const [voice, from] = [join(dir, 'again.ogg'), join(dir, 'again.mp3')];
    await writeVoice(voice, 1);
    await makePlayback(voice, from);
    expect(await makePlayback(from, join(dir, 'none'))).toEqual({ type: null });
    const broken = join(dir, 'broken.ogg');
    await writeFile(broken, 'OggS, and then nothing of it');
    await expect(makePlayback(broken, join(dir, 'none'))).rejects.toThrow();
  });
});
