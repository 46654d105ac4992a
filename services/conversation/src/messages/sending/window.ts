import { FIELD_CODES } from '@recado/contracts';
import { type CallContext, type Caller, Unprocessable } from '@recado/service-kit';
import type { Deps } from '../../deps.ts';

/** The customer last wrote too long ago: only a template may be sent. */
export class OutsideWindow extends Unprocessable {
  readonly channelId: string;

  constructor(channelId: string, hours: number | null) {
    super('outside_window', `The customer last wrote more than ${hours} hours ago: only a template may be sent`);
    this.channelId = channelId;
  }
}

/** The refusal with the templates that can be sent instead, as far as the connector answers. */
export async function withTemplates(
  { channels }: Pick<Deps, 'channels'>,
  { caller, context }: { caller: Caller; context: CallContext },
  refusal: OutsideWindow,
): Promise<Unprocessable> {
  const usable = await channels.usableTemplates(caller.tenantId, refusal.channelId, context);
  if (usable === null) return refusal;
  const code = usable.length > 0 ? 'template_usable' : 'template_none';
  const said = usable.map(({ name, language }) => `${name} (${language})`).join(', ');
  const params = usable.length > 0 ? { params: { said } } : {};
  return new Unprocessable('outside_window', refusal.message, [
    { field: 'template', code, message: FIELD_CODES[code], ...params },
  ]);
}
