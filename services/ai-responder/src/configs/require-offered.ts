import { ValidationFailed } from '@recado/service-kit';
import type { Deps } from '../deps.ts';
import { isOffered } from './rules.ts';

/** @throws ValidationFailed naming `model` when the installation does not offer it */
export function requireOffered(deps: Pick<Deps, 'config'>, model: string): void {
  const offered = deps.config.RECADO_AI_MODELS;
  if (isOffered(model, offered)) return;
  throw new ValidationFailed([
    { field: 'model', message: `Not offered here; one of: ${offered.join(', ')}`, code: 'model' },
  ]);
}
