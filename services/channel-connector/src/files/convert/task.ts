/** What the converting process is asked. `to` is where the new file goes. */
export type ConvertTask =
  /** The size of an image as people see it, and a smaller one. */
  | { kind: 'thumbnail'; from: string; to: string }
  /** A sound that every browser plays. */
  | { kind: 'playback'; from: string; to: string }
  /** The same Opus in OGG, as WhatsApp takes it. */
  | { kind: 'ogg'; from: string; to: string };

export interface Converted {
  /** MIME type of the file at `to`; null when nothing was made. */
  type: string | null;
  /** Of the original image. */
  width?: number;
  height?: number;
}

export interface ConvertAnswer {
  id: number;
  result?: Converted;
  error?: string;
}
