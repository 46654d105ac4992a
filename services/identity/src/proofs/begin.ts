import type { Tx } from '@recado/database';
import type { Deps } from '../deps.ts';
import { type MailLanguage, queueMail } from '../mails/store.ts';
import { newOpaqueToken, readOpaqueToken } from '../tokens/opaque-token.ts';
import { putProof } from './store.ts';

/**
 * Makes the secret that proves a registration's e-mail, and queues its mail. The table keeps its
 * hash, and itself sealed.
 */
export async function beginProof(
  deps: Pick<Deps, 'sealer'>,
  tx: Tx,
  tenantId: string,
  userId: string,
  mail: { email: string; language: MailLanguage } | null,
): Promise<void> {
  const token = newOpaqueToken(tenantId);
  const { hash } = readOpaqueToken(token)!;
  await putProof(tx, tenantId, userId, hash, deps.sealer.seal(token, tenantId));
  if (mail) await queueMail(tx, tenantId, mail.email, mail.language);
}

/** Mails are in the tenant's language where there are texts for it, else in Spanish. */
export const mailLanguage = ({ language }: { language: string }): MailLanguage => (language === 'pt' ? 'pt' : 'es');
