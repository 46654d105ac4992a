import { withWords } from '../../languages/language.ts';
import { portuguese } from '../../languages/pt.ts';

/** Portuguese. inbox.md has no example of an error, but its own table of WhatsApp's codes. */
export const texts = withWords(portuguese, {
  failures: {
    131026: { message: 'A mensagem não pode ser entregue', hint: 'O número bloqueou a empresa ou não existe' },
    131031: { message: 'O número não tem WhatsApp', hint: 'Verifique o número do cliente' },
    131047: { message: 'Fora da janela de 24 horas', hint: 'Use um template' },
    133015: { message: 'O template não existe', hint: 'Verifique o nome do template' },
    133016: { message: 'O template está pausado', hint: 'Ative o template na Meta' },
  },
});

/** What a success says. */
export const SUCCESS = {
  emailConfirmed: 'E-mail confirmado com sucesso',
  confirmationSent: 'E-mail de confirmação enviado',
  loggedOut: 'Sessão encerrada com sucesso',
  passwordChanged: 'Senha alterada com sucesso',
} as const;

/** What is wrong with a field of this edition alone. */
export const FIELD = {
  messageKinds: 'Deve ser um de: TEXT, IMAGE, VIDEO, DOCUMENT, AUDIO, STICKER, LOCATION, REACTION',
  fileOrLink: 'Deve ser uma URL http(s) ou o id de um arquivo',
} as const;

export const INVALID_CONVERSATION_ID = 'O identificador da conversa é inválido';

/** The line of a template that was sent. */
export const templateText = (name: string): string => `Template: ${name}`;
