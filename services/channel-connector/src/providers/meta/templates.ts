import type { Template, TemplateComponent } from '@recado/contracts';
import { cleanId, cleanText } from '../../webhooks/clean.ts';
import { callOnce } from '../call.ts';
import type { Outcome } from '../provider.ts';
import type { ProviderTemplate, ProviderTemplates, Submitted } from '../templates.ts';
import type { MetaAccount } from './account.ts';
import { isObject, type Json, string } from './fields.ts';
import { judge, VERSION } from './graph-client.ts';
import { problemOf } from './template-errors.ts';
import { createMetaExamples, type ExampleOptions } from './template-examples.ts';
import { categoryOf, qualityOf, statusOf } from './template-words.ts';

const TIMEOUT_MS = 15_000;
/** Templates of a page: with all their texts they must fit an answer of 1 MB. */
const PAGE = 50;
/** Accounts of one token that are looked through for a number. */
const MAX_ACCOUNTS = 10;

const FIELDS = [
  'id',
  'name',
  'language',
  'category',
  'previous_category',
  'correct_category',
  'status',
  'rejected_reason',
  'quality_score',
  'parameter_format',
  'components',
].join(',');

/** Templates of a WhatsApp business account, by the Graph API. */
export function createMetaTemplates(options: ExampleOptions): ProviderTemplates<MetaAccount> {
  const { graphUrl, dispatcher } = options;
  const { origin, pathname } = new URL(graphUrl);
  const prefix = `${pathname.replace(/\/$/, '')}/${VERSION}`;

  async function call<T>(
    { accessToken }: MetaAccount,
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    query: Record<string, string>,
    read: (body: unknown) => T | null,
    body?: object,
  ): Promise<Outcome<T>> {
    const search = new URLSearchParams(query).toString();
    const outcome = await callOnce(dispatcher, {
      origin,
      path: `${prefix}/${path}${search && `?${search}`}`,
      method,
      headers: { authorization: `Bearer ${accessToken}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
      timeoutMs: TIMEOUT_MS,
    });
    return judge(outcome, read);
  }

  /** Whether the account has the number; the first that does ends the search. */
  async function hasNumber(account: MetaAccount, accountId: string, number: string): Promise<Outcome<boolean>> {
    return call(account, 'GET', `${accountId}/phone_numbers`, { fields: 'id', limit: '100' }, (body) =>
      isObject(body) && Array.isArray(body.data) ? body.data.some((one) => isObject(one) && one.id === number) : null,
    );
  }

  return {
    async findAccount({ providerId, account }) {
      if (account.businessAccountId) return { kind: 'ok', value: { accountId: account.businessAccountId } };
      // The token itself names the accounts that it was granted.
      const granted = await call(account, 'GET', 'debug_token', { input_token: account.accessToken }, readGrants);
      if (granted.kind !== 'ok') return granted;
      for (const accountId of granted.value.slice(0, MAX_ACCOUNTS)) {
        const found = await hasNumber(account, accountId, providerId);
        if (found.kind === 'ok' && found.value) return { kind: 'ok', value: { accountId } };
      }
      return { kind: 'ok', value: { accountId: null } };
    },
    list: ({ accountId, account }, after) =>
      call(
        account,
        'GET',
        `${accountId}/message_templates`,
        { fields: FIELDS, limit: String(PAGE), ...(after && { after }) },
        readPage,
      ),
    create: ({ accountId, account }, { name, language, category, parameterFormat, components }) =>
      call(account, 'POST', `${accountId}/message_templates`, {}, readSubmitted, {
        name,
        language,
        category: category.toUpperCase(),
        parameter_format: parameterFormat.toUpperCase(),
        components,
      }),
    edit: ({ account }, id, { category, components }) =>
      call(account, 'POST', id, {}, readSuccess, {
        ...(category && { category: category.toUpperCase() }),
        ...(components && { components }),
      }),
    async remove({ accountId, account }, { id, name }) {
      const outcome = await call(
        account,
        'DELETE',
        `${accountId}/message_templates`,
        { hsm_id: id, name },
        readSuccess,
      );
      if (outcome.kind !== 'refused' || outcome.refusal.code !== '100') return outcome;
      // It may be gone already: Meta has no code of its own for that.
      const left = await call(account, 'GET', `${accountId}/message_templates`, { fields: 'id', name }, readIds);
      return left.kind === 'ok' && !left.value.includes(id) ? { kind: 'ok', value: { done: true } } : outcome;
    },
    examples: createMetaExamples(options),
    problemOf,
  };
}

const readSuccess = (body: unknown): { done: true } | null =>
  isObject(body) && body.success === true ? { done: true } : null;

function readSubmitted(body: unknown): Submitted | null {
  if (!isObject(body)) return null;
  const id = idOf(body.id);
  if (!id) return null;
  return { id, status: statusOf(body.status) ?? 'pending', category: categoryOf(body.category) ?? 'utility' };
}

function readPage(body: unknown): { items: ProviderTemplate[]; next: string | null } | null {
  if (!isObject(body) || !Array.isArray(body.data)) return null;
  const paging = isObject(body.paging) ? body.paging : {};
  const cursors = isObject(paging.cursors) ? paging.cursors : {};
  return {
    items: body.data.flatMap((one) => (isObject(one) ? (readTemplate(one) ?? []) : [])),
    next: string(paging.next) === null ? null : string(cursors.after),
  };
}

/** Null for one that cannot be named. */
export function readTemplate(source: Json): ProviderTemplate | null {
  const [id, name, language] = [idOf(source.id), string(source.name), string(source.language)];
  if (!id || !name || !language) return null;
  const reason = string(source.rejected_reason);
  const quality = isObject(source.quality_score) ? source.quality_score.score : source.quality_score;
  return {
    id,
    name: cleanText(name, 512),
    language: cleanText(language, 20),
    category: categoryOf(source.category) ?? 'utility',
    previousCategory: categoryOf(source.previous_category),
    nextCategory: categoryOf(source.correct_category),
    status: statusOf(source.status) ?? 'unknown',
    reason: reason === null || reason === '' || reason === 'NONE' ? null : cleanText(reason, 500),
    quality: qualityOf(quality),
    parameterFormat: (string(source.parameter_format) ?? '').toUpperCase() === 'NAMED' ? 'named' : 'positional',
    components: readComponents(source.components),
  };
}

const readComponents = (value: unknown): Template['components'] =>
  Array.isArray(value)
    ? value.filter((one): one is TemplateComponent => isObject(one) && typeof one.type === 'string')
    : [];

function readIds(body: unknown): string[] | null {
  if (!isObject(body) || !Array.isArray(body.data)) return null;
  return body.data.flatMap((one) => (isObject(one) ? (idOf(one.id) ?? []) : []));
}

/** The accounts that a token may manage. */
function readGrants(body: unknown): string[] | null {
  const data = isObject(body) && isObject(body.data) ? body.data : null;
  if (!data) return null;
  const scopes = Array.isArray(data.granular_scopes) ? data.granular_scopes.filter(isObject) : [];
  const own = scopes.filter(({ scope }) => String(scope).startsWith('whatsapp_business_'));
  const ids = own.flatMap(({ target_ids }) => (Array.isArray(target_ids) ? target_ids : []));
  return [...new Set(ids.flatMap((id) => idOf(id) ?? []))];
}

function idOf(value: unknown): string | null {
  const id = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : string(value);
  return id ? cleanId(id) : null;
}
