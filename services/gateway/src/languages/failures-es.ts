import type { FailureTexts } from './failures.ts';

const WAIT = 'Espere unos minutos y vuelva a enviarlo';
const TOKEN = 'Pida a un administrador que renueve el token de acceso del número';
const SUPPORT = 'Revise el estado de la cuenta en el administrador de WhatsApp de Meta';
const TEMPLATE = 'Corrija los valores de la plantilla y vuelva a enviarla';
const MESSAGE = 'Corrija el mensaje y vuelva a enviarlo';

/** Why a message failed, and what to do about it. */
export const spanishFailures: FailureTexts = {
  0: { message: 'El token de acceso no es válido', remedy: TOKEN },
  1: { message: 'WhatsApp tuvo un problema desconocido', remedy: WAIT },
  2: { message: 'WhatsApp no está disponible por el momento', remedy: WAIT },
  3: { message: 'El token de acceso no permite esta operación', remedy: TOKEN },
  4: { message: 'La aplicación alcanzó su límite de llamadas', remedy: WAIT },
  10: { message: 'A la aplicación le falta un permiso', remedy: 'Pida a un administrador que dé el permiso en Meta' },
  100: { message: 'WhatsApp no aceptó el mensaje', remedy: MESSAGE },
  190: { message: 'El token de acceso no es válido o expiró', remedy: TOKEN },
  368: { message: 'La cuenta está bloqueada por infringir las políticas de WhatsApp', remedy: SUPPORT },
  80007: { message: 'La cuenta alcanzó su límite de envíos', remedy: WAIT },
  130429: { message: 'El número alcanzó su límite de envíos por segundo', remedy: WAIT },
  130472: {
    message: 'El cliente participa en un experimento de WhatsApp y no recibe este mensaje',
    remedy: 'Contacte al cliente por otro medio, o espere a que escriba',
  },
  130497: {
    message: 'La empresa no puede escribir a clientes de este país',
    remedy: 'Contacte al cliente por otro medio',
  },
  131000: { message: 'WhatsApp tuvo un problema desconocido', remedy: WAIT },
  131005: { message: 'Al token de acceso le falta un permiso', remedy: TOKEN },
  131008: { message: 'Al mensaje le falta una parte obligatoria', remedy: MESSAGE },
  131009: { message: 'Una parte del mensaje no es válida', remedy: MESSAGE },
  131016: { message: 'WhatsApp no está disponible por el momento', remedy: WAIT },
  131020: { message: 'No hay nadie más en el grupo', remedy: 'Escriba cuando alguien se haya unido al grupo' },
  131021: { message: 'El número no puede escribirse a sí mismo', remedy: 'Elija otro destinatario' },
  131026: {
    message:
      'El mensaje no se puede entregar: el cliente no usa WhatsApp, bloqueó el número o tiene una versión antigua',
    remedy: 'Compruebe el número del cliente, o contáctelo por otro medio',
  },
  131030: {
    message: 'El cliente no está entre los destinatarios del número de prueba',
    remedy: 'Agréguelo a la lista del número de prueba en Meta',
  },
  131031: { message: 'La cuenta de WhatsApp de la empresa está bloqueada', remedy: SUPPORT },
  131037: {
    message: 'El nombre visible del número aún no está aprobado',
    remedy: 'Espere la aprobación de Meta, o cambie el nombre visible',
  },
  131041: {
    message: 'El grupo no existe o el número no está en él',
    remedy: 'Vuelva a entrar en el grupo con el número',
  },
  131042: {
    message: 'La cuenta de la empresa tiene un problema de pago',
    remedy: 'Revise la forma de pago en el administrador de WhatsApp de Meta',
  },
  131045: {
    message: 'El número no está bien registrado en WhatsApp',
    remedy: 'Pida a un administrador que registre el número otra vez',
  },
  131047: {
    message: 'Pasaron más de 24 horas desde el último mensaje del cliente',
    remedy: 'Envíe una plantilla',
  },
  131048: {
    message: 'El número está restringido porque varios clientes lo reportaron',
    remedy: 'Deje de enviar por unas horas y revise la calidad del número en Meta',
  },
  131049: {
    message: 'WhatsApp retiene por ahora los mensajes de marketing para este cliente',
    remedy: 'Vuelva a enviarlo después de 24 horas',
  },
  131050: {
    message: 'El cliente no quiere recibir mensajes de marketing de la empresa',
    remedy: 'No le envíe marketing; espere a que escriba',
  },
  131051: { message: 'WhatsApp no admite este tipo de mensaje', remedy: 'Envíelo como otro tipo de mensaje' },
  131052: { message: 'El archivo no se pudo descargar', remedy: 'Suba el archivo otra vez' },
  131053: { message: 'El archivo no se pudo subir', remedy: 'Compruebe el formato y el tamaño del archivo' },
  131056: { message: 'Se enviaron demasiados mensajes a este cliente en poco tiempo', remedy: WAIT },
  131057: { message: 'La cuenta está en mantenimiento', remedy: WAIT },
  131062: { message: 'El mensaje no se puede enviar a este cliente', remedy: 'Contacte al cliente por otro medio' },
  131064: {
    message: 'El número está restringido por su calidad',
    remedy: 'Deje de enviar por unas horas y revise la calidad del número en Meta',
  },
  132000: { message: 'La plantilla espera otra cantidad de valores', remedy: TEMPLATE },
  132001: {
    message: 'La plantilla no existe en este idioma o no está aprobada',
    remedy: 'Compruebe el nombre, el idioma y el estado de la plantilla',
  },
  132005: { message: 'El texto de la plantilla con sus valores es demasiado largo', remedy: TEMPLATE },
  132007: {
    message: 'La plantilla infringe una regla de WhatsApp',
    remedy: 'Cambie la plantilla y espere su aprobación',
  },
  132008: { message: 'Un valor de la plantilla no es válido', remedy: TEMPLATE },
  132012: { message: 'Un valor de la plantilla no tiene el formato correcto', remedy: TEMPLATE },
  132015: { message: 'La plantilla está en pausa por su calidad', remedy: 'Use otra plantilla, o mejore esta' },
  132016: { message: 'La plantilla está desactivada por su calidad', remedy: 'Use otra plantilla' },
  132068: { message: 'El formulario está bloqueado', remedy: 'Corrija el formulario en Meta' },
  132069: { message: 'El formulario alcanzó su límite de envíos', remedy: WAIT },
  133010: {
    message: 'El número no está registrado en WhatsApp',
    remedy: 'Pida a un administrador que registre el número',
  },
  133015: { message: 'El número fue eliminado hace un momento', remedy: WAIT },
  133016: {
    message: 'El número se registró demasiadas veces',
    remedy: 'Espere 72 horas antes de registrarlo otra vez',
  },
  135000: { message: 'WhatsApp rechazó el mensaje sin decir la causa', remedy: MESSAGE },
  bad_key: {
    message: 'La clave del servidor de WhatsApp no es válida',
    remedy: 'Pida a un administrador que revise la clave del número',
  },
  bad_request: { message: 'El servidor de WhatsApp no aceptó el mensaje', remedy: MESSAGE },
  bad_token: {
    message: 'El token de la sesión de WhatsApp no es válido',
    remedy: 'Pida a un administrador que revise la clave del número',
  },
  connection_closed: {
    message: 'El teléfono no está conectado al servidor de WhatsApp',
    remedy: 'Encienda el teléfono y conecte el número otra vez',
  },
  delivery_error: {
    message: 'WhatsApp no pudo entregar el mensaje',
    remedy: 'Compruebe el número del cliente, o contáctelo por otro medio',
  },
  group_not_found: {
    message: 'El grupo no existe o el teléfono no está en él',
    remedy: 'Vuelva a entrar en el grupo con el teléfono',
  },
  instance_not_found: {
    message: 'El servidor de WhatsApp no tiene esta instancia',
    remedy: 'Conecte el número otra vez',
  },
  number_not_on_whatsapp: { message: 'El número no tiene WhatsApp', remedy: 'Compruebe el número del cliente' },
  session_closed: {
    message: 'La sesión de WhatsApp está cerrada',
    remedy: 'Encienda el teléfono y conecte el número otra vez',
  },
  channel_not_found: { message: 'El número ya no está conectado', remedy: 'Conecte el número otra vez' },
  channel_not_connected: {
    message: 'El número no está conectado o no puede enviar por ahora',
    remedy: 'Revise el estado del número y conéctelo otra vez',
  },
  daily_limit: {
    message: 'El número alcanzó su límite de mensajes del día',
    remedy: 'Vuelva a enviarlo mañana, o aumente el límite del número',
  },
  file_gone: { message: 'El archivo fue eliminado antes de enviarse', remedy: 'Suba el archivo otra vez y envíelo' },
  expired: { message: 'El mensaje esperó demasiado y no se envió', remedy: 'Vuelva a enviarlo si aún hace falta' },
  http: { message: 'WhatsApp no aceptó la solicitud', remedy: WAIT },
  messaging_limit: {
    message: 'El número alcanzó su límite de clientes a los que puede escribir primero en 24 horas',
    remedy: 'Espere a que el cliente escriba, o vuelva a enviarlo cuando pasen 24 horas',
  },
  no_recipient: {
    message: 'El cliente no tiene una dirección a la que escribir',
    remedy: 'Agregue un número al contacto',
  },
  paced: { message: 'WhatsApp admite pocos mensajes seguidos a un mismo cliente: este espera su turno', remedy: WAIT },
  unreachable: { message: 'No se pudo contactar a WhatsApp', remedy: WAIT },
  unavailable: { message: 'El número no se pudo leer', remedy: WAIT },
  uncertain: {
    message: 'WhatsApp no confirmó este mensaje: puede haberse entregado o no. No se envió otra vez',
    remedy: 'Pregunte al cliente si lo recibió antes de enviarlo otra vez',
  },
  unknown: { message: 'WhatsApp no dio la causa', remedy: WAIT },
  unsupported_type: {
    message: 'El proveedor del número no envía este tipo de mensaje',
    remedy: 'Envíelo como texto, o desde otro número',
  },
};
