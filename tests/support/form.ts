import { randomUUID } from 'node:crypto';

/** A form with one file, as browsers send it: the headers and the body. */
export function fileForm(
  file: { name: string; type: string; content: Buffer },
  fields: Record<string, string> = {},
): { headers: Record<string, string>; raw: Buffer } {
  const boundary = `form-${randomUUID()}`;
  const part = (disposition: string, more = '') =>
    `--${boundary}\r\ncontent-disposition: form-data; ${disposition}\r\n${more}\r\n`;
  const raw = Buffer.concat([
    Buffer.from(part(`name="file"; filename="${file.name}"`, `content-type: ${file.type}\r\n`)),
    file.content,
    Buffer.from('\r\n'),
    ...Object.entries(fields).map(([name, value]) => Buffer.from(`${part(`name="${name}"`)}${value}\r\n`)),
    Buffer.from(`--${boundary}--\r\n`),
  ]);
  return { headers: { 'content-type': `multipart/form-data; boundary=${boundary}` }, raw };
}

/** A picture of one pixel. */
export const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
