/** One white pixel. */
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mP8/x8AAwMCAO+ip1sAAAAASUVORK5CYII=';
const WEBP = 'UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==';
/** Half a second of silence in Opus. */
const OGG = [
  'T2dnUwACAAAAAAAAAAABAAAAAAAAAByf9dkBE09wdXNIZWFkAQE4AYC7AAAAAABPZ2dTAAAAAAAAAAAAAAEAAAABAAAANMJq',
  'bgEWT3B1c1RhZ3MGAAAAUmVjYWRvAAAAAE9nZ1MABMBdAAAAAAAAAQAAAAIAAAAJa8M1GQMDAwMDAwMDAwMDAwMDAwMDAwMD',
  'AwMDAwP4//74//74//74//74//74//74//74//74//74//74//74//74//74//74//74//74//74//74//74//74//74//74',
  '//74//74//4=',
].join('');

const samples: Record<string, { mimeType: string; filename: string | null; data: Buffer }> = {
  image: { mimeType: 'image/png', filename: null, data: Buffer.from(PNG, 'base64') },
  sticker: { mimeType: 'image/webp', filename: null, data: Buffer.from(WEBP, 'base64') },
  document: {
    mimeType: 'application/pdf',
    filename: 'document.pdf',
    data: Buffer.from(
      '%PDF-1.1\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n',
    ),
  },
  audio: { mimeType: 'audio/ogg; codecs=opus', filename: null, data: Buffer.from(OGG, 'base64') },
  // A header only: enough for what looks at the first bytes of a file, nothing that plays.
  video: {
    mimeType: 'video/mp4',
    filename: null,
    data: Buffer.from('\u0000\u0000\u0000\u0018ftypmp42\u0000\u0000\u0000\u0000mp42isom', 'latin1'),
  },
};

/** A small file of the type customers usually send for this kind. */
export function sampleFile(kind: string): { mimeType: string; filename: string | null; data: Buffer } {
  return samples[kind]!;
}
