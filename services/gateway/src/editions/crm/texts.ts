import { spanish } from '../../languages/es.ts';
import { withWords } from '../../languages/language.ts';

/** Spanish, with the sentences of crm.md's examples of errors. */
export const texts = withWords(spanish, {
  errors: { validation_failed: 'Error de validación en los datos enviados' },
  fields: { email: 'El email no es válido', phone: 'Teléfono inválido' },
});

/** What a success says. */
export const SUCCESS = {
  loggedOut: 'Sesión cerrada exitosamente',
  passwordChanged: 'Contraseña actualizada exitosamente',
  twoFactorEnabled: 'Autenticación de dos factores activada exitosamente',
  codeSent: 'Código enviado al teléfono del número',
  scanQr: 'Escanea el código QR con WhatsApp',
  twoFactorDisabled: 'Autenticación de dos factores desactivada exitosamente',
} as const;

/** Why a scheduled message was not sent, beside the refusals of any message. */
export const SCHEDULED_REASONS = {
  user: 'Un usuario lo canceló',
  customer_wrote: 'El cliente escribió antes',
  late: 'Su hora pasó hace más de una hora sin poder enviarse',
  author_gone: 'Su autor ya no es un usuario activo',
  conflict: 'El chat está cerrado',
} as const;

/** What is wrong with a field of this edition alone. */
export const FIELD = {
  shortPassword: 'La contraseña debe tener al menos 8 caracteres',
  unknownRole: 'Rol desconocido',
  notCsv: 'Debe ser uno de: csv',
  notDayOrTime: 'Debe ser una fecha AAAA-MM-DD o una hora ISO 8601',
  notFuture: 'Debe ser una fecha futura',
  notPin: 'Debe tener seis dígitos',
  notDigits: 'Solo puede contener dígitos',
  messageKinds:
    'Debe ser uno de: text, image, video, audio, document, sticker, location, contacts, reaction, buttons, list, link, template, canned_answer',
  providers: 'Esta versión conecta números de: meta, evolution, wppconnect',
} as const;

/** The stages of a board whose maker names none. */
export const BOARD_STAGES = {
  leadStatus: {
    new: 'Nuevo',
    contacted: 'Contactado',
    qualified: 'Calificado',
    proposal: 'Propuesta',
    won: 'Ganado',
    lost: 'Perdido',
  },
  campaign: ['Nuevo', 'En curso', 'Cerrado'],
} as const;
