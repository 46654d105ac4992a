import type { KeyObject } from 'node:crypto';
import { parseForeignJson } from '../../webhooks/clean.ts';
import type { Webhook, WebhookContent } from '../provider.ts';
import type { MetaAccount } from './account.ts';
import { holdsTooMuch, readMetaPayload } from './payload.ts';
import { looksLikeJson, scanIds, scanPhoneNumberIds } from './scan.ts';
import { hasSignatureForm, SIGNATURE_HEADER, verifySignature } from './signature.ts';

/** Numbers in one body. Meta batches up to a thousand changes, of few numbers. */
const MAX_NUMBERS = 500;
/** Different secrets tried for one body. Meta signs a body with the secret of one app. */
const MAX_SECRETS = 8;

const signatureOf = ({ headers }: Webhook): string | null => headers[SIGNATURE_HEADER] ?? null;

export const isSigned = (webhook: Webhook): boolean => hasSignatureForm(signatureOf(webhook));

/** Picks the numbers out of the raw bytes, so that an unsigned body is never parsed. */
export function findNumbers({ body }: Webhook): string[] | null {
  return looksLikeJson(body) ? scanPhoneNumberIds(body, MAX_NUMBERS) : null;
}

/** More than a body about accounts has. */
const MAX_ACCOUNTS = 50;

/** The accounts of a body that names no number; it is not parsed before it is proved. */
export const findAccounts = ({ body }: Webhook): string[] => scanIds(body, MAX_ACCOUNTS) ?? [];

/** Each different secret costs one HMAC. */
export function verifyWebhook(webhook: Webhook, accounts: readonly MetaAccount[]): boolean[] {
  const tried: { key: KeyObject; signs: boolean }[] = [];
  return accounts.map(({ signingKey: key }) => {
    if (!key) return false;
    let known = tried.find((one) => one.key.equals(key));
    if (!known) {
      if (tried.length === MAX_SECRETS) return false;
      known = { key, signs: verifySignature(key, webhook.body, signatureOf(webhook)) };
      tried.push(known);
    }
    return known.signs;
  });
}

export function readWebhook({ body }: Webhook, now: Date, addressed: string | null): WebhookContent | null {
  let json: unknown;
  try {
    json = parseForeignJson(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'));
  } catch {
    return null; // not JSON
  }
  if (typeof json !== 'object' || json === null || holdsTooMuch(json)) return null;
  return readMetaPayload(json, now, addressed);
}
