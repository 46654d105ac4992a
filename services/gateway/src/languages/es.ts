import { z } from 'zod';
import type { Issue, Language } from './language.ts';
import { spanishNotifications } from './notifications-es.ts';

const fallback = z.locales.es().localeError;
const UNITS: Record<string, [one: string, many: string]> = {
  string: ['carácter', 'caracteres'],
  array: ['elemento', 'elementos'],
  set: ['elemento', 'elementos'],
};
const FORMATS: Record<string, string> = {
  email: 'El email no es válido',
  datetime: 'Debe ser una fecha y hora ISO 8601 en UTC',
  date: 'Debe ser una fecha AAAA-MM-DD',
  url: 'La URL no es válida',
  regex: 'El formato no es válido',
  uuid: 'El identificador no es válido',
};
const TYPES: Record<string, string> = {
  string: 'Debe ser un texto',
  number: 'Debe ser un número',
  int: 'Debe ser un número entero',
  boolean: 'Debe ser verdadero o falso',
  array: 'Debe ser una lista',
  object: 'Debe ser un objeto',
  record: 'Debe ser un objeto',
};

function amount(origin: string, count: number | bigint): string {
  const unit = UNITS[origin];
  return unit ? `${count} ${Number(count) === 1 ? unit[0] : unit[1]}` : String(count);
}

function issueText(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      if ('input' in issue && issue.input === undefined) return 'Este campo es obligatorio';
      return TYPES[issue.expected] ?? text(fallback(issue));
    case 'too_small':
      // A service may say no more than the code.
      if (issue.minimum === undefined) return 'Es demasiado pequeño';
      if (issue.origin === 'string' && issue.minimum === 1) return 'No puede estar vacío';
      if (UNITS[issue.origin]) return `Debe tener al menos ${amount(issue.origin, issue.minimum)}`;
      return `Debe ser mayor ${issue.inclusive === false ? 'que' : 'o igual que'} ${issue.minimum}`;
    case 'too_big':
      if (issue.maximum === undefined) return 'Es demasiado grande';
      if (UNITS[issue.origin]) return `Debe tener como máximo ${amount(issue.origin, issue.maximum)}`;
      return `Debe ser menor ${issue.inclusive === false ? 'que' : 'o igual que'} ${issue.maximum}`;
    case 'invalid_format':
      return FORMATS[issue.format] ?? text(fallback(issue));
    case 'invalid_value':
      return `Debe ser uno de: ${issue.values.map(String).join(', ')}`;
    default:
      return text(fallback(issue));
  }
}

const text = (found: string | { message: string } | null | undefined) =>
  typeof found === 'string' ? found : (found?.message ?? 'Valor inválido');

/** Spanish, for saas, crm, bots and scheduler. */
export const spanish: Language = {
  tag: 'es',
  errors: {
    malformed_json: 'El cuerpo de la solicitud no es JSON válido',
    bad_request: 'La solicitud no es válida',
    validation_failed: 'Los datos proporcionados no son válidos',
    unauthorized: 'Token de autenticación inválido o expirado',
    invalid_credentials: 'Las credenciales no son correctas',
    invalid_signature: 'La firma no es válida',
    token_expired: 'El token de autenticación ha expirado',
    refresh_reused: 'El token de renovación ya fue usado: vuelve a iniciar sesión',
    two_factor_required: 'Se requiere el segundo factor de autenticación',
    forbidden: 'No tienes permisos para acceder a este recurso',
    tenant_suspended: 'La cuenta de la empresa está suspendida',
    email_unproved: 'Confirma tu correo electrónico para continuar: te enviamos un código',
    registration_closed: 'El registro de nuevas empresas está cerrado en esta instalación',
    plan_limit: 'Has alcanzado el límite de tu plan actual',
    not_found: 'El recurso solicitado no fue encontrado',
    route_not_found: 'La ruta solicitada no existe',
    method_not_allowed: 'Método no permitido para esta ruta',
    conflict: 'El recurso ya existe o está en un estado que no lo permite',
    idempotency_in_flight: 'Una solicitud con la misma clave de idempotencia está en curso',
    payload_too_large: 'El cuerpo de la solicitud es demasiado grande',
    unsupported_media_type: 'El tipo de contenido no es compatible: usa application/json',
    unprocessable: 'La solicitud no se puede procesar',
    idempotency_mismatch: 'La clave de idempotencia ya se usó con otro contenido',
    outside_window: 'Pasaron más de 24 horas desde el último mensaje del cliente: solo se puede enviar una plantilla',
    channel_not_connected: 'El número de WhatsApp no está conectado',
    too_many_requests: 'Demasiadas solicitudes. Intenta de nuevo más tarde',
    internal: 'Error interno del servidor',
    bad_gateway: 'Un servicio externo no respondió correctamente',
    unavailable: 'Servicio temporalmente no disponible. Intenta de nuevo en unos segundos',
  },
  notFound: {
    conversation: 'Conversación no encontrada',
    channel: 'Número de WhatsApp no encontrado',
    instance: 'Instancia no encontrada',
    message: 'Mensaje no encontrado',
    contact: 'Contacto no encontrado',
    group: 'Grupo no encontrado',
    user: 'Usuario no encontrado',
    tenant: 'Organización no encontrada',
    role: 'Rol no encontrado',
    api_key: 'Clave de API no encontrada',
    notification: 'Notificación no encontrada',
    event: 'El evento no existe',
  },
  conflict: {
    contact: 'Ya existe un contacto con este teléfono',
    conversation: 'La conversación está cerrada',
    user: 'Ya existe una cuenta con este email',
    tenant: 'Ya existe una organización con ese nombre',
    channel: 'Este número de WhatsApp ya está registrado',
    role: 'Ya existe un rol con ese nombre, o todavía hay usuarios que lo tienen',
    built_in_role: 'Los roles predefinidos no se pueden modificar ni eliminar',
    last_admin: 'Debe quedar al menos un administrador activo',
    two_factor: 'La autenticación de dos factores ya está activada',
    api_key: 'Se alcanzó el máximo de claves de API activas',
  },
  issue: issueText,
  messages: {
    'Invalid time': 'La fecha no es válida',
    'Invalid UUID': 'El identificador no es válido',
    'Not a cursor of this list': 'No es un cursor de esta lista',
    'Not a phone number': 'El número de teléfono no es válido',
    'Invalid phone number': 'El número de teléfono no es válido',
    'Invalid slug': 'Solo puede contener minúsculas, números y guiones',
    'Invalid code': 'El código debe tener seis dígitos, o ser un código de respaldo',
    'Expected HH:MM': 'Debe tener el formato HH:MM',
  },
  unknownField: 'Campo desconocido',
  invalid: 'El valor no es válido',
  codes: {
    phone: 'El número de teléfono no es válido',
    phone_country: 'No es un número válido en el país de la organización; escribe los de otro país con + y su código',
    model: 'Este modelo no está disponible en esta instalación',
    timezone: 'La zona horaria no existe',
    country: 'El país no existe: usa su código ISO de dos letras',
    url: 'La URL no está permitida',
    common_password: 'La contraseña es demasiado común: elige otra',
    invitation: 'La invitación no es válida para este email, ya se usó o ha caducado',
    email_proof: 'El código o el enlace no es correcto, o ha caducado',
    required: 'Este campo es obligatorio',
    unknown: 'Campo desconocido',
    nul: 'No puede contener el carácter nulo',
    ill_formed: 'Contiene caracteres que no son Unicode válido',
    wrong_password: 'La contraseña no es correcta',
    wrong_code: 'El código no es correcto',
    too_deep: 'Tiene demasiados niveles',
    phone_taken: 'Ya existe un contacto con este teléfono',
    unknown_contact: 'Contacto no encontrado',
    unknown_group: 'Grupo no encontrado',
  },
  notifications: spanishNotifications,
};
