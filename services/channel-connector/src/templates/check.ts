import { type connectorApi, FIELD_CODES, type FieldCode, type RouteInput, type RouteOutput } from '@recado/contracts';
import { readTenant } from '@recado/database';
import { NotFound, ValidationFailed } from '@recado/service-kit';
import { selectChannel } from '../channels/store.ts';
import type { Deps } from '../deps.ts';
import { findTemplate } from './list.ts';
import { checkMessage, type GivenValues } from './sent/message-rules.ts';
import { selectByName, type TemplateRow, USABLE } from './store.ts';

type Check = (typeof connectorApi)['checkTemplateMessage'];

/**
 * Checks a message before it is queued. README.md tells what is checked.
 * @throws NotFound of the channel; ValidationFailed naming each bad field
 */
export async function checkTemplateMessage(
  { db, providers }: Pick<Deps, 'db' | 'providers'>,
  tenantId: string,
  channelId: string,
  { name, language, ...values }: RouteInput<Check>['body'],
): Promise<RouteOutput<Check>> {
  const [[channel], [row]] = await readTenant(db, tenantId, (tx) => [
    selectChannel(tx, tenantId, channelId),
    selectByName(tx, tenantId, channelId, name, language),
  ]);
  if (!channel) throw new NotFound('channel', channelId);
  if (!providers.get(channel.provider)?.templates) throw refused('name', 'template_unsupported');
  if (!row) throw refused('name', 'template_unknown');
  const code = unusable(row);
  if (code) throw refused('name', code);
  return { templateId: row.id, category: row.category, ...fillIn(row, values) };
}

/** The texts of a template with these values. @throws NotFound, ValidationFailed */
export async function previewTemplate({ db }: Pick<Deps, 'db'>, tenantId: string, id: string, values: GivenValues) {
  return fillIn(await findTemplate(db, tenantId, id), values).preview;
}

function fillIn(row: TemplateRow, values: GivenValues) {
  const checked = checkMessage(row, values);
  if (!checked.ok) throw new ValidationFailed(checked.errors);
  const { components, preview } = checked;
  return { components, preview };
}

/** Why no message may be sent with a template now; null when one may. */
function unusable({ status }: Pick<TemplateRow, 'status'>): FieldCode | null {
  if (USABLE.includes(status)) return null;
  return status === 'paused' || status === 'disabled' ? 'template_paused' : 'template_not_approved';
}

const refused = (field: string, code: FieldCode) => new ValidationFailed([{ field, code, message: FIELD_CODES[code] }]);
