import { email, factorCode, invitationCode, password, proofCode, slug, text, uuid } from '@recado/contracts';
import { z } from 'zod';

export const loginBody = z.strictObject({
  email: email(),
  password: z.string().min(1).max(256),
  code: factorCode().optional().describe('Segundo fator, se o usuário o ativou: seis dígitos ou um código de backup'),
});

export const registerBody = z.strictObject({
  tenantName: text(120),
  tenantSlug: slug(),
  userName: text(120),
  email: email(),
  password: password(),
  invitation: invitationCode().optional().describe('Código do operador; só onde o cadastro é por convite'),
});

export const confirmBody = z.strictObject({
  token: z.string().min(1).max(128).optional().describe('Do link do e-mail; não é preciso entrar'),
  code: proofCode().optional().describe('Os oito dígitos do e-mail; com a sessão iniciada'),
});

export const changePasswordBody = z.strictObject({
  currentPassword: z.string().min(1).max(256),
  newPassword: password(),
});

export const me = z
  .object({
    user: z.object({
      id: uuid(),
      email: z.string(),
      name: z.string(),
      role: z.enum(['ADMIN', 'SUPERVISOR', 'AGENT']),
      tenantId: uuid(),
    }),
    tenant: z.object({ id: uuid(), slug: slug(), name: z.string() }),
  })
  .meta({ id: 'Me' });

export const session = me.extend({ token: z.string() }).meta({ id: 'Session' });
