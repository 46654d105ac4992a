import type { Edition as EditionName } from '@recado/contracts';
import type { Edition } from '../edge/edition.ts';
import { bots } from './bots/edition.ts';
import { crm } from './crm/edition.ts';
import { inbox } from './inbox/edition.ts';
import { saas } from './saas/edition.ts';
import { scheduler } from './scheduler/edition.ts';

/** Every edition of the mesh; the only place that knows them all. */
export const editions: Record<EditionName, Edition> = { saas, crm, bots, inbox, scheduler };
