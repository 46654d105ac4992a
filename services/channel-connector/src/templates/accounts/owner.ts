import { readTenant, withTenant } from '@recado/database';
import { NotFound, Unprocessable } from '@recado/service-kit';
import { openCredentials } from '../../channels/credentials.ts';
import type { Deps } from '../../deps.ts';
import type { Provider } from '../../providers/provider.ts';
import type { ProviderTemplates, TemplateOwner } from '../../providers/templates.ts';
import { toAppError, withoutTemplates } from '../sent/refusals.ts';
import type { AccountKey } from '../store.ts';
import { type OwnerRow, saveAccount, selectOwner, selectOwnerOfAccount } from './accounts.ts';

type OwnerDeps = Pick<Deps, 'db' | 'sealer' | 'providers'>;

/** An account ready to be used: its provider, and what opens it. */
export interface OpenAccount {
  key: AccountKey;
  channelId: string;
  provider: Provider;
  templates: ProviderTemplates;
  owner: TemplateOwner;
}

/**
 * The account of a channel, which the provider is asked for when it is not known yet.
 * @throws NotFound; ValidationFailed for a provider without templates; as toAppError
 */
export async function openAccountOf(deps: OwnerDeps, tenantId: string, channelId: string): Promise<OpenAccount> {
  const [[row]] = await readTenant(deps.db, tenantId, (tx) => [selectOwner(tx, tenantId, channelId)]);
  if (!row) throw new NotFound('channel', channelId);
  return open(deps, row);
}

/** The account of a template. @throws Unprocessable when no channel opens it any more; as above */
export async function openAccountOfTemplate(deps: OwnerDeps, key: AccountKey): Promise<OpenAccount> {
  const [[row]] = await readTenant(deps.db, key.tenantId, (tx) => [selectOwnerOfAccount(tx, key)]);
  if (!row) throw new Unprocessable('channel_not_connected', 'No channel of this account is left');
  return open(deps, row);
}

async function open(deps: OwnerDeps, row: OwnerRow): Promise<OpenAccount> {
  const { tenantId, id: channelId } = row;
  const provider = deps.providers.get(row.provider);
  const templates = provider?.templates;
  if (!provider || !templates || row.providerId === null) throw withoutTemplates();
  const account = openCredentials(deps.sealer, provider, channelId, row.credentials);
  const accountId = row.accountId ?? (await askAccount(deps, row, provider, account));
  const key = { tenantId, provider: row.provider, accountId };
  return { key, channelId, provider, templates, owner: { accountId, account } };
}

async function askAccount({ db }: OwnerDeps, row: OwnerRow, provider: Provider, account: unknown): Promise<string> {
  const found = await provider.templates!.findAccount({ providerId: row.providerId!, account });
  if (found.kind !== 'ok') throw toAppError(provider, found);
  const { accountId } = found.value;
  if (accountId === null) {
    throw new Unprocessable('channel_not_connected', 'The account of this number is not known: name it');
  }
  await withTenant(db, row.tenantId, (tx) => saveAccount(tx, row.tenantId, row.id, accountId));
  return accountId;
}
