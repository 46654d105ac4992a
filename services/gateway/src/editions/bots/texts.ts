import { spanish } from '../../languages/es.ts';
import { withWords } from '../../languages/language.ts';

/** Spanish, with the sentences of bots.md's examples of errors. */
export const texts = withWords(spanish, {
  fields: { email: 'El email debe tener un formato válido' },
});

/** What a success says. */
export const SUCCESS = {
  registered: 'Empresa y usuario registrados exitosamente',
  emailConfirmed: 'Correo confirmado exitosamente',
  confirmationSent: 'Correo de confirmación enviado',
  loggedIn: 'Inicio de sesión exitoso',
  refreshed: 'Token renovado exitosamente',
  passwordChanged: 'Contraseña actualizada exitosamente',
  loggedOut: 'Sesión cerrada exitosamente',
  instanceCreated: 'Instancia creada exitosamente',
  instanceUpdated: 'Instancia actualizada exitosamente',
  instanceRemoved: 'Instancia eliminada exitosamente',
  messageSent: 'Mensaje enviado exitosamente',
  webhookUpdated: 'Webhook actualizado exitosamente',
  webhookRotated: 'Secreto renovado exitosamente',
  webhookTested: 'Evento de prueba enviado',
  replayOrdered: 'Reenvío iniciado',
} as const;

/** What is wrong with a field of this edition alone. */
export const FIELD = {
  messageKinds: 'Debe ser uno de: text, image, video, document, audio',
  providers: 'Esta versión conecta números de: meta, evolution, wppconnect',
} as const;

/** What a new password lacks. */
export const PASSWORD = {
  tooShort: 'La contraseña debe tener al menos 8 caracteres',
  noUpperCase: 'La contraseña debe incluir una letra mayúscula',
  noLowerCase: 'La contraseña debe incluir una letra minúscula',
  noDigit: 'La contraseña debe incluir un número',
  noSymbol: 'La contraseña debe incluir un símbolo',
} as const;

const LIMITS: Record<string, string> = {
  maxUsers: 'usuarios',
  maxChannels: 'instancias',
  maxMessages: 'mensajes',
  maxConversations: 'conversaciones',
};

/** The plan's limit by name, as the document shows it; null for an unknown one. */
export function planLimitText(limit: string | null): string | null {
  const name = limit === null ? undefined : LIMITS[limit];
  return name ? `Has alcanzado el límite de ${name} para tu plan actual` : null;
}

export const retryText = (seconds: number): string =>
  `Demasiadas solicitudes. Intenta de nuevo en ${waitText(seconds)}`;

function waitText(seconds: number): string {
  const minutes = Math.ceil(seconds / 60);
  if (seconds < 60) return seconds === 1 ? '1 segundo' : `${seconds} segundos`;
  return minutes === 1 ? '1 minuto' : `${minutes} minutos`;
}
