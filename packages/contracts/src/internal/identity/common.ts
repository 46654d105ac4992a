import { z } from 'zod';
import { factorCode } from '../../primitives.ts';

export const code = factorCode().describe('Six digits of the authenticator, or a backup code');
export const ok = { 204: z.null() };

export const client = {
  ip: z.string().max(64).optional(),
  userAgent: z.string().max(512).optional(),
  device: z.string().max(64).optional().describe('A random mark that the browser keeps'),
  sharedAddress: z.boolean().optional().describe('Many people may come from the address: a proxy stands between'),
};
