import type { Edition } from '@recado/contracts';
import { BOTS_STEPS } from './bots.ts';
import { CRM_STEPS } from './crm.ts';
import type { Step } from './flow.ts';
import { INBOX_STEPS } from './inbox.ts';
import { SAAS_STEPS } from './saas.ts';
import { SCHEDULER_STEPS } from './scheduler.ts';

/** The steps of every edition, in the order they are played. */
export const STEPS: Record<Edition, Record<string, Step>> = {
  saas: SAAS_STEPS,
  crm: CRM_STEPS,
  bots: BOTS_STEPS,
  inbox: INBOX_STEPS,
  scheduler: SCHEDULER_STEPS,
};
