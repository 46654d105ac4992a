/** A file that a customer sent, kept until the sandbox is reset. */
export interface WebMedia {
  kind: string;
  mimeType: string;
  fileName: string | null;
  data: Buffer;
}
