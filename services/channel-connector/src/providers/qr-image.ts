import QRCode from 'qrcode';

const PREFIX = 'data:image/png;base64,';
/** Characters; the image of a code has some thousands. */
const LONGEST = 60_000;
const PNG_START = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]).toString('base64').slice(0, 10);

/** The provider's image as a data URL, else one that is made of the code. Null without both. */
export async function qrImage(image: string | undefined, code: string | undefined): Promise<string | null> {
  const base64 = image?.startsWith(PREFIX) ? image.slice(PREFIX.length) : image;
  if (base64?.startsWith(PNG_START) && base64.length <= LONGEST && /^[\w+/]+=*$/.test(base64)) return PREFIX + base64;
  if (!code) return null;
  return QRCode.toDataURL(code.slice(0, 1000), { errorCorrectionLevel: 'L', margin: 2 }).catch(() => null);
}
