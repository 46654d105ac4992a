export interface Part {
  name: string;
  filename: string | null;
  contentType: string | null;
  data: Buffer;
}

/**
 * Splits a multipart/form-data body held in memory (RFC 7578).
 * Takes the content-type header; returns null for a body that does not parse.
 */
export function readMultipart(contentType: string, body: Buffer): Part[] | null {
  const boundary = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType);
  const mark = boundary?.[1] ?? boundary?.[2];
  if (!mark) return null;
  const delimiter = Buffer.from(`\r\n--${mark}`);
  // The first delimiter has no line break before it; one is put there so that all look alike.
  const bytes = Buffer.concat([Buffer.from('\r\n'), body]);
  const parts: Part[] = [];
  let at = bytes.indexOf(delimiter);
  while (at !== -1) {
    const start = at + delimiter.length;
    if (bytes.toString('latin1', start, start + 2) === '--') return parts;
    const next = bytes.indexOf(delimiter, start);
    const headerEnd = bytes.indexOf('\r\n\r\n', start);
    if (next === -1 || headerEnd === -1 || headerEnd > next) return null;
    const headers = bytes.toString('utf8', start, headerEnd);
    const name = /name="([^"]*)"/i.exec(headers.replace(/filename="[^"]*"/i, ''))?.[1];
    if (name === undefined) return null;
    parts.push({
      name,
      filename: /filename="([^"]*)"/i.exec(headers)?.[1] ?? null,
      contentType: /^content-type:\s*(.+?)\s*$/im.exec(headers)?.[1] ?? null,
      data: bytes.subarray(headerEnd + 4, next),
    });
    at = next;
  }
  return null;
}
