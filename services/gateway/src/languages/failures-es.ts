import type { FailureTexts } from './failures.ts';

const WAIT = 'Espera unos minutos y vuelve a enviarlo';
const TOKEN = 'Pide a un administrador que renueve el token de acceso del número';
const SUPPORT = 'Revisa el estado de la cuenta en el administrador de WhatsApp de Meta';
const TEMPLATE = 'Corrige los valores de la plantilla y vuelve a enviarla';
const MESSAGE = 'Corrige el mensaje y vuelve a enviarlo';

/** Why a message failed, and what to do about it. */
export const spanishFailures: FailureTexts = {
  0: { message: 'El token de acceso no es válido', hint: TOKEN },
  1: { message: 'WhatsApp tuvo un problema desconocido', hint: WAIT },
  2: { message: 'WhatsApp no está disponible por el momento', hint: WAIT },
  3: { message: 'El token de acceso no permite esta operación', hint: TOKEN },
  4: { message: 'La aplicación alcanzó su límite de llamadas', hint: WAIT },
  10: { message: 'A la aplicación le falta un permiso', hint: 'Pide a un administrador que dé el permiso en Meta' },
  100: { message: 'WhatsApp no aceptó el mensaje', hint: MESSAGE },
  190: { message: 'El token de acceso no es válido o expiró', hint: TOKEN },
  368: { message: 'La cuenta está bloqueada por infringir las políticas de WhatsApp', hint: SUPPORT },
  80007: { message: 'La cuenta alcanzó su límite de envíos', hint: WAIT },
  130429: { message: 'El número alcanzó su límite de envíos por segundo', hint: WAIT },
  130472: {
    message: 'El cliente participa en un experimento de WhatsApp y no recibe este mensaje',
    hint: 'Contacta al cliente por otro medio, o espera a que escriba',
  },
  130497: {
    message: 'La empresa no puede escribir a clientes de este país',
    hint: 'Contacta al cliente por otro medio',
  },
  131000: { message: 'WhatsApp tuvo un problema desconocido', hint: WAIT },
  131005: { message: 'Al token de acceso le falta un permiso', hint: TOKEN },
  131008: { message: 'Al mensaje le falta una parte obligatoria', hint: MESSAGE },
  131009: { message: 'Una parte del mensaje no es válida', hint: MESSAGE },
  131016: { message: 'WhatsApp no está disponible por el momento', hint: WAIT },
  131020: { message: 'No hay nadie más en el grupo', hint: 'Escribe cuando alguien se haya unido al grupo' },
  131021: { message: 'El número no puede escribirse a sí mismo', hint: 'Elige otro destinatario' },
  131026: {
    message:
      'El mensaje no se puede entregar: el cliente no usa WhatsApp, bloqueó el número o tiene una versión antigua',
    hint: 'Comprueba el número del cliente, o contáctalo por otro medio',
  },
  131030: {
    message: 'El cliente no está entre los destinatarios del número de prueba',
    hint: 'Agrégalo a la lista del número de prueba en Meta',
  },
  131031: { message: 'La cuenta de WhatsApp de la empresa está bloqueada', hint: SUPPORT },
  131037: {
    message: 'El nombre visible del número aún no está aprobado',
    hint: 'Espera la aprobación de Meta, o cambia el nombre visible',
  },
  131041: {
    message: 'El grupo no existe o el número no está en él',
    hint: 'Vuelve a entrar en el grupo con el número',
  },
  131042: {
    message: 'La cuenta de la empresa tiene un problema de pago',
    hint: 'Revisa la forma de pago en el administrador de WhatsApp de Meta',
  },
  131045: {
    message: 'El número no está bien registrado en WhatsApp',
    hint: 'Pide a un administrador que registre el número otra vez',
  },
  131047: {
    message: 'Pasaron más de 24 horas desde el último mensaje del cliente',
    hint: 'Envía una plantilla',
  },
  131048: {
    message: 'El número está restringido porque varios clientes lo reportaron',
    hint: 'Deja de enviar por unas horas y revisa la calidad del número en Meta',
  },
  131049: {
    message: 'WhatsApp retiene por ahora los mensajes de marketing para este cliente',
    hint: 'Vuelve a enviarlo después de 24 horas',
  },
  131050: {
    message: 'El cliente no quiere recibir mensajes de marketing de la empresa',
    hint: 'No le envíes marketing; espera a que escriba',
  },
  131051: { message: 'WhatsApp no admite este tipo de mensaje', hint: 'Envíalo como otro tipo de mensaje' },
  131052: { message: 'El archivo no se pudo descargar', hint: 'Sube el archivo otra vez' },
  131053: { message: 'El archivo no se pudo subir', hint: 'Comprueba el formato y el tamaño del archivo' },
  131056: { message: 'Se enviaron demasiados mensajes a este cliente en poco tiempo', hint: WAIT },
  131057: { message: 'La cuenta está en mantenimiento', hint: WAIT },
  131062: { message: 'El mensaje no se puede enviar a este cliente', hint: 'Contacta al cliente por otro medio' },
  131064: {
    message: 'El número está restringido por su calidad',
    hint: 'Deja de enviar por unas horas y revisa la calidad del número en Meta',
  },
  132000: { message: 'La plantilla espera otra cantidad de valores', hint: TEMPLATE },
  132001: {
    message: 'La plantilla no existe en este idioma o no está aprobada',
    hint: 'Comprueba el nombre, el idioma y el estado de la plantilla',
  },
  132005: { message: 'El texto de la plantilla con sus valores es demasiado largo', hint: TEMPLATE },
  132007: {
    message: 'La plantilla infringe una regla de WhatsApp',
    hint: 'Cambia la plantilla y espera su aprobación',
  },
  132008: { message: 'Un valor de la plantilla no es válido', hint: TEMPLATE },
  132012: { message: 'Un valor de la plantilla no tiene el formato correcto', hint: TEMPLATE },
  132015: { message: 'La plantilla está en pausa por su calidad', hint: 'Usa otra plantilla, o mejora esta' },
  132016: { message: 'La plantilla está desactivada por su calidad', hint: 'Usa otra plantilla' },
  132068: { message: 'El formulario está bloqueado', hint: 'Corrige el formulario en Meta' },
  132069: { message: 'El formulario alcanzó su límite de envíos', hint: WAIT },
  133010: {
    message: 'El número no está registrado en WhatsApp',
    hint: 'Pide a un administrador que registre el número',
  },
  133015: { message: 'El número fue eliminado hace un momento', hint: WAIT },
  133016: {
    message: 'El número se registró demasiadas veces',
    hint: 'Espera 72 horas antes de registrarlo otra vez',
  },
  135000: { message: 'WhatsApp rechazó el mensaje sin decir la causa', hint: MESSAGE },
  bad_key: {
    message: 'La clave del servidor de WhatsApp no es válida',
    hint: 'Pide a un administrador que revise la clave del número',
  },
  bad_request: { message: 'El servidor de WhatsApp no aceptó el mensaje', hint: MESSAGE },
  bad_token: {
    message: 'El token de la sesión de WhatsApp no es válido',
    hint: 'Pide a un administrador que revise la clave del número',
  },
  connection_closed: {
    message: 'El teléfono no está conectado al servidor de WhatsApp',
    hint: 'Enciende el teléfono y conecta el número otra vez',
  },
  delivery_error: {
    message: 'WhatsApp no pudo entregar el mensaje',
    hint: 'Comprueba el número del cliente, o contáctalo por otro medio',
  },
  group_not_found: {
    message: 'El grupo no existe o el teléfono no está en él',
    hint: 'Vuelve a entrar en el grupo con el teléfono',
  },
  instance_not_found: {
    message: 'El servidor de WhatsApp no tiene esta instancia',
    hint: 'Conecta el número otra vez',
  },
  number_not_on_whatsapp: { message: 'El número no tiene WhatsApp', hint: 'Comprueba el número del cliente' },
  session_closed: {
    message: 'La sesión de WhatsApp está cerrada',
    hint: 'Enciende el teléfono y conecta el número otra vez',
  },
  channel_not_found: { message: 'El número ya no está conectado', hint: 'Conecta el número otra vez' },
  channel_not_connected: {
    message: 'El número no está conectado o no puede enviar por ahora',
    hint: 'Revisa el estado del número y conéctalo otra vez',
  },
  daily_limit: {
    message: 'El número alcanzó su límite de mensajes del día',
    hint: 'Vuelve a enviarlo mañana, o aumenta el límite del número',
  },
  contact_erased: { message: 'El contacto fue eliminado antes del envío', hint: 'No se puede enviar' },
  file_gone: { message: 'El archivo fue eliminado antes de enviarse', hint: 'Sube el archivo otra vez y envíalo' },
  expired: { message: 'El mensaje esperó demasiado y no se envió', hint: 'Vuelve a enviarlo si aún hace falta' },
  http: { message: 'WhatsApp no aceptó la solicitud', hint: WAIT },
  messaging_limit: {
    message: 'El número alcanzó su límite de clientes a los que puede escribir primero en 24 horas',
    hint: 'Espera a que el cliente escriba, o vuelve a enviarlo cuando pasen 24 horas',
  },
  no_recipient: {
    message: 'El cliente no tiene una dirección a la que escribir',
    hint: 'Agrega un número al contacto',
  },
  paced: { message: 'WhatsApp admite pocos mensajes seguidos a un mismo cliente: este espera su turno', hint: WAIT },
  unreachable: { message: 'No se pudo contactar a WhatsApp', hint: WAIT },
  unavailable: { message: 'El número no se pudo leer', hint: WAIT },
  uncertain: {
    message: 'WhatsApp no confirmó este mensaje: puede haberse entregado o no. No se envió otra vez',
    hint: 'Pregunta al cliente si lo recibió antes de enviarlo otra vez',
  },
  unknown: { message: 'WhatsApp no dio la causa', hint: WAIT },
  unsupported_type: {
    message: 'El proveedor del número no envía este tipo de mensaje',
    hint: 'Envíalo como texto, o desde otro número',
  },
};
