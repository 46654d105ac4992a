import { z } from 'zod';
import { defineEvent } from '../event.ts';
import { contactImport } from '../internal/imports.ts';

export const importProgressed = defineEvent(
  'conversation.import.progressed',
  1,
  z.object({ import: contactImport }),
  'An import of contacts began, or more of its rows are read',
);
export const importFinished = defineEvent(
  'conversation.import.finished',
  1,
  z.object({ import: contactImport }),
  'An import of contacts ended: done, cancelled or failed',
);
