import { hash32 } from '../random.ts';

/**
 * A unit vector of a text. Each word sets a few places, so texts with common words are near each
 * other. The same text always gives the same vector.
 */
export function embed(text: string, dimensions: number): number[] {
  const vector = new Array<number>(dimensions).fill(0);
  const words = text
    .toLowerCase()
    .normalize('NFKD')
    .match(/[\p{L}\p{N}]+/gu) ?? [text];
  for (const word of words) {
    for (let place = 0; place < 4; place++) {
      const hash = hash32(`${place}/${word}`);
      const index = hash % dimensions;
      vector[index] = vector[index]! + (hash & 0x80000000 ? -1 : 1);
    }
  }
  const length = Math.hypot(...vector);
  if (length === 0) vector[0] = 1;
  return vector.map((value) => (length === 0 ? value : value / length));
}

/** The form the official client asks for: little-endian 32-bit floats in base64. */
export function toBase64(vector: number[]): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString('base64');
}
