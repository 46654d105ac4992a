import type { Template } from '@recado/contracts';
import type { View } from '../../../edge/edition.ts';
import { upper } from '../common/views.ts';
import type * as schemas from './schemas.ts';

export function templateView(source: Template): View<typeof schemas.template> {
  const { providerTemplateId: _, reason: statusReason, previousCategory, nextCategory, ...shown } = source;
  return {
    ...shown,
    statusReason,
    category: upper(shown.category),
    previousCategory: previousCategory && upper(previousCategory),
    nextCategory: nextCategory && upper(nextCategory),
    status: upper(shown.status),
    quality: upper(shown.quality),
    parameterFormat: upper(shown.parameterFormat),
  };
}

/** A word of this edition as the services have it. */
export const lower = <S extends string>(word: S): Lowercase<S> => word.toLowerCase() as Lowercase<S>;
