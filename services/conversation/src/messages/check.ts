import { type Capabilities, FIELD_CODES, type FieldError, findFaults, type OutboundContent } from '@recado/contracts';
import { ValidationFailed } from '@recado/service-kit';

/**
 * Refuses what a channel's provider does not take, before it is queued.
 * @param provider unknown while the connector is away: then the dispatch fails with the reason
 * @param toGroup a group may take fewer kinds
 * @throws ValidationFailed with each field
 */
export function checkContent(content: OutboundContent, provider: Capabilities | undefined, toGroup = false): void {
  const { groupKinds, ...sender } = provider ?? {};
  const limits = toGroup && groupKinds ? { ...sender, groupKinds } : sender;
  const faults = [...fileFaults(content), ...(provider ? findFaults(content, limits) : [])];
  if (faults.length === 0) return;
  throw new ValidationFailed(faults.map((fault) => ({ ...fault, field: `content.${fault.field}` })));
}

/** A stored file cannot be sent by its id yet: it is refused here, and not lost at its dispatch. */
function fileFaults(content: OutboundContent): FieldError[] {
  const unknown = (field: string): FieldError => ({
    field,
    message: FIELD_CODES.unknown_file,
    code: 'unknown_file',
  });
  if ('media' in content && content.media.fileId !== undefined) return [unknown('media.fileId')];
  const header = 'header' in content ? content.header : undefined;
  return header?.file?.media.fileId === undefined ? [] : [unknown('header.file.media.fileId')];
}
