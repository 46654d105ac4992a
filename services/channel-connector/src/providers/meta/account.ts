import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { newSecret } from '../own-server.ts';
import { signingKey } from './signature.ts';

const id = () => z.string().regex(/^\d{3,32}$/);

/** What a tenant gives to connect a Meta number. */
export const metaCredentials = z
  .strictObject({
    phoneNumberId: id(),
    businessAccountId: id().optional(),
    accessToken: z.string().min(1).max(1024).optional(),
    /** From Embedded Signup, in place of a token; it works once. */
    signupCode: z.string().min(1).max(2048).optional(),
    pin: z
      .string()
      .regex(/^\d{6}$/)
      .optional(),
    /** Without one RECADO_META_APP_SECRET counts; with neither, webhooks are refused. */
    appSecret: z.string().min(8).max(256).optional(),
    verifyToken: z.string().min(1).max(256).default(newSecret),
  })
  .refine(({ accessToken, signupCode }) => (accessToken === undefined) !== (signupCode === undefined), {
    path: ['accessToken'],
    message: 'Either a token or the code of a sign-up is required',
  })
  .refine(({ signupCode, businessAccountId }) => signupCode === undefined || businessAccountId !== undefined, {
    path: ['businessAccountId'],
    message: 'The account of the sign-up is required',
  })
  .transform(({ phoneNumberId, ...secrets }) => ({ providerId: phoneNumberId, secrets }));

const kept = z.object({
  accessToken: z.string(),
  verifyToken: z.string(),
  appSecret: z.string().optional(),
  businessAccountId: z.string().optional(),
});

/** Secrets of a number, ready to use. */
export interface MetaAccount {
  accessToken: string;
  verifyToken: string;
  /** What its webhooks are signed with; null refuses them. */
  signingKey: KeyObject | null;
  /** The WhatsApp business account, when the tenant named it. */
  businessAccountId: string | null;
}

/** Our own note: a PIN that a number was registered with. */
const note = z.object({ registrationPin: z.string().optional() });

export const notesOf = (secrets: object): { registrationPin?: string | undefined } => note.parse(secrets);

export function openAccount(secrets: unknown, installationKey: KeyObject | null): MetaAccount {
  const { accessToken, verifyToken, appSecret, businessAccountId = null } = kept.parse(secrets);
  const key = appSecret ? signingKey(appSecret) : installationKey;
  return { accessToken, verifyToken, signingKey: key, businessAccountId };
}
