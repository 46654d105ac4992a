import type { Edition } from '@recado/contracts';
import { texts } from '../editions/bots/texts.ts';
import { realtime as crm } from '../editions/crm/realtime.ts';
import { realtime as inbox } from '../editions/inbox/realtime.ts';
import { realtime as saas } from '../editions/saas/realtime.ts';
import { realtime as scheduler } from '../editions/scheduler/realtime.ts';
import { sayError } from './sockets/say-error.ts';
import type { Dialect } from './types.ts';

/** bots.md has no sockets. */
const silent: Dialect = { frames: () => [], errorPayload: sayError(texts) };

/** The dialect of a client: its token's edition. */
export const dialects: Record<Edition, Dialect> = { saas, crm, inbox, bots: silent, scheduler };
