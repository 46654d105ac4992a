import { readFileSync } from 'node:fs';
import type { Edition } from '@recado/contracts';
import type { DocumentedEndpoint } from '../../scripts/contract-document.ts';

export type { DocumentedEndpoint };

export interface EditionDocument {
  edition: Edition;
  document: string;
  endpoints: DocumentedEndpoint[];
  /** Shapes that the document shows once for several endpoints, by heading. */
  shapes: Record<string, Record<string, unknown>>;
}

/** The documented examples of an edition: docs/contracts/<edition>.json. */
export function readEditionDocument(edition: Edition): EditionDocument {
  const file = new URL(`../../docs/contracts/${edition}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as EditionDocument;
}

/** `POST /auth/login`: how steps and the record of what holds name an endpoint. */
export const nameOf = ({ method, path }: Pick<DocumentedEndpoint, 'method' | 'path'>): string => `${method} ${path}`;
