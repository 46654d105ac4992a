import { open } from 'node:fs/promises';
import {
  ALL_FORMATS,
  EncodedAudioPacketSource,
  EncodedPacketSink,
  FilePathSource,
  FilePathTarget,
  Input,
  type InputAudioTrack,
  OggOutputFormat,
  Output,
} from 'mediabunny';
import { OpusDecoder } from 'opus-decoder';
import { createMp3Encoder } from 'wasm-media-encoders';
import type { Converted } from './task.ts';

/** Kilobits a second; voice messages have 16 to 32 in Opus. */
const BITRATE = 64;
/** Opus decodes to this rate. */
const SAMPLE_RATE = 48_000;
/** Hours of speech as Opus fit into WhatsApp's 16 MB; more is not converted. */
const MAX_SECONDS = 4 * 3600;
/** Packets between writes: 20 ms each. */
const PACKETS = 100;

/** Makes an MP3 of a sound in Opus, which Safari plays only since 2025. Others: nothing. */
export async function makePlayback(from: string, to: string): Promise<Converted> {
  const track = await openOpus(from);
  if (!track) return { type: null };
  const [decoder, encoder, file] = await Promise.all([openDecoder(track), createMp3Encoder(), open(to, 'w')]);
  try {
    encoder.configure({ sampleRate: SAMPLE_RATE, channels: 1, bitrate: BITRATE });
    for await (const packets of packetsOf(track)) {
      const { channelData } = decoder.decodeFrames(packets);
      await file.write(encoder.encode([toMono(channelData)]));
    }
    await file.write(encoder.finalize());
  } finally {
    decoder.free();
    track.input.dispose();
    await file.close();
  }
  return { type: 'audio/mpeg' };
}

/** Puts Opus of WebM or MP4 into OGG as it is. @throws for other sounds */
export async function makeOgg(from: string, to: string): Promise<Converted> {
  const track = await openOpus(from);
  if (!track) throw new Error('The sound is not Opus of one or two channels');
  try {
    const output = new Output({ format: new OggOutputFormat(), target: new FilePathTarget(to) });
    const source = new EncodedAudioPacketSource('opus');
    output.addAudioTrack(source);
    await output.start();
    const decoderConfig = (await track.getDecoderConfig()) ?? undefined;
    for await (const packet of new EncodedPacketSink(track).packets()) {
      await source.add(packet, decoderConfig && { decoderConfig });
    }
    await output.finalize();
  } finally {
    track.input.dispose();
  }
  return { type: 'audio/ogg' };
}

async function openOpus(from: string): Promise<InputAudioTrack | null> {
  const input = new Input({ formats: ALL_FORMATS, source: new FilePathSource(from) });
  const track = await input.getPrimaryAudioTrack();
  if (track && (await track.getCodec()) === 'opus' && (await track.getNumberOfChannels()) <= 2) return track;
  input.dispose();
  return null;
}

async function openDecoder(track: InputAudioTrack) {
  const channels = await track.getNumberOfChannels();
  const decoder = new OpusDecoder({ sampleRate: SAMPLE_RATE, channels });
  await decoder.ready;
  return decoder;
}

async function* packetsOf(track: InputAudioTrack): AsyncGenerator<Uint8Array[]> {
  let waiting: Uint8Array[] = [];
  for await (const { data, timestamp } of new EncodedPacketSink(track).packets()) {
    if (timestamp > MAX_SECONDS) throw new Error('The sound is too long');
    waiting.push(data);
    if (waiting.length < PACKETS) continue;
    yield waiting;
    waiting = [];
  }
  if (waiting.length > 0) yield waiting;
}

function toMono([left, right]: Float32Array[]): Float32Array {
  if (!right) return left!;
  return left!.map((sample, i) => (sample + right[i]!) / 2);
}
