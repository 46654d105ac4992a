import { createHash } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';

const SIDE = 33;
const SCALE = 4;

/** A valid PNG that looks like a QR code and differs with the text; no phone can scan it. */
export function qrPng(text: string): Buffer {
  const size = SIDE * SCALE;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header[8] = 8; // bits of a sample; 0 after it is greyscale
  const bits = cells(text);
  const rows: Buffer[] = [];
  for (let y = 0; y < size; y++) {
    const row = Buffer.alloc(size + 1);
    for (let x = 0; x < size; x++) {
      const cell = Math.floor(y / SCALE) * SIDE + Math.floor(x / SCALE);
      row[x + 1] = bits[cell] ? 0 : 255;
    }
    rows.push(row);
  }
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = deflateSync(Buffer.concat(rows));
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]);
}

export const dataUrl = (png: Buffer): string => `data:image/png;base64,${png.toString('base64')}`;

function cells(text: string): boolean[] {
  const bits: boolean[] = [];
  for (let block = 0; bits.length < SIDE * SIDE; block++) {
    for (const byte of createHash('sha256').update(`${block}/${text}`).digest()) {
      for (let bit = 0; bit < 8; bit++) bits.push((byte & (1 << bit)) !== 0);
    }
  }
  return bits;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}
