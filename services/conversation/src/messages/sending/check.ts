import { type Capabilities, FIELD_CODES, type FieldError, findFaults, findFileFaults } from '@recado/contracts';
import { ValidationFailed } from '@recado/service-kit';
import type { Prepared } from './prepare.ts';

const NO_LOGIN: FieldError = { field: 'name', code: 'group_template', message: FIELD_CODES.group_template };

/**
 * Refuses what a channel's provider does not take, before it is queued.
 * @param provider unknown while the connector is away: then the dispatch fails with the reason
 * @param toGroup a group may take fewer kinds
 * @throws ValidationFailed with each field
 */
export function checkContent(
  { given, content, files, category }: Prepared,
  provider: Capabilities | undefined,
  toGroup = false,
): void {
  const { groupKinds, ...sender } = provider ?? {};
  const limits = toGroup && groupKinds ? { ...sender, groupKinds } : sender;
  // Given as a value, a header was made a part of the template.
  const byValue = given.kind === 'template' && given.components === undefined;
  const inGiven = (fault: FieldError) => ({ ...fault, field: byValue ? 'params.header' : fault.field });
  const isLogin = toGroup && category === 'authentication';
  const faults: FieldError[] = [
    ...(isLogin ? [NO_LOGIN] : []),
    ...(provider ? findFaults(given, limits) : []),
    ...findFileFaults(content, files, provider?.files).map(inGiven),
  ];
  if (faults.length === 0) return;
  throw new ValidationFailed(faults.map((fault) => ({ ...fault, field: `content.${fault.field}` })));
}
