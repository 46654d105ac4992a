import type { MailLanguage } from './store.ts';

export interface MailText {
  subject: string;
  text: string;
}

/** Nothing in it comes from who registers: mails are no way to send others one's own words. */
interface Confirmation {
  code: string;
  /** Null without a page of the operator's. */
  link: string | null;
}

/** The mail that proves an address. */
export const confirmationText = (language: MailLanguage, given: Confirmation): MailText => CONFIRM[language](given);

/** The mail to the owner of an address that was registered again. It holds no code. */
export const warningText = (language: MailLanguage): MailText => WARN[language];

const CONFIRM: Record<MailLanguage, (given: Confirmation) => MailText> = {
  es: ({ code, link }) => ({
    subject: 'Confirma tu correo electrónico',
    text: lines(
      'Alguien registró una empresa con este correo.',
      `Código de confirmación: ${code}`,
      link && `O abre este enlace: ${link}`,
      'Si no fuiste tú, ignora este mensaje: sin el código la empresa se elimina.',
    ),
  }),
  pt: ({ code, link }) => ({
    subject: 'Confirme seu e-mail',
    text: lines(
      'Alguém cadastrou uma empresa com este e-mail.',
      `Código de confirmação: ${code}`,
      link && `Ou abra este link: ${link}`,
      'Se não foi você, ignore esta mensagem: sem o código a empresa é removida.',
    ),
  }),
};

const WARN: Record<MailLanguage, MailText> = {
  es: {
    subject: 'Alguien intentó registrarse con tu correo',
    text: lines(
      'Este correo ya tiene una cuenta, y alguien intentó registrar otra empresa con él.',
      'Si fuiste tú, inicia sesión con la cuenta que ya tienes. Si no, no hace falta que hagas nada.',
    ),
  },
  pt: {
    subject: 'Alguém tentou se cadastrar com seu e-mail',
    text: lines(
      'Este e-mail já tem uma conta, e alguém tentou cadastrar outra empresa com ele.',
      'Se foi você, entre com a conta que já tem. Se não, não é preciso fazer nada.',
    ),
  },
};

function lines(...paragraphs: (string | null)[]): string {
  return `${paragraphs.filter(Boolean).join('\n\n')}\n`;
}
