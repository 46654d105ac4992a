import sharp from 'sharp';
import type { Converted } from './task.ts';

/** Pixels of each side at most. */
const SIDE = 320;
/** The largest photos of phones have 108 megapixels; beyond it a small file fills the memory. */
const MAX_PIXELS = 120_000_000;

// One image at a time, and nothing is kept of it. No loader but those of the four formats may run.
sharp.cache(false);
sharp.concurrency(1);
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: ['VipsForeignLoadJpeg', 'VipsForeignLoadPng', 'VipsForeignLoadWebp', 'VipsForeignLoadNsgif'],
});

/** Measures an image and makes a small one, both as its camera meant it to be turned. */
export async function makeThumbnail(from: string, to: string): Promise<Converted> {
  const image = sharp(from, { limitInputPixels: MAX_PIXELS, sequentialRead: true });
  const { autoOrient } = await image.metadata();
  const size = { width: autoOrient.width, height: autoOrient.height };
  await image
    .autoOrient()
    .resize(SIDE, SIDE, { fit: 'inside', withoutEnlargement: true })
    .webp({ quality: 75 })
    .toFile(to);
  return { type: 'image/webp', ...size };
}
