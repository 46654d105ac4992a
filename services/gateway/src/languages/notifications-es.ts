import { because, inBrackets, type NotificationTexts, quoted } from './notifications.ts';

export const spanishNotifications: NotificationTexts = {
  'channel.lost': ({ name, phone }) => ({
    title: 'WhatsApp desconectado',
    message: `El número${quoted(name)}${inBrackets(phone)} perdió la conexión con WhatsApp`,
  }),
  'channel.restored': ({ name, phone }) => ({
    title: 'WhatsApp conectado',
    message: `El número${quoted(name)}${inBrackets(phone)} volvió a conectarse`,
  }),
  'channel.limited': ({ name, phone }) => ({
    title: 'Límite de mensajes entrantes',
    message: `El número${quoted(name)}${inBrackets(phone)} recibe más de lo que permite el plan; el resto llegará más tarde`,
  }),
  'webhook.disabled': ({ name, reason }) => ({
    title: 'Webhook desactivado',
    message: `El webhook${quoted(name)} se desactivó: ${reason === 'gone' ? 'su servidor respondió 410' : 'todos los envíos fallaron durante 5 días'}`,
  }),
  'template.rejected': ({ name, language, reason }) => ({
    title: 'Plantilla rechazada',
    message: `WhatsApp rechazó la plantilla${quoted(name)}${inBrackets(language)}${because(reason)}`,
  }),
  'template.paused': ({ name, language, status, reason }) => ({
    title: status === 'disabled' ? 'Plantilla deshabilitada' : 'Plantilla pausada',
    message: `WhatsApp ${status === 'disabled' ? 'deshabilitó' : 'pausó'} la plantilla${quoted(name)}${inBrackets(language)}${because(reason)}`,
  }),
  'template.category': ({ name, language, from, to, done }) => ({
    title: 'Cambio de categoría',
    message: `WhatsApp ${done ? 'cambió' : 'cambiará'} la categoría de la plantilla${quoted(name)}${inBrackets(language)}${fromTo(from, to)}. Su precio puede ser otro`,
  }),
  'channel.alerted': ({ name, phone, code, text }) => ({
    title: 'Aviso de WhatsApp',
    message: `WhatsApp avisa sobre el número${quoted(name)}${inBrackets(phone)}${says(text ?? code)}`,
  }),
  'conversation.assigned': ({ contactName }) => ({
    title: 'Nueva conversación asignada',
    message: contactName ? `Te asignaron la conversación con ${contactName}` : 'Te asignaron una conversación',
  }),
  'sla.warned': ({ contactName, target }) => ({
    title: 'Plazo por vencer',
    message: `Pronto vence el plazo${targetOf(target)} del chat${withWhom(contactName)}`,
  }),
  'sla.breached': ({ contactName, target }) => ({
    title: 'Plazo incumplido',
    message: `Venció el plazo${targetOf(target)} del chat${withWhom(contactName)}`,
  }),
  'broadcast.finished': ({ name, sent, total }) => ({
    title: 'Envío completado',
    message: `El envío${quoted(name)} terminó${amount(sent, total)}`,
  }),
  'broadcast.failed': ({ name, sent, total }) => ({
    title: 'Envío fallido',
    message: `El envío${quoted(name)} no se pudo completar${amount(sent, total)}`,
  }),
  'note.mentioned': ({ contactName }) => ({
    title: 'Te mencionaron',
    message: `Te mencionaron en una nota del chat${withWhom(contactName)}`,
  }),
  'scheduled-message.failed': ({ contactName }) => ({
    title: 'Mensaje programado sin enviar',
    message: `No se envió el mensaje programado${withWhom(contactName)}`,
  }),
  'task.reminder': ({ title }) => ({
    title: 'Recordatorio de tarea',
    message: `Recuerda la tarea${quoted(title)}`,
  }),
  'task.due': ({ title }) => ({
    title: 'Tarea vencida',
    message: `La tarea${quoted(title)} venció y no está completada`,
  }),
  'backup.finished': () => ({ title: 'Backup completado', message: 'El backup está listo para descargarse' }),
  'import.finished': ({ fileName, imported, total, invalid }) => ({
    title: 'Importación completada',
    message: `El archivo${quoted(fileName)} se importó${rows(imported, total)}${invalid ? `, ${invalid} con errores` : ''}`,
  }),
  'import.failed': ({ fileName }) => ({
    title: 'Importación fallida',
    message: `El archivo${quoted(fileName)} no se pudo importar por completo`,
  }),
  'backup.failed': () => ({ title: 'Backup fallido', message: 'El backup no se pudo completar' }),
};

const TARGETS: Record<string, string> = {
  first_response: ' de primera respuesta',
  next_response: ' de respuesta',
  resolution: ' de resolución',
};
const targetOf = (target: string | number | null | undefined): string => TARGETS[String(target)] ?? '';
const withWhom = (name: string | number | null | undefined): string => (name ? ` con ${name}` : '');

const amount = (sent: string | number | null | undefined, total: string | number | null | undefined): string =>
  sent === null || sent === undefined || total === null || total === undefined
    ? ''
    : `: ${sent} de ${total} mensajes enviados`;

const rows = (imported: string | number | null | undefined, total: string | number | null | undefined): string =>
  imported === null || imported === undefined || total === null || total === undefined
    ? ''
    : `: ${imported} de ${total} filas`;

const CATEGORIES: Record<string, string> = {
  marketing: 'marketing',
  utility: 'utilidad',
  authentication: 'autenticación',
};
const category = (value: string | number | null | undefined): string => CATEGORIES[String(value)] ?? String(value);
const fromTo = (from: string | number | null | undefined, to: string | number | null | undefined): string =>
  from && to ? `: ${category(from)} → ${category(to)}` : '';

const says = (words: string | number | null | undefined): string => (words ? `: ${words}` : '');
