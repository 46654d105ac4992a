import { portuguese } from '../../languages/pt.ts';

/** Portuguese. inbox.md shows no example of an error. */
export const texts = portuguese;

/** What a success says. */
export const SUCCESS = {
  emailConfirmed: 'E-mail confirmado com sucesso',
  confirmationSent: 'E-mail de confirmação enviado',
  loggedOut: 'Sessão encerrada com sucesso',
  passwordChanged: 'Senha alterada com sucesso',
} as const;

export const INVALID_CONVERSATION_ID = 'O identificador da conversa é inválido';
