import type { Edition } from '@recado/contracts';
import { BOTS } from './bots.ts';
import { CRM } from './crm.ts';
import type { EditionTable } from './flow.ts';
import { INBOX } from './inbox.ts';
import { SAAS } from './saas.ts';
import { SCHEDULER } from './scheduler.ts';

/** The one table of each edition. Its steps are played in its order. */
export const TABLES: Record<Edition, EditionTable> = {
  saas: SAAS,
  crm: CRM,
  bots: BOTS,
  inbox: INBOX,
  scheduler: SCHEDULER,
};
